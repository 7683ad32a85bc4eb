"""From the worth of moves to vouchers: one a document and event, variances beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Ref
from kontor.resources import registry
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.inventory import places
from suite.inventory.models import Operation
from suite.inventory.rules import ZERO
from suite.inventory.valuation import Valued, Worth

_M = Operation.Movement
EVENTS = {
    _M.DELIVERY: "inventory.shipped",
    _M.RETURN: "inventory.returned",
    _M.RECEIPT: "inventory.received",
    _M.ADJUSTMENT: "inventory.adjusted",
}


def post(ctx: Context, operations: Mapping[Any, Operation], valued: Valued) -> dict[UUID, UUID | None]:
    """Post what the operations' moves were worth, a voucher each; the voucher of each move."""
    own: dict[UUID, list[finance.Fact]] = {pk: [] for pk in operations}
    other: dict[UUID, list[finance.Fact]] = {}
    for worth in valued.worths:
        operation = operations[worth.move.operation_id]
        name, amount = _fact(operation, worth)
        own[operation.pk].append(_row(ctx, operation, worth, name, amount))
        if worth.variance:
            adjusts = operation.movement == _M.ADJUSTMENT
            (own if adjusts else other).setdefault(operation.pk, []).append(_variance(ctx, operation, worth))
    valuable = [operations[pk] for pk, rows in own.items() if any(r.amount for r in rows)]
    asked = [
        _posting(ctx, o, Ref(registry.name_of(o), o.pk), EVENTS[_M(o.movement)], _day(o), own[o.pk]) for o in valuable
    ]
    made = dict(zip((o.pk for o in valuable), finance.post_many(ctx, asked, first=True), strict=True))
    for pk, rows in other.items():
        worths = [w for w in valued.worths if w.move.operation_id == pk]
        post_variance(ctx, operations[pk], worths, _day(operations[pk]), rows)
    return {worth.move.pk: made.get(worth.move.operation_id) for worth in valued.worths}


def _day(operation: Operation) -> dt.date:
    assert operation.done_on is not None
    return operation.done_on


def reverse(ctx: Context, operation: Operation, valued: Valued, on: dt.date, reason: str) -> dict[UUID, UUID | None]:
    """Reverse the operation's voucher; what the goods are worth less or more than then is a variance."""
    source = Ref(registry.name_of(operation), operation.pk)
    voucher = finance.reverse(ctx, source, EVENTS[_M(operation.movement)], on, reason)
    other = [_variance(ctx, operation, worth) for worth in valued.worths if worth.variance]
    if other:
        post_variance(ctx, operation, valued.worths, on, other)
    return {worth.move.pk: voucher for worth in valued.worths}


def post_variance(
    ctx: Context, operation: Operation, worths: Sequence[Worth], on: dt.date, rows: Sequence[finance.Fact]
) -> None:
    """A voucher of its own, whose source is the first move that had a variance."""
    first = next(w.move for w in worths if w.variance)
    finance.post(ctx, _posting(ctx, operation, Ref("inventory.move", first.pk), EVENTS[_M.ADJUSTMENT], on, list(rows)))


def _fact(operation: Operation, worth: Worth) -> tuple[str, Decimal]:
    if operation.movement != _M.ADJUSTMENT:
        return "cost", -worth.amount if operation.movement == _M.DELIVERY else worth.amount
    if operation.kind == Operation.Kind.OPENING:
        return "opening", worth.amount
    return ("gain", worth.amount) if worth.amount >= 0 else ("loss", -worth.amount)


def _variance(ctx: Context, operation: Operation, worth: Worth) -> finance.Fact:
    name = "gain" if worth.variance > 0 else "loss"
    return _row(ctx, operation, worth, name, abs(worth.variance))


def _row(ctx: Context, operation: Operation, worth: Worth, name: str, amount: Decimal) -> finance.Fact:
    house = places.warehouses(ctx)[worth.warehouse_id]
    product = catalog.products(ctx, [worth.move.product_id])[worth.move.product_id]
    return finance.Fact(
        name,
        amount,
        posting_class=product.posting_class,
        warehouse_id=worth.warehouse_id,
        branch_id=house.branch_id or operation.branch_id,
        department_path=operation.department_path,
    )


def _posting(
    ctx: Context, operation: Operation, source: Ref, event: str, on: dt.date, rows: list[finance.Fact]
) -> finance.Posting:
    merged: dict[tuple[object, ...], finance.Fact] = {}
    for row in rows:
        key = (row.name, row.posting_class, row.warehouse_id)
        have = merged.get(key)
        amount = row.amount + (have.amount if have else ZERO)
        merged[key] = finance.Fact(
            row.name,
            amount,
            posting_class=row.posting_class,
            warehouse_id=row.warehouse_id,
            branch_id=row.branch_id,
            department_path=row.department_path,
        )
    return finance.Posting(
        source=source,
        event=event,
        on=on,
        currency=ctx.currency,
        rate=Decimal(1),
        text=_("%(what)s of %(date)s") % {"what": operation.get_movement_display(), "date": on},
        party_id=operation.party_id,
        rows=list(merged.values()),
        branch_id=operation.branch_id,
        department_path=operation.department_path,
    )
