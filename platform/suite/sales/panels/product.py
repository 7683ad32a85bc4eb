"""The product's page: to whom it was sold last, and at which prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.resources import registry
from kontor.surfaces.printing.wording import quantity
from kontor.web import showing
from kontor.web.cards import Figure
from kontor.web.record.dossier import Cell, Listing, RecordCard, figures, record_card
from suite.inventory import api as inventory
from suite.sales.models import OrderLine

_ROWS, _DAYS = 6, 90


@figures("catalog.product", order=30)
def sold(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """What went to customers in twelve months, beside the twelve months before."""
    if row.get("kind") == "service" or not ctx.rights.can("sales.delivery", "view"):
        return []
    year = dt.timedelta(days=365)
    now = inventory.shipped_between(ctx, row["id"], ctx.today - year, ctx.today)
    before = inventory.shipped_between(ctx, row["id"], ctx.today - 2 * year, ctx.today - year - dt.timedelta(days=1))
    note, look = "", ""
    if before:
        change = (now - before) / before
        note, look = _("%(change)s on the year before") % {"change": f"{change:+.0%}"}, "ok" if change >= 0 else ""
    return [Figure(_("Sold, 12 months"), quantity(now, str(row.get("unit__title") or "")), note, look)]


@record_card("catalog.product", order=30)
def last_sales(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """The last sales in the reader's scope: to whom, how many, at which price."""
    spec = registry.spec("sales.order")
    if not ctx.rights.can(spec.name, "view"):
        return None
    lines = _service_lines(ctx, spec, row["id"]) if row.get("kind") == "service" else _shipped_lines(ctx, spec, row)
    cells = tuple(
        (
            Cell(showing.date(on, ctx.today), note=number),
            Cell(name, f"/{spec.path}/{pk}/"),
            Cell(quantity(amount, unit or "")),
            Cell(showing.amount(price, currency, price=True), note=_off(discount)),
        ) for on, number, pk, name, amount, unit, price, discount, currency in lines
    )  # fmt: skip
    heads = ((_("Date"), False), (_("Customer"), False), (_("Quantity"), True), (_("Price"), True))
    return RecordCard(_("Last sales"), table=Listing(heads, cells) if cells else None, empty=_("Not sold yet."))


def _off(discount: Decimal) -> str:
    return f"−{showing.percent(discount)}" if discount else ""


_NAMES = (
    "document__ordered_on", "document__number", "document_id", "document__customer__party__name", "quantity",
    "unit__name", "unit_price", "discount", "document__currency",
)  # fmt: skip


def _shipped_lines(ctx: Context, spec: Any, row: Mapping[str, Any]) -> list[Any]:
    """By the stock's own index of product and day: from the last shipments back to their order lines."""
    ids: list[UUID] = inventory.last_shipped_lines(ctx, row["id"], 4 * _ROWS)
    rows = OrderLine.objects.filter(_in_scope(ctx, spec), pk__in=ids).order_by("-document__ordered_on", "-pk")
    return list(rows.values_list(*_NAMES)[:_ROWS])


def _service_lines(ctx: Context, spec: Any, product_id: Any) -> list[Any]:
    """Services leave no trace in stock: the orders of the last ninety days are looked through."""
    rows = OrderLine.objects.filter(
        _in_scope(ctx, spec), product_id=product_id, document__state__in=("confirmed", "closed"),
        document__ordered_on__gte=ctx.today - dt.timedelta(days=_DAYS),
    )  # fmt: skip
    return list(rows.order_by("-document__ordered_on", "-pk").values_list(*_NAMES)[:_ROWS])


def _in_scope(ctx: Context, spec: Any) -> Any:
    """The lines whose order the reader may see."""
    scope = predicate(ctx, spec)
    if scope == Q():
        return Q()
    return Q(document__in=spec.model._default_manager.filter(scope).values("pk"))
