"""What other modules ask: what was done for an owner, an operation with its lines, what has moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from kontor.context import Context
from kontor.documents.records import Ref
from kontor.errors import NotFound
from suite.inventory.contracts import OperationInfo, OperationLine
from suite.inventory.models import CostEntry, Move, Operation, PlannedMove
from suite.inventory.rules import ZERO


def done_of(ctx: Context, owner: Ref) -> dict[UUID, Decimal]:
    """Per line of the owner what has gone (or come, for a supply); returns are not deducted."""
    rows = (
        PlannedMove.objects.filter(
            owner_ref_id=owner.id, owner_resource=owner.resource, owner_line_id__isnull=False, origin_id__isnull=True
        )
        .values_list("owner_line_id")
        .annotate(n=Sum("done"))
    )
    return {pk: n for pk, n in rows if pk is not None and n}


def operation(ctx: Context, operation_id: UUID, *, costs: bool = True) -> OperationInfo:
    """An operation with its lines and (``costs``) what they cost; NotFound."""
    found = operations(ctx, [operation_id], costs=costs)
    if not found:
        raise NotFound
    return found[operation_id]


def operations(ctx: Context, ids: Collection[UUID], *, costs: bool = True) -> dict[UUID, OperationInfo]:
    """Operations with their lines and (``costs``) what they cost; two queries, one more for costs."""
    lines: dict[UUID, list[PlannedMove]] = {pk: [] for pk in ids}
    for row in PlannedMove.objects.filter(operation_id__in=lines).order_by("position", "pk"):
        if row.operation_id is not None:
            lines[row.operation_id].append(row)
    spent = _costs(ids) if costs else {}
    return {
        o.pk: OperationInfo(
            o.pk,
            o.number,
            o.movement,
            o.phase,
            Ref(o.owner_resource, o.owner_ref_id) if o.owner_ref_id else None,
            o.party_id,
            o.warehouse_id,
            o.done_on,
            tuple(
                OperationLine(
                    r.pk, r.owner_line_id, r.product_id, r.quantity, r.done, r.returned, spent.get(r.pk, ZERO)
                )
                for r in lines[o.pk]
            ),
        )
        for o in Operation.objects.filter(pk__in=lines)
    }


def lines_of(ctx: Context, ids: Collection[UUID]) -> dict[UUID, list[OperationLine]]:
    """The lines of operations without their costs; one query."""
    out: dict[UUID, list[OperationLine]] = {pk: [] for pk in ids}
    rows = PlannedMove.objects.filter(operation_id__in=out).order_by("position", "pk")
    for pk, operation_id, line, product, quantity, done, returned in rows.values_list(
        "pk", "operation_id", "owner_line_id", "product_id", "quantity", "done", "returned"
    ):
        out[operation_id].append(OperationLine(pk, line, product, quantity, done, returned))
    return out


def last_shipped_lines(ctx: Context, product_id: UUID, most: int) -> list[UUID]:
    """The owners' lines of the last shipments of a product, newest first; one query along its index of days."""
    moves = Move.objects.filter(
        product_id=product_id, operation__movement=Operation.Movement.DELIVERY, planned__owner_line_id__isnull=False
    )
    lines = moves.order_by("-on", "-made_at").values_list("planned__owner_line_id", flat=True)[:most]
    return list(dict.fromkeys(pk for pk in lines if pk is not None))


def shipped_between(ctx: Context, product_id: UUID, first: dt.date, last: dt.date) -> Decimal:
    """What of a product went out by deliveries on these days, in its base unit; reversed ones do not count."""
    moves = Move.objects.filter(
        product_id=product_id, on__gte=first, on__lte=last, operation__movement=Operation.Movement.DELIVERY
    )
    back = Sum("quantity", filter=Q(reverses__isnull=False))
    told = moves.aggregate(out=Sum("quantity", filter=Q(reverses__isnull=True)), back=back)
    return (told["out"] or ZERO) - (told["back"] or ZERO)


def cost_of(ctx: Context, operation_id: UUID) -> dict[UUID, Decimal]:
    """What each line of an operation cost (positive: goods left), in the company's currency."""
    rows = (
        CostEntry.objects.filter(move__operation_id=operation_id)
        .values_list("move__planned_id")
        .annotate(n=Sum("amount"))
    )
    return {pk: -n for pk, n in rows if pk is not None}


def has_moves(product_ids: Collection[UUID]) -> set[UUID]:
    """Which of the products have ever moved: their base unit is fixed (catalog keeps a mark of it)."""
    return set(Move.objects.filter(product_id__in=product_ids).values_list("product_id", flat=True).distinct())


def _costs(operations: Collection[UUID | None]) -> dict[UUID, Decimal]:
    """By line, for whole operations: that is the way an index leads from them to moves and entries."""
    rows = (
        CostEntry.objects.filter(move__operation_id__in=[pk for pk in operations if pk])
        .values_list("move__planned_id")
        .annotate(n=Sum("amount"))
    )
    return {pk: -n for pk, n in rows if pk is not None}
