"""From the worth of moves to vouchers: one a document and event, variances beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
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


def post(ctx: Context, operation: Operation, valued: Valued, on: dt.date) -> dict[UUID, UUID | None]:
    """Post what the operation's moves were worth; the voucher of each move."""
    source = Ref(registry.name_of(operation), operation.pk)
    event = EVENTS[_M(operation.movement)]
    own: list[finance.Fact] = []
    other: list[finance.Fact] = []
    for worth in valued.worths:
        name, amount = _fact(operation, worth)
        own.append(_row(ctx, operation, worth, name, amount))
        if worth.variance:
            extra = _variance(ctx, operation, worth)
            (own if operation.movement == _M.ADJUSTMENT else other).append(extra)
    voucher = (
        finance.post(ctx, _posting(ctx, operation, source, event, on, own), first=True)
        if any(r.amount for r in own)
        else None
    )
    if other:
        post_variance(ctx, operation, valued.worths, on, other)
    return {worth.move.pk: voucher for worth in valued.worths}


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
