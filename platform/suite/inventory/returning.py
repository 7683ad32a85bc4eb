"""What comes back: at the cost it left with, or undone altogether."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from kontor.context import Context
from suite.inventory import places
from suite.inventory.models import CostEntry, Move
from suite.inventory.rules import ZERO, returned_value


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
