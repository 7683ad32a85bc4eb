"""Pure rules of the thread: progress, what may still be invoiced or credited, deposits, margin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
NONE, PART, ALL = "none", "part", "all"
DELIVERED, ORDERED = "delivered", "ordered"  # what the invoice policy may be


@dataclass(frozen=True, slots=True)
class Counters:
    """An order line's quantities in the base unit; ``invoiced`` is net of credits."""

    quantity: Decimal
    delivered: Decimal = ZERO
    invoiced: Decimal = ZERO
    returned: Decimal = ZERO
    is_stocked: bool = True

    @property
    def kept(self) -> Decimal:
        """What the customer has and keeps."""
        return self.delivered - self.returned

    @property
    def wanted(self) -> Decimal:
        """What is to be invoiced in the end: the ordered quantity, more if more was delivered, less returns."""
        return max(self.quantity, self.delivered) - self.returned


def progress(parts: Iterable[tuple[Decimal, Decimal]]) -> str:
    """none, part or all over (done, wanted) pairs; a document without anything wanted is done."""
    pairs = list(parts)
    if all(done >= wanted for done, wanted in pairs):
        return ALL
    return PART if any(done > 0 for done, _wanted in pairs) else NONE


def delivery_state(lines: Sequence[Counters]) -> str:
    """How far an order is delivered; services are delivered by being invoiced, so they do not count."""
    stocked = [(line.delivered, line.quantity) for line in lines if line.is_stocked]
    if not stocked:
        return invoice_state(lines)
    return progress(stocked)


def invoice_state(lines: Sequence[Counters]) -> str:
    """How far an order is invoiced; what came back needs no invoice."""
    return progress((line.invoiced, line.wanted) for line in lines)


def invoiceable(line: Counters, policy: str = DELIVERED) -> Decimal:
    """What of the line may be invoiced now: goods by policy, services as ordered; never below zero."""
    if line.is_stocked and policy == DELIVERED:
        return max(line.kept - line.invoiced, ZERO)
    return max(line.wanted - line.invoiced, ZERO)


def short(quantity: Decimal, delivered: Decimal, reserved: Decimal, is_stocked: bool) -> Decimal:
    """What of a confirmed line nobody has put aside yet."""
    return max(quantity - delivered - reserved, ZERO) if is_stocked else ZERO


def take_up(total: Decimal, deposits: Sequence[Decimal]) -> list[Decimal]:
    """How much of each deposit a final invoice of ``total`` takes up, oldest first."""
    out, left = [], max(total, ZERO)
    for rest in deposits:
        part = min(max(rest, ZERO), left)
        out.append(part)
        left -= part
    return out


def entered(base: Decimal, line_quantity: Decimal, line_base: Decimal) -> Decimal:
    """A base quantity in the unit in which the line was entered (factor of the line itself)."""
    return base if line_quantity == line_base or not line_base else base * line_quantity / line_base


def based(quantity: Decimal, line_quantity: Decimal, line_base: Decimal) -> Decimal:
    """A quantity in the line's own unit in the base unit."""
    return quantity if line_quantity == line_base or not line_quantity else quantity * line_base / line_quantity


def margin(net: Decimal, costs: Iterable[Decimal | None]) -> tuple[Decimal | None, Decimal | None]:
    """Cost and margin of a document; unknown as soon as one line's cost is unknown."""
    known = list(costs)
    if any(cost is None for cost in known):
        return None, None
    cost = sum((c for c in known if c is not None), ZERO)
    return cost, net - cost


def credit_part(amount: Decimal, credited_amount: Decimal, part: Decimal, rest: Decimal, whole: Decimal) -> Decimal:
    """The unrounded amount for crediting ``part`` of a line of ``whole``, of which ``rest`` is not credited.

    The last part takes what is left, so that credits add up to the invoice to the cent.
    """
    left = amount - credited_amount
    if part >= rest:
        return left
    return min(amount * part / whole, left)
