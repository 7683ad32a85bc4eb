"""Who supplies a product, and what a supplier supplies: on the pages of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.context import Context
from kontor.surfaces.printing.wording import quantity
from kontor.web import showing
from kontor.web.cards import Figure
from kontor.web.record.dossier import Cell, Listing, RecordCard, figures, record_card
from suite.purchasing.models import SupplierItem

_ROWS = 8
_RESOURCE = "purchasing.supplier_item"


@record_card("catalog.product", order=40)
def suppliers(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """Who supplies it, the first choice first; prices for those with the right."""
    if not ctx.rights.can(_RESOURCE, "view"):
        return None
    items = SupplierItem.objects.filter(product_id=row["id"], is_active=True).select_related("supplier__party")
    found = list(items.order_by("rank", "price")[:_ROWS])
    if not found:
        return None
    price = ctx.rights.sees("cost")
    rows = tuple(
        (
            Cell(i.supplier.party.name, f"/parties/suppliers/{i.supplier_id}/", note=i.number),
            Cell(_days(i.lead_days)),
            Cell(quantity(i.minimum) if i.minimum else "–"),
            *((Cell(showing.amount(i.price, i.currency or ctx.currency, price=True)),) if price else ()),
        ) for i in found
    )  # fmt: skip
    prices = ((_("Price"), True),) if price else ()
    heads = ((_("Supplier"), False), (_("Lead time"), True), (_("At least"), True), *prices)
    return RecordCard(
        _("Suppliers"), href=f"/purchasing/supplier-items/?product={row['id']}", table=Listing(heads, rows)
    )


@figures("parties.supplier", order=10)
def supplied(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """How many products it supplies, for how many as the first choice, and how long it takes."""
    if not ctx.rights.can(_RESOURCE, "view"):
        return []
    mine = SupplierItem.objects.filter(supplier_id=row["id"], is_active=True)
    ranks = list(mine.values_list("rank", "lead_days"))
    first = sum(1 for rank, _days_ in ranks if rank == 1)
    href = f"/purchasing/supplier-items/?supplier={row['id']}"
    note = _("first choice for %(n)d") % {"n": first} if first else ""
    out = [Figure(_("Products supplied"), str(len(ranks)), note, "", href)]
    days = row.get("lead_days")
    known = [d for _rank, d in ranks if d is not None]
    if days is None and known:
        days = round(sum(known) / len(known))
    if days is not None:
        out.append(Figure(_("Lead time"), _days(days)))
    return out


@record_card("parties.supplier", order=10)
def products(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """What the supplier supplies, with its own number for it."""
    if not ctx.rights.can(_RESOURCE, "view"):
        return None
    items = SupplierItem.objects.filter(supplier_id=row["id"], is_active=True).select_related("product")
    found = list(items.order_by("rank", "product__code")[:_ROWS])
    price = ctx.rights.sees("cost")
    rows = tuple(
        (
            Cell(i.product.code, f"/catalog/products/{i.product_id}/", note=i.name or i.product.name),
            Cell(i.number or "–"),
            Cell(_days(i.lead_days)),
            *((Cell(showing.amount(i.price, i.currency or ctx.currency, price=True)),) if price else ()),
        ) for i in found
    )  # fmt: skip
    heads = (
        (_("Product"), False), (_("Its number"), False), (_("Lead time"), True),
        *(((_("Price"), True),) if price else ()),
    )  # fmt: skip
    href = f"/purchasing/supplier-items/?supplier={row['id']}" if rows else ""
    table = Listing(heads, rows) if rows else None
    return RecordCard(_("Products supplied"), href=href, table=table, empty=_("No product is bought from here yet."))


def _days(days: int | None) -> str:
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days is not None else "–"
