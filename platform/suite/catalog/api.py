"""What other modules may ask of the catalogue: products, units, prices, taxes, exchange rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from kontor.context import Context
from suite.catalog import exchange, pricing, taxing
from suite.catalog import products as product_facts
from suite.catalog.installing import TaxRow, TaxRuleRow, UnitRow, install
from suite.catalog.models import PriceList, Product, Tax
from suite.catalog.pricing import PriceAnswer, PriceAsk, PriceListInfo, floor_sentence, price
from suite.catalog.products import ProductInfo
from suite.catalog.rules import units
from suite.catalog.rules.taxes import LineAmounts, TaxAmount, TaxFact, TaxLine, Totals
from suite.catalog.taxing import taxes_for

__all__ = [
    "LineAmounts",
    "PriceAnswer",
    "PriceAsk",
    "PriceListInfo",
    "ProductInfo",
    "TaxAmount",
    "TaxFact",
    "TaxLine",
    "TaxRow",
    "TaxRuleRow",
    "Totals",
    "UnitRow",
    "compute",
    "find_product",
    "floor_sentence",
    "from_base",
    "install",
    "lock_units",
    "price",
    "price_lists",
    "products",
    "rate",
    "read_price_rules",
    "tax_kinds",
    "taxes",
    "taxes_for",
    "to_base",
]


def products(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, ProductInfo]:
    """The products of these ids in one query, kept for the call."""
    return product_facts.infos(ctx, ids)


def find_product(ctx: Context, word: str) -> UUID | None:
    """The product that a code or barcode finds; None where it finds none or two."""
    found: UUID | None = product_facts.find_by_code([word]).get(word)
    return found


def to_base(ctx: Context, rows: Sequence[tuple[UUID, UUID | None, Decimal]]) -> list[Decimal]:
    """(product, unit, quantity) → the quantity in the product's base unit, in the same order."""
    sizes = product_facts.factors(ctx, [(p, u) for p, u, _q in rows])
    return [units.to_base(q, sizes[(p, u)]) for p, u, q in rows]


def from_base(ctx: Context, rows: Sequence[tuple[UUID, UUID | None, Decimal]]) -> list[Decimal]:
    """(product, unit, base quantity) → the quantity in that unit, in the same order."""
    sizes = product_facts.factors(ctx, [(p, u) for p, u, _q in rows])
    return [units.from_base(q, sizes[(p, u)]) for p, u, q in rows]


def lock_units(ctx: Context, product_ids: Iterable[UUID]) -> None:
    """Stock of these products has moved: their base unit can no longer change. One statement, once a product."""
    loose = [pk for pk, p in products(ctx, product_ids).items() if not p.unit_locked]
    if loose:
        Product.objects.filter(pk__in=loose, unit_locked=False).update(unit_locked=True)


def price_lists(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, PriceListInfo]:
    """The price lists of these ids, one query."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = PriceList.objects.filter(pk__in=wanted).values_list("pk", "name", "side", "currency", "tax_included")
    return {row[0]: PriceListInfo(*row) for row in rows}


def read_price_rules(ctx: Context, product_ids: Iterable[UUID], party_ids: Iterable[UUID]) -> None:
    """Read at once what ``price`` is going to be asked for several parties; one query."""
    pricing.read_rules(ctx, product_ids, party_ids)


def taxes(ctx: Context) -> dict[UUID, TaxFact]:
    """All taxes of the company by id."""
    return taxing.facts(ctx)


def tax_kinds(ctx: Context) -> dict[UUID, str]:
    """taxable, zero or exempt of each tax, for returns and prints."""
    return dict(Tax.objects.values_list("pk", "kind"))


def compute(
    ctx: Context,
    lines: Sequence[TaxLine],
    *,
    currency: str,
    included: bool = False,
    extra: Decimal = Decimal(0),
    extra_tax_ids: Iterable[UUID] = (),
) -> Totals:
    """Net, taxes and total of a document: the only function that computes tax."""
    return taxing.compute(ctx, lines, currency=currency, included=included, extra=extra, extra_tax_ids=extra_tax_ids)


def rate(ctx: Context, source: str, target: str, on: dt.date, kind: str = "spot") -> Decimal:
    """How many ``target`` one ``source`` is on that day; 1 for the same currency; Refused if unknown."""
    return exchange.rate(ctx, source, target, on, kind)
