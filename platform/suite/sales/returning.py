"""Goods that come back: drawn up from delivery lines, received, credited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
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
from suite.sales import crediting
from suite.sales.models import Invoice, InvoiceLine, Order
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
    found = find_many(ctx, "sales.delivery", [data["delivery"]])[data["delivery"]]
    if isinstance(found, str):
        raise Invalid.at("/delivery", found, "not_found")
    if rows is None:
        told = inventory.operation(ctx, found).lines
        out["lines"] = [{"origin": x.id, "quantity": x.done - x.returned} for x in told if x.done > x.returned]
    return out


def receive(
    ctx: Context, goods: Any, lines: list[dict[str, Any]] | None, into: str, received_on: dt.date | None
) -> None:
    """Take the goods in at the cost they left with: to usable stock or to scrap."""
    Order.objects.select_for_update(of=("self",)).filter(pk=goods.owner_ref_id).first()
    quantities = {row["line"]: row["quantity"] for row in lines} if lines is not None else None
    done = inventory.complete(ctx, goods.pk, on=received_on or ctx.today, quantities=quantities, into=into or "usable")
    goods.done_on, goods.into = done.on, into or "usable"


def credit(ctx: Context, goods: Any) -> Invoice:
    """The draft credit note for what came back, over the invoices that billed it, latest first."""
    back: dict[UUID, Decimal] = {}
    for row in inventory.operation(ctx, goods.pk).lines:
        if row.owner_line_id:
            back[row.owner_line_id] = back.get(row.owner_line_id, ZERO) + row.done
    billed = (
        InvoiceLine.objects.filter(
            order_line__in=back, document__kind=Invoice.Kind.INVOICE, document__state=Invoice.State.POSTED
        )
        .select_related("document")
        .order_by("-document__posted_on", "-document__number", "position")
    )
    free = crediting.free_quantities(list(billed))
    wanted = []
    for line in billed:
        assert line.order_line_id is not None
        part = min(back.get(line.order_line_id, ZERO), free[line.pk])
        if part > 0:
            back[line.order_line_id] -= part
            wanted.append((line, part))
    if not wanted:
        raise Refused(
            _("What came back was not invoiced, or is credited already. Close the return instead."),
            code="nothing_to_credit",
        )
    invoice = max((line.document for line, _n in wanted), key=lambda i: sum(n for x, n in wanted if x.document == i))
    note = crediting.draw_up(
        ctx, invoice, wanted, goods.reason or _("Return %(number)s") % {"number": goods.number}, return_id=goods.pk
    )
    link([Link(Ref(FACE, goods.pk), Ref("sales.invoice", note.pk))])
    return note
