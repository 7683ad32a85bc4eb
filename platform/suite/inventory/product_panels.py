"""Stock on the page of a product: per warehouse with its arithmetic, what it costs, and in the type-ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.resources import registry
from kontor.values.money import plain
from kontor.web import showing
from kontor.web.cards import Figure
from kontor.web.picking import extra
from kontor.web.record.dossier import Cell, Listing, RecordCard, figures, record_card
from suite.catalog import api as catalog
from suite.inventory import places
from suite.inventory.availability import availability
from suite.inventory.contracts import Availability, AvailabilityAsk
from suite.inventory.models import StockLevel
from suite.inventory.outcomes import unit_costs
from suite.inventory.rules import ZERO

_STOCK = ("on_hand", "at_inspection", "awaiting_put_away")
_EXPECTED = ("expected_work_orders", "expected_purchases")


def _by_warehouse(ctx: Context, product_id: Any) -> list[tuple[Any, Availability]]:
    """The answer for every active warehouse; one call, kept for the page."""
    key = f"inventory.page:{product_id}"
    if key not in ctx.cache:
        houses = [w for w in places.warehouses(ctx).values() if w.is_active]
        asks = [AvailabilityAsk(product_id, w.pk, ZERO, ctx.today) for w in houses]
        ctx.cache[key] = list(zip(houses, availability(ctx, asks) if asks else [], strict=True))
    found: list[tuple[Any, Availability]] = ctx.cache[key]
    return found


def _kept(ctx: Context, row: Mapping[str, Any]) -> bool:
    return row.get("kind") != "service" and ctx.rights.can("inventory.balance", "view")


@figures("catalog.product", order=10)
def stock(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """What can be sold, what lies there, and what a piece costs for those with the right."""
    if not _kept(ctx, row):
        return []
    told = [a for _w, a in _by_warehouse(ctx, row["id"])]
    free, now = sum((a.free for a in told), ZERO), sum((a.now for a in told), ZERO)
    on_hand = sum((_term(a, *_STOCK) for a in told), ZERO)
    unit = str(row.get("unit__title") or "")
    href = f"/inventory/balances/?product={row['id']}"
    look = "bad" if free < 0 else "warn" if not free else ""
    said = _("%(n)s can go at once") % {"n": showing.quantity(max(now, ZERO))}
    out = [
        Figure(_("Available"), _with(free, unit), said, look, href),
        Figure(_("On hand"), _with(on_hand, unit), _expected(told), "", href),
    ]
    if ctx.rights.sees("cost"):
        out += _cost(ctx, row)
    return out


def _expected(told: list[Availability]) -> str:
    coming = sum((_term(a, *_EXPECTED) for a in told), ZERO)
    return _("%(n)s expected") % {"n": showing.quantity(coming)} if coming else _("nothing expected")


def _cost(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """Cost of a piece with the margin at list price, and the value of the stock; two queries."""
    cost = unit_costs(ctx, [row["id"]]).get(row["id"])
    if cost is None:
        return []
    note, look = "", ""
    price = row.get("list_price")
    if price and (row.get("list_currency") or ctx.currency) == ctx.currency:
        share = (price - cost) / price
        note, look = _("%(share)s margin at list price") % {"share": f"{share:.0%}"}, "ok" if share > 0 else "bad"
    value = StockLevel.objects.filter(product_id=row["id"]).aggregate(n=Sum("value"))["n"] or ZERO
    rounded = cost.quantize(Decimal("0.01"))
    return [
        Figure(_("Cost"), f"{showing.symbol(ctx.currency)} {showing.group(plain(rounded))}", note, look),
        Figure(_("Stock value"), showing.figure(value, ctx.currency, ctx.language)),
    ]


def _with(value: Decimal, unit: str) -> str:
    return f"{showing.quantity(value)} {unit}".strip()


def _term(told: Availability, *names: str) -> Decimal:
    return sum((t.quantity for t in told.terms if t.name in names), ZERO)


@record_card("catalog.product", order=10)
def by_warehouse(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """On hand + awaiting + expected − ordered = available, a row a warehouse, and the sum."""
    if not _kept(ctx, row):
        return None
    told = [(w, a) for w, a in _by_warehouse(ctx, row["id"]) if any(t.quantity for t in a.terms)]
    heads = (
        (_("Warehouse"), False), (_("On hand"), True), (_("+ awaiting"), True), (_("+ expected"), True),
        (_("− ordered"), True), (_("= available"), True), (_("at once"), True),
    )  # fmt: skip
    rows = tuple((Cell(w.name, f"/inventory/warehouses/{w.pk}/"), *_sums([a])) for w, a in told)
    total = (Cell(_("All")), *_sums([a for _w, a in told])) if len(told) > 1 else ()
    href = f"/inventory/balances/?product={row['id']}"
    return RecordCard(
        _("Availability by warehouse"), href=href if rows else "", note=str(row.get("unit__title") or ""),
        table=Listing(heads, rows, total) if rows else None, empty=_("Nothing in stock, nothing expected or ordered."),
    )  # fmt: skip


def _sums(told: list[Availability]) -> tuple[Cell, ...]:
    free = sum((a.free for a in told), ZERO)
    numbers = (
        sum((_term(a, "on_hand") for a in told), ZERO),
        sum((_term(a, "at_inspection", "awaiting_put_away") for a in told), ZERO),
        sum((_term(a, *_EXPECTED) for a in told), ZERO),
        abs(sum((_term(a, "ordered") for a in told), ZERO)),
    )
    now = sum((a.now for a in told), ZERO)
    return (
        *(Cell(showing.quantity(n), look="" if n else "3") for n in numbers),
        Cell(showing.quantity(free), look="bad" if free < 0 else "ok" if free else "3"),
        Cell(showing.quantity(now), look="" if now else "3"),
    )


@record_card("catalog.product", order=20)
def shortage_documents(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """Which documents want it and which bring it, by their dates; nothing where there are none."""
    if not _kept(ctx, row):
        return None
    cells = [
        (d.on or ctx.today, d, t)
        for _w, a in _by_warehouse(ctx, row["id"])
        for t in a.terms
        if t.name in ("ordered", *_EXPECTED)
        for d in t.documents
    ]
    if not cells:
        return None
    rows = tuple(
        (
            Cell(showing.date(on, ctx.today), look="bad" if on < ctx.today else ""),
            _document(ctx, d),
            Cell(("−" if t.name == "ordered" else "+") + showing.quantity(abs(d.quantity))),
        ) for on, d, t in sorted(cells, key=lambda c: c[0])[:8]
    )  # fmt: skip
    heads = ((_("Date"), False), (_("Document"), False), (_("Quantity"), True))
    return RecordCard(_("Demand and supply"), count=str(len(cells)), table=Listing(heads, rows))


def _document(ctx: Context, d: Any) -> Cell:
    spec = registry.spec(d.ref.resource)
    href = f"/{spec.path}/{d.ref.id}/" if ctx.rights.can(spec.name, "view") else ""
    return Cell(d.label or str(spec.label), href)


@extra("catalog.product", order=20)
def free_facts(ctx: Context, ids: Sequence[UUID], params: Mapping[str, str]) -> dict[UUID, dict[str, Any]]:
    """What can be sold of each product in its unit; of the chosen warehouse where the form has one."""
    products = {pk: p for pk, p in catalog.products(ctx, ids).items() if p.is_stocked}
    chosen = params.get("warehouse", "")
    house = next((pk for pk in places.warehouses(ctx) if str(pk) == chosen), None)
    asks = [AvailabilityAsk(pk, house, ZERO, ctx.today) for pk in products]
    return {
        a.product_id: {"facts": [_fact(a, products[a.product_id])]}
        for a in (availability(ctx, asks) if asks else [])
        if a.product_id in products
    }


def _fact(told: Availability, product: Any) -> dict[str, str]:
    look = "ok" if told.free > 0 else "bad" if told.free < 0 else "warn"
    text = _("%(n)s available") % {"n": f"{showing.quantity(told.free)} {product.unit_name}".strip()}
    return {"text": text, "look": look}
