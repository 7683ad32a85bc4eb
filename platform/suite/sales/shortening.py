"""Closing lines short: nothing more of them is delivered, what was delivered or invoiced stays."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.drafting import snapshot
from kontor.documents.records import Draft
from kontor.errors import FieldError, Refused
from kontor.values.money import round_amount
from suite.sales import amending, invoicing, pricing, processing, rules
from suite.sales.closing import close
from suite.sales.confirming import take_credit
from suite.sales.demand import plan_and_reserve
from suite.sales.models import Invoice, Order, OrderLine
from suite.sales.rules import ZERO


def shorten(ctx: Context, order: Order, lines: Sequence[dict[str, Any]] | None, reason: str) -> None:
    """Cut the lines (all open ones by default) to what is done; the former state is kept as a revision.

    Lines of which nothing went are dropped. Credit, demand and reservations follow; an order of which
    nothing is left to do is closed. Refused where nothing went of any line: cancel the order then.
    """
    stored = list(order.lines.order_by("position"))
    chosen = _chosen(stored, lines)
    before = dict(order.__dict__["_before"])
    was = {line.pk: snapshot(line) for line in stored}
    kept = [line for line in stored if line not in chosen or _done(line) > 0]
    if not kept:
        raise Refused(
            _("Nothing of this order was delivered or invoiced. Cancel the order instead."), code="cancel_instead"
        )
    if any(
        i.state == Invoice.State.DRAFT and i.kind == Invoice.Kind.INVOICE
        for i in invoicing.earlier_of([order])[order.pk]
    ):
        raise Refused(_("A draft invoice bills this order. Post it or delete it first."), code="documents_hang")
    for line in chosen:
        if line in kept:
            if line.cost is not None and line.unit_cost is not None:
                line.cost -= round_amount(line.unit_cost * (line.base_quantity - _done(line)), order.currency)
            line.quantity = rules.entered(_done(line), line.quantity, line.base_quantity)
            line.base_quantity = _done(line)
    amending.keep(ctx, Draft(order, before=before, lines_before=was))
    pricing.total(ctx, order, kept)
    order.reason = reason[:300]
    plan_and_reserve(ctx, {order: kept})
    OrderLine.objects.filter(pk__in=[line.pk for line in stored if line not in kept]).delete()
    OrderLine.objects.bulk_update(kept, ["quantity", "base_quantity", "amount", "tax", "cost"])
    take_credit(ctx, {order: max(order.exposure + order.total - before["total"], ZERO)})
    if processing.settle_states(order, kept):
        close(ctx, [order])
        order.state = Order.State.CLOSED


def _chosen(stored: Sequence[OrderLine], lines: Sequence[dict[str, Any]] | None) -> list[OrderLine]:
    if lines is None:
        return [line for line in stored if _done(line) < line.base_quantity]
    by_id = {line.pk: line for line in stored}
    errors = [
        FieldError(f"/lines/{i}/line", "not_found", _("This order has no such line."))
        for i, row in enumerate(lines)
        if row["line"] not in by_id
    ]
    if errors:
        raise Refused(_("These lines cannot be closed."), code="not_found", errors=errors)
    return [line for line in stored if line.pk in {row["line"] for row in lines} and _done(line) < line.base_quantity]


def _done(line: OrderLine) -> Decimal:
    """What cannot be undone of a line, in the base unit."""
    return max(line.delivered, line.invoiced)
