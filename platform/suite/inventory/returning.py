"""What comes back: at the cost it left with, or undone altogether."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from kontor.context import Context
from suite.inventory import places
from suite.inventory.models import CostEntry, Move, PlannedMove
from suite.inventory.rules import ZERO, returned_value

Part = tuple[UUID | None, Decimal]  # of a lot, so many


def lots_back(lines: Sequence[PlannedMove], parts: Mapping[UUID, Decimal]) -> dict[UUID, list[Part]]:
    """Per returned line that names no lot: the lots that left with it, less what came back of them, in that order."""
    mine = [x for x in lines if x.origin_id is not None and x.lot_id is None]
    origins = {x.origin_id for x in mine}
    if not origins:
        return {}
    left: dict[UUID | None, dict[UUID | None, Decimal]] = {}
    for origin, lot, n in (
        Move.objects.filter(planned_id__in=origins)
        .order_by("made_at", "pk")
        .values_list("planned_id", "lot_id", "quantity")
    ):
        of_line = left.setdefault(origin, {})
        of_line[lot] = of_line.get(lot, ZERO) + n
    for known, lot, n in Move.objects.filter(planned__origin_id__in=origins).values_list(
        "planned__origin_id", "lot_id", "quantity"
    ):
        of_line = left.setdefault(known, {})
        of_line[lot] = of_line.get(lot, ZERO) - n
    out: dict[UUID, list[Part]] = {}
    for line in mine:
        of_line, rest = left.get(line.origin_id, {}), parts[line.pk]
        for of_lot, there in of_line.items():
            part = min(rest, max(there, ZERO))
            if part > 0:
                out.setdefault(line.pk, []).append((of_lot, part))
                of_line[of_lot], rest = there - part, rest - part
        if rest > 0:  # more than is known of by lot
            out.setdefault(line.pk, []).append((None, rest))
    return out


def return_values(ctx: Context, moves: Sequence[Move]) -> dict[UUID, Decimal]:
    """Per move of a customer's return into a valued place: its share of what the delivery cost."""
    known = places.places(ctx)
    back = [m for m in moves if m.planned.origin_id is not None and known[m.to_location_id].valued]
    origins = {m.planned.origin_id for m in back}
    if not origins:
        return {}
    cost = {
        pk: -n
        for pk, n in CostEntry.objects.filter(move__planned_id__in=origins)
        .values_list("move__planned_id")
        .annotate(n=Sum("amount"))
    }
    before = {
        pk: (q, n)
        for pk, q, n in CostEntry.objects.filter(move__planned__origin_id__in=origins, kind=CostEntry.Kind.RECEIVE)
        .values_list("move__planned__origin_id")
        .annotate(q=Sum("quantity"), n=Sum("amount"))
    }
    out: dict[UUID, Decimal] = {}
    for move in back:
        origin = move.planned.origin
        assert origin is not None
        quantity, value = before.get(origin.pk, (ZERO, ZERO))
        worth = returned_value(cost.get(origin.pk, ZERO), origin.done, quantity, value, move.quantity, ctx.currency)
        before[origin.pk] = (quantity + move.quantity, value + worth)
        out[move.pk] = worth
    return out
