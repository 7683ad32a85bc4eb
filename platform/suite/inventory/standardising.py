"""Standard cost: set for a product, the stock revalued at once, the difference booked (domain.md, Cost)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.documents.records import Ref
from kontor.errors import Invalid, Refused
from kontor.resources.actions import Input, action
from kontor.resources.registry import contribute
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.inventory import places
from suite.inventory.costbook import STANDARD
from suite.inventory.models import ProductCost
from suite.inventory.reserving import Books
from suite.inventory.rules import ZERO
from suite.inventory.valuation import Key, open_books_of, write_costs, write_entries, write_levels


@contribute("catalog.product")
class StandardCost:
    """Hung on a product: what a piece is to cost from now on."""

    @staticmethod
    @action(
        event="standard_set", label=lazy("Set the standard cost"), effects=True, sensitive=True, icon="coins",
        body={
            "standard": Input("price", lazy("Standard cost"), required=True),
            "on": Input("date", lazy("Date")),
            "reason": Input("text", lazy("Reason")),
        },
    )  # fmt: skip
    def set_standard(
        product: Any, ctx: Context, standard: Decimal, on: dt.date | None = None, reason: str = ""
    ) -> None:
        """Goods on hand that are kept at standard cost are revalued by a voucher; others only learn the figure."""
        set_standard(ctx, product.pk, standard, on or ctx.today, reason)


def set_standard(ctx: Context, product_id: UUID, standard: Decimal, on: dt.date, reason: str = "") -> Decimal:
    """Set the standard of a product in every cost group; what the stock gained (below zero: lost) in value.

    ``standard`` per base unit in the company's currency. Refused in a closed period or for a service.
    """
    info = catalog.products(ctx, [product_id])[product_id]
    if not info.is_stocked:
        raise Refused(_("Only goods in stock have a standard cost."), code="not_stocked")
    if standard <= 0:
        raise Invalid.at("/standard", _("A standard cost is above zero."))
    calendars.guard(ctx, on, calendars.STOCK)
    rows = ProductCost.objects.filter(product_id=product_id).values_list("cost_group_id", flat=True)
    groups: set[UUID | None] = set(rows)
    groups |= {w.cost_group_id for w in places.warehouses(ctx).values()}
    keys: set[Key] = {(product_id, group) for group in groups}
    valued = open_books_of(ctx, keys)
    gained: dict[Key, Decimal] = {}
    for key, book in valued.books.items():
        gained[key] = book.revalue(standard, on) if book.method == STANDARD else ZERO
        book.standard = standard
    valued.dates[None] = on
    write_costs(valued, all_rows=True)
    write_levels(ctx, Books(ctx), valued)
    voucher = _post(ctx, info, gained, valued, on, reason)
    write_entries(valued, {None: voucher})
    return sum(gained.values(), ZERO)


def _post(
    ctx: Context, info: catalog.ProductInfo, gained: dict[Key, Decimal], valued: Any, on: dt.date, reason: str
) -> UUID | None:
    """One voucher for all cost groups; its source is the first entry, which leads to the product."""
    houses = places.warehouses(ctx)
    first = next((e.id for book in valued.books.values() for e in book.entries), None)
    if first is None:
        return None
    rows = []
    for (_product, group), amount in gained.items():
        house = next((w for w in houses.values() if w.cost_group_id == group), None)
        rows.append(
            finance.Fact(
                "gain" if amount >= 0 else "loss", abs(amount), posting_class=info.posting_class,
                warehouse_id=house.pk if house else None, branch_id=house.branch_id if house else None,
            )
        )  # fmt: skip
    text = _("Standard cost of %(code)s: %(reason)s") if reason else _("Standard cost of %(code)s")
    return finance.post(
        ctx,
        finance.Posting(
            source=Ref("inventory.cost_entry", first), event="inventory.adjusted", on=on, currency=ctx.currency,
            rate=Decimal(1), text=text % {"code": info.code, "reason": reason}, rows=rows,
        ),
        first=True,
    )  # fmt: skip
