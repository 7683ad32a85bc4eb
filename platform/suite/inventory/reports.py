"""What is there and what it is worth: stock value, availability, in-out-balance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext

from kontor.context import Context
from kontor.reports.api import BALANCE, FLOW, OUTLOOK, Column, Drill, Line, Parameter, Table, before, report
from suite.catalog import api as catalog
from suite.inventory import places
from suite.inventory.availability import availability as ask_availability
from suite.inventory.contracts import AvailabilityAsk
from suite.inventory.models import CostEntry, Move, StockLevel
from suite.inventory.rules import ZERO, share_value

Key = tuple[UUID, UUID]  # product, warehouse
_WAREHOUSE = Parameter("warehouse", lazy("Warehouse"), "reference", relation="inventory.warehouse")
_PRODUCT = Parameter("product", lazy("Product"), "reference", relation="catalog.product")
_NAMES = (
    Column("product", lazy("Product")),
    Column("name", lazy("Name")),
    Column("warehouse", lazy("Warehouse")),
)


_valued = partial(  # a report that shows what stock is worth
    report,
    module="inventory",
    parameters=(_WAREHOUSE, _PRODUCT),
    roles={"accountant": "view export", "purchasing": "view export"},
)


def _quantity(name: str, label: Any) -> Column:
    return Column(name, label, "quantity")


def _worth(ctx: Context, name: str, label: Any) -> Column:
    return Column(name, label, "amount", ctx.currency, guard="cost")


@_valued(
    "stock-value",
    label=lazy("Stock value"),
    description=lazy("Quantity and value per product and warehouse; the total is the balance of the stock accounts."),
    period=BALANCE,
    icon="coins",
)
def stock_value(ctx: Context, given: Mapping[str, Any]) -> Table:
    """From moves and cost entries up to the date; a cost group's value is shared by quantity.

    With a span what there was the day before it stands behind.
    """
    now, day = _stood(ctx, given, given["as_of"]), before(given)
    then = {} if day is None else _stood(ctx, given, day)
    rows = []
    for key in sorted({*now, *then}, key=str):
        cells = (*now.get(key, (ZERO, ZERO)), *then.get(key, (ZERO, ZERO)))
        if given.get("warehouse") in (None, key[1]) and any(cells):
            rows.append((*key, *cells))
    opening = day is not None
    lines = [
        Line(
            (*names, quantity, value / quantity if quantity else None, value,
             *((was, worth, value - worth) if opening else ())),
            Drill("inventory.cost_entry", filters={"product": str(product_id), "on__lte": str(given["as_of"])}),
        )
        for names, product_id, quantity, value, was, worth in _named(ctx, rows)
    ]  # fmt: skip
    columns = _value_columns(ctx, opening=opening)
    totals = [
        sum((line.values[at] for line in lines), ZERO) if column.type == "amount" else None
        for at, column in enumerate(columns)
    ]
    return Table(columns, lines, (_("Total"), *totals[1:]))


def _value_columns(ctx: Context, *, opening: bool) -> tuple[Column, ...]:
    span = (
        _quantity("opening", _("Opening")),
        _worth(ctx, "opening_value", _("Opening value")),
        _worth(ctx, "change", pgettext("figure", "Change")),
    )
    return (
        *_NAMES,
        _quantity("quantity", _("On hand")),
        Column("unit_cost", _("Unit cost"), "price", ctx.currency, guard="cost"),
        _worth(ctx, "value", _("Value")),
        *(span if opening else ()),
    )


def _stood(ctx: Context, given: Mapping[str, Any], day: dt.date) -> dict[Key, tuple[Decimal, Decimal]]:
    return _values(ctx, {**given, "as_of": day}, _quantities(ctx, day, given.get("product")))


@report(
    "availability",
    module="inventory",
    label=lazy("Availability"),
    description=lazy("On hand, awaiting inspection and put-away, expected, ordered: what can still be sold."),
    period=OUTLOOK,
    parameters=(
        _WAREHOUSE,
        _PRODUCT,
        Parameter("until", lazy("Until"), "date", help=lazy("Leave out what is expected or ordered later.")),
    ),
    roles=dict.fromkeys(("sales_lead", "sales", "purchasing", "warehouse", "accountant"), "view export"),
    icon="stack-2",
)
def availability(ctx: Context, given: Mapping[str, Any]) -> Table:
    """A row per product and warehouse that has a level, with the terms of seed 000.

    What is on hand is always of now; ``as_of`` (or ``until``) leaves out what is planned for later. With ``from`` what
    could be sold of everything planned before that day stands behind.
    """
    levels = StockLevel.objects.all()
    for name in ("warehouse", "product"):
        if given.get(name):
            levels = levels.filter(**{f"{name}_id": given[name]})
    keys = list(levels.order_by("product__code", "warehouse__code").values_list("product_id", "warehouse_id"))
    told = _free(ctx, keys, given.get("until") or given["as_of"])
    day = before(given)
    earlier = [] if day is None else [a.free for a in _free(ctx, keys, day)]
    terms = [(t.name, t.label) for t in told[0].terms] if told else []
    columns = (
        *_NAMES,
        *(_quantity(name, label) for name, label in terms),
        _quantity("free", _("Available to sell")),
        _quantity("now", _("Available now")),
        *((_quantity("opening", _("Opening")), _quantity("change", pgettext("figure", "Change"))) if day else ()),
    )
    rows = [
        (a.product_id, a.warehouse_id, *(t.quantity for t in a.terms), a.free, a.now,
         *((earlier[at], a.free - earlier[at]) if earlier else ()))
        for at, a in enumerate(told)
    ]  # fmt: skip
    lines = [
        Line((*names, *rest), Drill("inventory.planned_move", filters={"product": str(product_id), "is_open": "true"}))
        for names, product_id, *rest in _named(ctx, rows)
    ]
    return Table(columns, lines)


def _free(ctx: Context, keys: list[Key], until: dt.date | None) -> list[Any]:
    asks = [AvailabilityAsk(p, w, ZERO, ctx.today, until=until) for p, w in keys]
    return ask_availability(ctx, asks) if asks else []


@_valued(
    "stock-movements",
    label=lazy("In-out-balance"),
    description=lazy("Opening, in, out and closing quantity per product and warehouse, with the values."),
    period=FLOW,
    icon="arrows-exchange",
)
def stock_movements(ctx: Context, given: Mapping[str, Any]) -> Table:
    """From the moves: what came in and went out between two days, and what was there before and after."""
    first, last = given["from"], given["to"]
    product = given.get("product")
    opening = _quantities(ctx, first - dt.timedelta(days=1), product)
    closing = _quantities(ctx, last, product)
    came, went = _turnover(ctx, first, last, product)
    before = _values(ctx, {"as_of": first - dt.timedelta(days=1), "product": product}, opening)
    after = _values(ctx, {"as_of": last, "product": product}, closing)
    rows = []
    for key in sorted({*opening, *closing, *came, *went}, key=str):
        quantities = [opening.get(key, ZERO), came.get(key, ZERO), went.get(key, ZERO), closing.get(key, ZERO)]
        if given.get("warehouse") in (None, key[1]) and any(quantities):
            worth = [before.get(key, (ZERO, ZERO))[1], after.get(key, (ZERO, ZERO))[1]]
            rows.append((*key, *quantities, *worth))
    columns = (
        *_NAMES,
        _quantity("opening", _("Opening")),
        _quantity("in", pgettext("goods", "In")),
        _quantity("out", pgettext("goods", "Out")),
        _quantity("closing", _("Closing")),
        _worth(ctx, "opening_value", _("Opening value")),
        _worth(ctx, "closing_value", _("Closing value")),
    )
    lines = [
        Line(
            (*names, *rest),
            Drill("inventory.move", filters={"product": str(product_id), "on__gte": str(first), "on__lte": str(last)}),
        )
        for names, product_id, *rest in _named(ctx, rows)
    ]
    totals = [sum((line.values[i] for line in lines), ZERO) for i in (7, 8)]
    return Table(columns, lines, (_("Total"), *[None] * 6, *totals))


def _named(ctx: Context, rows: list[Any]) -> list[Any]:
    """Rows with code, name and warehouse in front, in order of the product's code."""
    products, houses = catalog.products(ctx, {row[0] for row in rows}), places.warehouses(ctx)
    out = [((products[p].code, products[p].name, houses[w].code), p, *rest) for p, w, *rest in rows]
    return sorted(out, key=lambda row: (row[0][0], row[0][2]))


def _quantities(ctx: Context, to: dt.date, product_id: UUID | None) -> dict[Key, Decimal]:
    """What stood at our places on that day and is ours on the balance sheet."""
    out: dict[Key, Decimal] = {}
    for sign, end in ((1, "to_location"), (-1, "from_location")):
        rows = _moves(product_id).filter(**{f"{end}__valued": True}, on__lte=to)
        for p, w, n in rows.values_list("product_id", f"{end}__warehouse_id").annotate(n=Sum("quantity")).order_by():
            out[(p, w)] = out.get((p, w), ZERO) + sign * n
    return {key: n for key, n in out.items() if n}


def _turnover(
    ctx: Context, first: dt.date, last: dt.date, product_id: UUID | None
) -> tuple[dict[Key, Decimal], dict[Key, Decimal]]:
    """What came into each warehouse and left it; moves inside a warehouse count in neither."""
    found: list[dict[Key, Decimal]] = []
    for end, other in (("to_location", "from_location"), ("from_location", "to_location")):
        rows = _moves(product_id).filter(**{f"{end}__valued": True}, on__gte=first, on__lte=last)
        rows = rows.exclude(Q(**{f"{other}__valued": True}) & Q(**{f"{other}__warehouse": F(f"{end}__warehouse")}))
        sums = rows.values_list("product_id", f"{end}__warehouse_id").annotate(n=Sum("quantity")).order_by()
        found.append({(p, w): n for p, w, n in sums})
    return found[0], found[1]


def _moves(product_id: UUID | None) -> QuerySet[Move]:
    rows = Move.objects.filter(owner_party_id__isnull=True)
    return rows.filter(product_id=product_id) if product_id else rows


def _values(
    ctx: Context, given: Mapping[str, Any], quantities: Mapping[Key, Decimal]
) -> dict[Key, tuple[Decimal, Decimal]]:
    """Quantity and value on a day: a cost group's entries up to it, shared by what each warehouse held."""
    entries = CostEntry.objects.filter(on__lte=given["as_of"])
    if given.get("product"):
        entries = entries.filter(product_cost__product_id=given["product"])
    sums = {
        (p, g): n
        for p, g, n in entries.values_list("product_cost__product_id", "product_cost__cost_group_id")
        .annotate(n=Sum("amount"))
        .order_by()
    }
    houses = places.warehouses(ctx)
    members: dict[tuple[UUID, UUID | None], list[Key]] = {}
    for key in sorted(quantities, key=str):
        members.setdefault((key[0], houses[key[1]].cost_group_id), []).append(key)
    out = {key: (n, ZERO) for key, n in quantities.items()}
    for group, value in sums.items():
        keys = members.get(group, [])
        if not keys and value:  # nothing was there, yet it was worth something: back-dated issues
            first = next((w.pk for w in houses.values() if w.cost_group_id == group[1]), next(iter(houses)))
            out[(group[0], first)] = (ZERO, value)
        for key, part in zip(keys, share_value(value, [quantities[k] for k in keys], ctx.currency), strict=True):
            out[key] = (quantities[key], part)
    return out
