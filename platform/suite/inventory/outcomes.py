"""What became of an owner's lines: drawn up, delivered, returned, and what it cost; and what things cost now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from kontor.context import Context
from kontor.documents.records import Ref
from suite.inventory.models import CostEntry, Operation, PlannedMove, ProductCost

ZERO = Decimal(0)
_NUMBER = DecimalField(max_digits=20, decimal_places=6)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A line in base units: ``delivered`` counts returned goods too; ``cost`` of what went, in book currency."""

    delivered: Decimal = ZERO
    returned: Decimal = ZERO
    drawn: Decimal = ZERO  # on operations that are not carried out yet
    cost: Decimal = ZERO


def outcomes_of(ctx: Context, owners: Collection[Ref], *, costs: bool = True) -> dict[UUID, Outcome]:
    """What became of the owners' outgoing lines, by line; two queries, one without ``costs``."""
    ids = [owner.id for owner in owners]
    rows = (
        PlannedMove.objects.filter(
            owner_ref_id__in=ids, direction=PlannedMove.Direction.OUT, origin__isnull=True, owner_line_id__isnull=False,
        )
        .values_list("owner_line_id")
        .annotate(
            went=Sum("done"), back=Sum("returned"),
            held=Sum(F("quantity") - F("done"), filter=Q(is_open=True, operation__isnull=False)),
        )
    )  # fmt: skip
    told = {line: (done, returned, drawn or ZERO) for line, done, returned, drawn in rows}
    spent: dict[UUID, Decimal] = {}
    if costs and any(done for done, _r, _d in told.values()):
        # by operation: that is the way that indexes lead from an owner to moves and entries
        entries = CostEntry.objects.filter(
            move__operation__owner_ref_id__in=ids, move__operation__movement=Operation.Movement.DELIVERY
        )
        spent = dict(entries.values_list("move__planned__owner_line_id").annotate(n=-Sum("amount")))
    return {line: Outcome(*parts, spent.get(line, ZERO)) for line, parts in told.items()}


def unit_costs(ctx: Context, product_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What a base unit costs now, in book currency: the standard, the average on hand, else the last cost.

    Products that never came in are left out.
    """
    sums: dict[UUID, list[Any]] = {}
    for row in ProductCost.objects.filter(product_id__in=set(product_ids)).order_by("product_id"):
        told = sums.setdefault(row.product_id, [ZERO, ZERO, row.last_cost, row.standard])
        told[0] += row.quantity
        told[1] += row.value
    out: dict[UUID, Decimal] = {}
    for product_id, (quantity, value, last, standard) in sums.items():
        cost = standard if standard is not None else value / quantity if quantity > 0 else last
        if cost:
            out[product_id] = cost
    return out


def held(owner: str = "document_id", line: str = "pk") -> Any:
    """For a query over an owner's lines: what of each is reserved on stock (columns of owner and line)."""
    rows = (
        PlannedMove.objects.filter(
            owner_ref_id=OuterRef(owner), owner_line_id=OuterRef(line), direction="out", is_open=True
        )
        .order_by()
        .values("owner_line_id")
        .annotate(n=Sum("reserved"))
        .values("n")
    )
    return Coalesce(Subquery(rows, output_field=_NUMBER), Value(ZERO), output_field=_NUMBER)


def lacking(owner: str = "pk") -> Any:
    """For a query over owners: their demand that nobody has put aside in full, to be asked whether it exists."""
    return PlannedMove.objects.filter(
        owner_ref_id=OuterRef(owner), is_open=True, is_stocked=True, direction="out",
        quantity__gt=F("done") + F("reserved"),
    )  # fmt: skip
