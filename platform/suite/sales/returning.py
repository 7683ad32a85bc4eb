"""Goods that come back: drawn up from delivery lines, received, credited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.conversion import Link, link
from kontor.documents.records import Ref
from kontor.documents.references import find_many
from kontor.errors import Invalid, Refused
from kontor.resources import registry
from suite.inventory import api as inventory
from suite.sales import crediting, processing
from suite.sales.models import Invoice, InvoiceLine
from suite.sales.rules import ZERO

FACE = "sales.return"


def take_back(ctx: Context, delivery: Any, lines: list[dict[str, Any]] | None, reason: str) -> Any:
    """A draft return of these lines of a shipped delivery, or of all that is left of it."""
    told = inventory.operation(ctx, delivery.pk)
    if lines is None:
        rows = [inventory.ReturnRow(x.id, x.done - x.returned) for x in told.lines if x.done > x.returned]
    else:
        rows = [inventory.ReturnRow(row["line"], row["quantity"]) for row in lines]
    if not rows:
        raise Refused(_("All of this delivery came back already."), code="nothing_to_return")
    owner = Ref(delivery.owner_resource, delivery.owner_ref_id)
    return_id = inventory.draw_up_return(
        ctx, FACE, delivery.pk, rows, owner=owner, owner_employee_id=delivery.owner_id, reason=reason
    )
    return registry.spec(FACE).model._default_manager.get(pk=return_id)


def from_delivery(ctx: Context, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a return in inventory's words: a line names the delivered line as its ``origin``.

    ``delivery`` (id or number) without lines brings back all that is left of it.
    """
    out = {name: value for name, value in data.items() if name != "delivery"}
    rows = out.get("lines")
    if isinstance(rows, list):
        out["lines"] = [
            {("origin" if name in ("line", "delivery_line") else name): value for name, value in row.items()}
            if isinstance(row, Mapping)
            else row
            for row in rows
        ]
    if data.get("delivery") in (None, ""):
        return out
    if not isinstance(data["delivery"], str | UUID):
        raise Invalid.at("/delivery", _("An id, number or code is expected here."))
    found = find_many(ctx, "sales.delivery", [data["delivery"]])[data["delivery"]]
    if isinstance(found, str):
        raise Invalid.at("/delivery", found, "not_found")
    if rows is None:
        told = inventory.operation(ctx, found).lines
        out["lines"] = [{"origin": x.id, "quantity": x.done - x.returned} for x in told if x.done > x.returned]
    return out


def receive(
    ctx: Context, goods: Sequence[Any], lines: list[dict[str, Any]] | None, into: str, received_on: dt.date | None
) -> None:
    """Take the goods in at the cost they left with: to usable stock or to scrap."""
    processing.hold(ctx, [x.owner_ref_id for x in goods])
    quantities = {row["line"]: row["quantity"] for row in lines} if lines is not None else None
    told = inventory.carry_out(ctx, goods, on=received_on or ctx.today, quantities=quantities, into=into or "usable")
    for one, done in zip(goods, told, strict=True):
        one.done_on, one.into = done.on, into or "usable"


def credit(ctx: Context, goods: Any) -> Invoice:
    """The draft credit note for what came back, on the invoice that billed most of it.

    A credit note names one invoice: what another invoice billed is credited by asking again. The return
    is closed when nothing is left to credit.
    """
    back = _uncredited(ctx, goods)
    billed = (
        InvoiceLine.objects.filter(
            order_line__in=back, document__kind=Invoice.Kind.INVOICE, document__state=Invoice.State.POSTED
        )
        .select_related("document")
        .order_by("-document__posted_on", "-document__number", "position")
    )
    free = crediting.free_quantities(list(billed))
    wanted: dict[Invoice, list[tuple[InvoiceLine, Decimal]]] = {}
    for line in billed:
        assert line.order_line_id is not None
        part = min(back[line.order_line_id], free[line.pk])
        if part > 0:
            back[line.order_line_id] -= part
            wanted.setdefault(line.document, []).append((line, part))
    if not wanted:
        raise Refused(
            _("What came back was not invoiced, or is credited already. Close the return instead."),
            code="nothing_to_credit",
        )
    invoice = max(wanted, key=lambda i: sum(line.unit_price * part for line, part in wanted[i]))
    reason = goods.reason or _("Return %(number)s") % {"number": goods.number}
    note = crediting.draw_up(ctx, invoice, wanted[invoice], reason, return_id=goods.pk)
    link([Link(Ref(FACE, goods.pk), Ref("sales.invoice", note.pk))])
    if len(wanted) == 1:
        goods.state = "closed"
    return note


def _uncredited(ctx: Context, goods: Any) -> dict[UUID, Decimal]:
    """By order line what this return brought and no credit note of it has taken up."""
    back: dict[UUID, Decimal] = {}
    for row in inventory.operation(ctx, goods.pk).lines:
        if row.owner_line_id:
            back[row.owner_line_id] = back.get(row.owner_line_id, ZERO) + row.done
    noted = InvoiceLine.objects.filter(document__returned_with=goods.pk, order_line__in=back)
    for order_line, quantity in noted.values_list("order_line_id", "base_quantity"):
        assert order_line is not None
        back[order_line] -= quantity
    return back
