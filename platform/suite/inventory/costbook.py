"""The cost of one product in one cost group, move by move: pure, driven by the valuation service.

A layer for each receipt under every method, so that provenance is never lost. Σ remaining value of
the layers is the value of the stock at all times. Moving average: an issue takes round(quantity ×
value ÷ on hand) and the last piece takes the rest; spent layers give their own value and the layer
that is touched last (or next) the difference, so a layer's value under an average is only its part of
the sum. FIFO, standard and specific take a layer's own cost. What leaves before it is there makes a
layer below zero at the last known cost; the next receipt settles it, and the difference is a variance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from kontor.values.columns import new_id
from kontor.values.money import round_amount, round_stored

ZERO = Decimal(0)
AVERAGE, FIFO, STANDARD, SPECIFIC = "average", "fifo", "standard", "specific"
RECEIVE, ISSUE, VARIANCE, REVALUE = "receive", "issue", "variance", "revalue"


@dataclass(slots=True)
class Layer:
    """What one move brought (or, below zero, took before it was there) and what is left of it."""

    id: UUID
    number: int
    on: dt.date
    move: UUID
    quantity: Decimal
    value: Decimal
    remaining: Decimal
    remaining_value: Decimal
    lot: UUID | None = None
    party: UUID | None = None
    is_new: bool = False
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of value in a layer by a move, or by a new standard (no move)."""

    kind: str
    move: UUID | None
    layer: UUID
    quantity: Decimal
    amount: Decimal
    id: UUID = field(default_factory=new_id)


@dataclass(slots=True)
class Book:
    """Quantity, value and open layers of a product in a cost group; collects what changed."""

    method: str
    currency: str
    quantity: Decimal = ZERO
    value: Decimal = ZERO
    last_cost: Decimal = ZERO
    standard: Decimal | None = None
    count: int = 0  # number of the newest layer
    layers: list[Layer] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def unit_cost(self) -> Decimal:
        """What a piece costs at present, for goods whose cost nobody told."""
        if self.method == STANDARD and self.standard is not None:
            return self.standard
        if self.quantity > 0:
            return round_stored(self.value / self.quantity)
        return self.last_cost

    def receive(
        self,
        move: UUID,
        quantity: Decimal,
        value: Decimal,
        on: dt.date,
        *,
        lot: UUID | None = None,
        party: UUID | None = None,
        learn: bool = True,
    ) -> Decimal:
        """Book a receipt worth ``value``; returns the variance that comes on top (stock changes by both).

        ``learn``: whether the unit cost becomes the last known one.
        """
        if learn:
            self.last_cost = round_stored(value / quantity)
        booked = value
        if self.method == STANDARD:
            if self.standard is None:
                self.standard = round_stored(value / quantity)
            booked = self._round(quantity * self.standard)
        variance, left, worth = self._settle(move, quantity, booked, lot)
        if left > 0:
            layer = self._add(move, on, lot, party, left, worth)
            self._record(RECEIVE, move, layer, left, worth)
        if booked != value:  # the standard differs from what was paid
            touched = self.entries[-1].layer
            self.entries.append(Entry(RECEIVE, move, touched, ZERO, value - booked))
            self.entries.append(Entry(VARIANCE, move, touched, ZERO, booked - value))
        return variance + booked - value

    def issue(self, move: UUID, quantity: Decimal, on: dt.date, *, lot: UUID | None = None) -> Decimal:
        """Book an issue; returns what it costs."""
        sources = self._open(lot if self.method == SPECIFIC else None, any_lot=self.method != SPECIFIC)
        here = sum((s.remaining for s in sources), ZERO)
        part = min(quantity, max(here, ZERO))
        cost = ZERO
        if part > 0 and self.method == AVERAGE:
            worth = sum((s.remaining_value for s in sources), ZERO)
            cost = worth if part == here else self._round(part * worth / here)
            self._take_sum(move, sources, part, cost)
        elif part > 0:
            cost = self._take_own(move, sources, part)
        if quantity > part:
            cost += self._overdraw(move, quantity - part, on, lot)
        return cost

    def undo_receipt(self, move: UUID, original: UUID, quantity: Decimal, value: Decimal, on: dt.date) -> Decimal:
        """Goods of the move ``original``, booked at ``value``, go back where they came from.

        They leave at that value where the stock still has it; returns the variance (positive: less
        was left than came in) that stays in the books.
        """
        first = sorted(self._open(None, any_lot=True), key=lambda x: (x.move != original, x.on, x.number))
        here = sum((s.remaining for s in first), ZERO)
        part = min(quantity, max(here, ZERO))
        taken = ZERO
        if part > 0 and self.method == AVERAGE:
            worth = sum((s.remaining_value for s in first), ZERO)
            wanted = value if part == quantity else self._round(value * part / quantity)
            if part == here:
                wanted = worth
            elif not ZERO <= wanted <= worth:
                wanted = self._round(part * worth / here)
            taken = wanted
            self._take_sum(move, first, part, taken)
        elif part > 0:
            taken = self._take_own(move, first, part)
        if quantity > part:
            taken += self._overdraw(move, quantity - part, on, None)
        return self._part_variance(move, value - taken)

    def revalue(self, standard: Decimal, on: dt.date) -> Decimal:
        """Every open layer is worth ``standard`` a piece from now on; returns what the stock gained."""
        gained = ZERO
        for layer in self.layers:
            difference = self._round(layer.remaining * standard) - layer.remaining_value
            if layer.remaining and difference:
                layer.remaining_value += difference
                layer.is_changed = True
                self.value += difference
                gained += difference
                self.entries.append(Entry(REVALUE, None, layer.id, ZERO, difference))
        return gained

    # -- layers ----------------------------------------------------------------------------------

    def _open(self, lot: UUID | None, *, any_lot: bool) -> list[Layer]:
        rows = [x for x in self.layers if x.remaining > 0 and (any_lot or x.lot == lot)]
        return sorted(rows, key=lambda x: (x.on, x.number))

    def _take_own(self, move: UUID, sources: list[Layer], quantity: Decimal) -> Decimal:
        return self._walk(
            move,
            sources,
            quantity,
            lambda s, q: s.remaining_value if q == s.remaining else self._round(q * s.remaining_value / s.remaining),
        )

    def _take_sum(self, move: UUID, sources: list[Layer], quantity: Decimal, cost: Decimal) -> None:
        left = cost
        for i, source in enumerate(sources):
            part = min(quantity, source.remaining)
            spent = part == source.remaining
            last = part == quantity
            amount = source.remaining_value if spent else left
            if last and spent and i + 1 == len(sources):
                amount = left
            self._change(ISSUE, move, source, -part, -amount)
            left -= amount
            quantity -= part
            if quantity == 0:
                if left:  # all touched layers are spent: the next one bears the difference
                    self._change(ISSUE, move, sources[i + 1], ZERO, -left)
                return

    def _walk(
        self, move: UUID, sources: list[Layer], quantity: Decimal, price: Callable[[Layer, Decimal], Decimal]
    ) -> Decimal:
        total = ZERO
        for source in sources:
            part = min(quantity, source.remaining)
            if part <= 0:
                break
            amount = price(source, part)
            self._change(ISSUE, move, source, -part, -amount)
            total += amount
            quantity -= part
        return total

    def _overdraw(self, move: UUID, quantity: Decimal, on: dt.date, lot: UUID | None) -> Decimal:
        cost = self._round(quantity * (self.standard if self.method == STANDARD and self.standard else self.last_cost))
        layer = self._add(move, on, lot, None, -quantity, -cost)
        self._record(ISSUE, move, layer, -quantity, -cost)
        return cost

    def _settle(
        self, move: UUID, quantity: Decimal, booked: Decimal, lot: UUID | None
    ) -> tuple[Decimal, Decimal, Decimal]:
        """Fill shortages first: (variance of the shortages, quantity left, its value)."""
        variance, left, worth = ZERO, quantity, booked
        for short in sorted((x for x in self.layers if x.remaining < 0), key=lambda x: (x.on, x.number)):
            if left <= 0:
                break
            if self.method == SPECIFIC and short.lot != lot:
                continue
            part = min(left, -short.remaining)
            paid = worth if part == left else self._round(booked * part / quantity)
            owed = -short.remaining_value
            if part != -short.remaining:
                owed = self._round(owed * part / -short.remaining)
            self._change(RECEIVE, move, short, part, paid)
            if owed != paid:
                self._change(VARIANCE, move, short, ZERO, owed - paid)
            variance += owed - paid
            left -= part
            worth -= paid
        return variance, left, worth

    def _part_variance(self, move: UUID, difference: Decimal) -> Decimal:
        """Show in the entries that goods left at another value than they came: nets out in the layer."""
        if difference:
            touched = self.entries[-1].layer
            self.entries.append(Entry(ISSUE, move, touched, ZERO, -difference))
            self.entries.append(Entry(VARIANCE, move, touched, ZERO, difference))
        return difference

    def _add(
        self, move: UUID, on: dt.date, lot: UUID | None, party: UUID | None, quantity: Decimal, value: Decimal
    ) -> Layer:
        self.count += 1
        layer = Layer(
            new_id(), self.count, on, move, quantity, value, quantity, value, lot=lot, party=party, is_new=True
        )
        self.layers.append(layer)
        self.quantity += quantity
        self.value += value
        return layer

    def _change(self, kind: str, move: UUID, layer: Layer, quantity: Decimal, amount: Decimal) -> None:
        layer.remaining += quantity
        layer.remaining_value += amount
        layer.is_changed = True
        self.quantity += quantity
        self.value += amount
        self._record(kind, move, layer, quantity, amount)

    def _record(self, kind: str, move: UUID, layer: Layer, quantity: Decimal, amount: Decimal) -> None:
        self.entries.append(Entry(kind, move, layer.id, quantity, amount))

    def _round(self, value: Decimal) -> Decimal:
        return round_amount(value, self.currency)
