"""Products around their rows: what a write settles, and the facts that documents read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid, Refused
from suite.catalog.models.product import Category, Product, ProductCode
from suite.catalog.models.units import ProductUnit, Unit
from suite.catalog.taxing import settle_taxes

DEFAULT_UNIT = "piece"
_CODE = ("pk", "product_id", "kind", "code")


@dataclass(frozen=True, slots=True)
class ProductInfo:
    """What other modules need to know of a product; class and method come from its category."""

    id: UUID
    code: str
    name: str
    kind: str
    unit_id: UUID
    unit_code: str
    category_id: UUID | None
    posting_class: str
    cost_method: str
    tax_class: str
    is_stocked: bool
    list_price: Decimal | None
    list_currency: str
    tax_ids: tuple[UUID, ...]
    state: str = "active"
    category_path: str = ""
    specification: str = ""
    unit_name: str = ""
    unit_locked: bool = False
    over_delivery: Decimal = Decimal(0)  # a share of the ordered quantity


def settle(ctx: Context, drafts: list[Draft]) -> None:
    """Fill unit, currency and codes of the drafts in memory; raises Invalid with every fault."""
    errors: list[FieldError] = []
    default: UUID | None = None
    for d in drafts:
        r = d.record
        if r.unit_id is None:
            default = default or _default_unit()
            r.unit_id = default
        r.list_currency = r.list_currency or ctx.currency
        if d.before and r.unit_locked and d.before["unit_id"] != r.unit_id:
            said = _("Stock of this product has moved, so its base unit stays. Add another unit with a factor.")
            errors.append(FieldError(f"{d.at}/unit", "frozen", said))
        r.barcodes = list(dict.fromkeys(r.barcodes))
        codes = [line.code for line in d.lines.get("codes", [])]
        r.code_words = " ".join(dict.fromkeys([r.code, *r.barcodes, *codes]))
        errors += _relations(d)
    errors += _doubles(drafts)
    if errors:
        raise Invalid(errors)
    settle_taxes(ctx, drafts)


def keep_codes(ctx: Context, drafts: list[Draft]) -> None:
    """Rows for own code and barcodes, as the products now say; three statements for all of them."""
    ids = [d.record.pk for d in drafts]
    wanted = {
        (d.record.pk, kind, code)
        for d in drafts
        for kind, code in [("own", d.record.code), *(("barcode", b) for b in d.record.barcodes if b != d.record.code)]
    }
    stored: dict[tuple[UUID, str, str], UUID] = {}
    if any(d.before for d in drafts):
        rows = ProductCode.objects.filter(product_id__in=ids, managed=True)
        stored = {(product, kind, code): pk for pk, product, kind, code in rows.values_list(*_CODE)}
        ProductCode.objects.filter(pk__in=[pk for key, pk in stored.items() if key not in wanted]).delete()
    ProductCode.objects.bulk_create(
        ProductCode(product_id=pk, kind=kind, code=code, managed=True)
        for pk, kind, code in sorted(wanted - stored.keys())
    )
    cache: dict[UUID, ProductInfo] = ctx.cache.get("catalog.products", {})
    for pk in ids:
        cache.pop(pk, None)


def infos(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, ProductInfo]:
    """The products of these ids in one query, kept for the call; ids that are none are left out."""
    cache: dict[UUID, ProductInfo] = ctx.cache.setdefault("catalog.products", {})
    wanted = list(dict.fromkeys(ids))
    missing = [pk for pk in wanted if pk not in cache]
    if missing:
        for p in Product.objects.filter(pk__in=missing).select_related("unit", "category"):
            c: Category | None = p.category
            cache[p.pk] = ProductInfo(
                id=p.pk,
                code=p.code,
                name=p.name,
                kind=p.kind,
                unit_id=p.unit_id,
                unit_code=p.unit.code,
                unit_name=p.unit.name,
                category_id=p.category_id,
                posting_class=c.posting_class if c else "",
                cost_method=c.cost_method if c else Category.CostMethod.AVERAGE.value,
                tax_class=p.tax_class or (c.tax_class if c else ""),
                is_stocked=p.kind == Product.Kind.GOODS,
                list_price=p.list_price,
                list_currency=p.list_currency,
                tax_ids=tuple(UUID(t) for t in p.taxes),
                state=p.state,
                category_path=c.path if c else "",
                specification=p.specification,
                unit_locked=p.unit_locked,
                over_delivery=p.over_delivery,
            )
    return {pk: cache[pk] for pk in wanted if pk in cache}


def factors(ctx: Context, asks: Iterable[tuple[UUID, UUID | None]]) -> dict[tuple[UUID, UUID | None], Fraction]:
    """How many base units one of ``unit`` is, for each (product, unit); no unit is the base unit.

    The product's own units first, then units of the same dimension. Refused where neither says.
    """
    asks = set(asks)
    known = infos(ctx, [p for p, _u in asks])
    cache: dict[tuple[UUID, UUID | None], Fraction] = ctx.cache.setdefault("catalog.factors", {})
    open_asks = [(p, u) for p, u in asks if (p, u) not in cache]
    for p, u in open_asks:
        if u is None or u == known[p].unit_id:
            cache[(p, u)] = Fraction(1)
    open_asks = [a for a in open_asks if a not in cache]
    if open_asks:
        own = {
            (row.product_id, row.unit_id): Fraction(row.numerator, row.denominator)
            for row in ProductUnit.objects.filter(product_id__in=[p for p, _u in open_asks])
        }
        units = {u.pk: u for u in Unit.objects.all()}
        for p, u in open_asks:
            assert u is not None
            cache[(p, u)] = own[(p, u)] if (p, u) in own else _by_dimension(known[p], units[u], units[known[p].unit_id])
    return {ask: cache[ask] for ask in asks}


def find_by_code(values: list[str]) -> dict[str, Any]:
    """Word → product id by any code or barcode; None where it names two."""
    found: dict[str, set[UUID]] = {}
    for code, pk in ProductCode.objects.filter(code__in=values).values_list("code", "product_id"):
        found.setdefault(code, set()).add(pk)
    return {code: next(iter(pks)) if len(pks) == 1 else None for code, pks in found.items()}


def _by_dimension(product: ProductInfo, unit: Unit, base: Unit) -> Fraction:
    if unit.dimension != base.dimension:
        raise Refused(
            _("%(unit)s cannot be converted to %(base)s for product %(code)s. Add the unit on the product's page.")
            % {"unit": unit.name, "base": base.name, "code": product.code},
            code="no_conversion",
        )
    return Fraction(unit.numerator, unit.denominator) / Fraction(base.numerator, base.denominator)


def _default_unit() -> UUID:
    pk = Unit.objects.filter(code=DEFAULT_UNIT).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid.at("/unit", _("Say which unit: there is no unit “%(code)s”.") % {"code": DEFAULT_UNIT})
    return pk


def _relations(d: Draft) -> list[FieldError]:
    errors = []
    for line in d.lines.get("related", []):
        if line.other_id == d.record.pk:
            at = d.line_at.get(line.pk, d.at)
            errors.append(FieldError(f"{at}/other", "invalid", _("A product cannot be related to itself.")))
    for line in d.lines.get("units", []):
        if line.unit_id == d.record.unit_id and (line.numerator, line.denominator) != (1, 1):
            at = d.line_at.get(line.pk, d.at)
            errors.append(FieldError(f"{at}/unit", "invalid", _("The base unit is 1 of itself.")))
    return errors


def _doubles(drafts: list[Draft]) -> list[FieldError]:
    """Codes that already find another product, in the drafts or in the house."""
    places: dict[str, list[tuple[UUID, str]]] = {}
    for d in drafts:
        r = d.record
        if d.is_new or "code" in d.given:
            places.setdefault(r.code, []).append((r.pk, f"{d.at}/code"))
        for i, code in enumerate(r.barcodes):
            if (d.is_new or "barcodes" in d.given) and code != r.code:
                places.setdefault(code, []).append((r.pk, f"{d.at}/barcodes/{i}"))
        for line in d.lines.get("codes", []):
            if line.party_id is None and line.pk in d.line_at:
                places.setdefault(line.code, []).append((r.pk, f"{d.line_at[line.pk]}/code"))
    mine = {d.record.pk for d in drafts}
    rows = ProductCode.objects.filter(code__in=list(places), party=None).exclude(product_id__in=mine)
    taken = dict(rows.values_list("code", "product__code"))
    errors = []
    for code, found in places.items():
        said = _("“%(code)s” already finds product %(product)s.")
        if code in taken:
            errors += [
                FieldError(at, "already_exists", said % {"code": code, "product": taken[code]}) for _pk, at in found
            ]
        elif len(found) > 1:
            errors += [FieldError(at, "double", _("This code is given twice.")) for _pk, at in found[1:]]
    return errors
