"""Changes of a confirmed order: the former state is kept, credit and stock follow."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from kontor.context import Context
from kontor.documents.models import Revision
from kontor.documents.records import Draft
from kontor.values.writing import as_json
from suite.sales import processing
from suite.sales.confirming import take_credit
from suite.sales.demand import plan_and_reserve
from suite.sales.models.order import Order


def amended(ctx: Context, drafts: list[Draft]) -> None:
    """After the write of changed confirmed orders: snapshot, credit, demand, states."""
    for draft in drafts:
        order: Order = draft.record
        lines = draft.lines.get("lines", [])
        if not _matters(draft, lines):
            continue
        keep(ctx, draft)
        outstanding = order.exposure + order.total - draft.before["total"]
        take_credit(ctx, {order: max(outstanding, type(outstanding)(0))})
        plan_and_reserve(ctx, {order: lines})
        processing.settle(ctx, [order], {order.pk: lines})
        Order.objects.filter(pk=order.pk).update(exposure=order.exposure, warehouse_id=order.warehouse_id)


def _matters(draft: Draft, lines: list[Any]) -> bool:
    """Whether what was agreed has changed, not only a note or the owner."""
    record, before = draft.record, draft.before
    if any(before[n] != getattr(record, n) for n in ("promised_on", "ship_to", "total")):
        return True
    if {line.pk for line in lines} != set(draft.lines_before):
        return True
    names = ("base_quantity", "promised_on", "description", "tolerance")
    return any(draft.lines_before[line.pk][n] != getattr(line, n) for line in lines for n in names)


def keep(ctx: Context, draft: Draft) -> None:
    """The state before a change, as the next revision."""
    last = Revision.objects.filter(record_id=draft.record.pk).aggregate(last=Max("number"))["last"] or 0
    Revision.objects.create(
        resource="sales.order", record_id=draft.record.pk, number=last + 1, made_by_id=ctx.user_id,
        content={
            "document": {name: as_json(value) for name, value in draft.before.items()},
            "lines": [{name: as_json(value) for name, value in old.items()} for old in draft.lines_before.values()],
        },
    )  # fmt: skip
