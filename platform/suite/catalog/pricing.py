"""Prices: the rules of the company around the pure choice, with the sentence that explains."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import FieldError, Invalid
from kontor.values.money import STORED_PLACES, digits, plain, price_text
from kontor.values.parsing import decimal
from kontor.values.wording import row_of
from suite.catalog import exchange, taxing
from suite.catalog.models.prices import PriceRule
from suite.catalog.models.units import Unit
from suite.catalog.products import ProductInfo, factors, infos
from suite.catalog.rules import prices as rules
from suite.catalog.rules.units import as_decimal
from suite.parties import api as parties


@dataclass(frozen=True, slots=True)
class PriceAsk:
    """A product, how many of ``unit_id`` (base unit where None)."""

    product_id: UUID
    quantity: Decimal
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """The price of one unit as asked, a discount on it, the sentence that explains, the lowest price."""

    unit_price: Decimal
    discount: Decimal
    rule: str
    floor: Decimal | None
    rule_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PriceListInfo:
    """A price list as documents that name it need it."""

    id: UUID
    name: str
    side: str
    currency: str
    tax_included: bool


def price(
    ctx: Context,
    asks: Sequence[PriceAsk],
    *,
    party_id: UUID | None,
    currency: str,
    on: dt.date,
    side: str = "sell",
    included: bool = False,
    price_list_id: UUID | None = None,
) -> list[PriceAnswer]:
    """The price of each ask: the most specific rule, the list price as last resort; five queries at most.

    ``included``: the document's prices hold their taxes. ``price_list_id``: the list that the document
    names comes first. Refused where an exchange rate is missing.
    """
    products = infos(ctx, [a.product_id for a in asks])
    grade = _grade(ctx, party_id, side)
    found = _facts(ctx, products, party_id, grade, on, side)
    sizes = factors(ctx, [(a.product_id, a.unit_id) for a in asks])
    taxes = taxing.taxes_for(ctx, products, party_id, on, side) if included or _any_included(found) else {}
    out = []
    for a in asks:
        p, factor = products[a.product_id], sizes[(a.product_id, a.unit_id)]
        wanted = rules.Wanted(
            product_id=p.id,
            quantity=as_decimal(Fraction(a.quantity) * factor),
            category_path=p.category_path,
            party_id=party_id,
            grade=grade,
            unit_id=a.unit_id or p.unit_id,
            on=on,
            currency=currency,
        )
        gross = taxing.included_factor(ctx, taxes.get(p.id, ()))
        out.append(_answer(ctx, _Case(p, factor, wanted, found, side, included, gross, price_list_id)))
    return out


@dataclass(frozen=True, slots=True)
class _Case:
    """All that one answer depends on; ``gross`` is 1 plus the product's taxes."""

    product: ProductInfo
    factor: Fraction
    wanted: rules.Wanted
    found: list[rules.RuleFact]
    side: str
    included: bool
    gross: Decimal
    price_list_id: UUID | None = None

    def convert(self, ctx: Context, amount: Decimal, source: str, factor: Fraction, included: bool) -> Decimal:
        """An amount of a rule as a price of the document: unit, currency, tax."""
        value = rules.in_unit(
            amount, factor, self.factor, exchange.rate(ctx, source, self.wanted.currency, self.wanted.on)
        )
        if included != self.included:
            value = value * Fraction(self.gross) if self.included else value / Fraction(self.gross)
        exact = source == self.wanted.currency and included == self.included
        places = STORED_PLACES if exact else min(digits(self.wanted.currency) + 2, STORED_PLACES)
        return as_decimal(value, places)


def _answer(ctx: Context, case: _Case) -> PriceAnswer:
    p, wanted = case.product, case.wanted
    offer = rules.of_list(case.found, case.price_list_id, wanted)
    floor_rule = rules.lowest(case.found, wanted)
    floor = None
    if floor_rule is not None and floor_rule.floor is not None:
        floor = case.convert(ctx, floor_rule.floor, floor_rule.currency, floor_rule.factor, floor_rule.tax_included)
    if offer is not None and offer.price is not None:
        r = offer.rule
        value = case.convert(ctx, offer.price, r.currency, r.factor, r.tax_included)
        return PriceAnswer(value, offer.discount, explain(ctx, case, offer), floor, r.id)
    discount = offer.discount if offer is not None else Decimal(0)
    rule_id = offer.rule.id if offer is not None else None
    if p.list_price is None or case.side == "buy":
        said = _("No purchase price is known") if case.side == "buy" else _("No price is known: the product has none")
        return PriceAnswer(Decimal(0), Decimal(0), said, floor, rule_id)
    value = case.convert(ctx, p.list_price, p.list_currency, Fraction(1), False)
    if offer is not None:
        return PriceAnswer(value, discount, explain(ctx, case, offer), floor, rule_id)
    said = _("List price")
    if p.list_currency != wanted.currency:
        said += _exchanged(ctx, p.list_currency, wanted)
    return PriceAnswer(value, Decimal(0), said, floor, None)


def explain(ctx: Context, case: _Case, offer: rules.Offer) -> str:
    """The sentence: which list, for whom, for what, from how many, until when, by which exchange."""
    r, wanted = offer.rule, case.wanted
    parts = [_("Price list “%(name)s”") % {"name": r.list_name}]
    if r.party_id is not None:
        parts.append(_("for this customer") if case.side == "sell" else _("of this supplier"))
    elif r.grade:
        parts.append(_("grade %(grade)s") % {"grade": r.grade})
    if r.category_path and r.product_id is None:
        parts.append(_("category %(category)s") % {"category": r.category_path.strip("/").rpartition("/")[2]})
    from_quantity = offer.step.quantity if offer.step else r.quantity_from
    if from_quantity:
        parts.append(_("from %(quantity)s") % {"quantity": plain(from_quantity)})
    if r.valid_to:
        parts.append(_("until %(date)s") % {"date": r.valid_to.isoformat()})
    if offer.price is None:
        parts.append(_("%(percent)s%% off the list price") % {"percent": plain(offer.discount * 100)})
    elif offer.discount:
        parts.append(_("less %(percent)s%%") % {"percent": plain(offer.discount * 100)})
    said = row_of(parts)
    source = r.currency if offer.price is not None else case.product.list_currency
    return said if source == wanted.currency else said + _exchanged(ctx, source, wanted)


def _exchanged(ctx: Context, source: str, wanted: rules.Wanted) -> str:
    rate = exchange.rate(ctx, source, wanted.currency, wanted.on)
    return _(", exchanged from %(source)s at %(rate)s") % {"source": source, "rate": plain(rate)}


def _grade(ctx: Context, party_id: UUID | None, side: str) -> str:
    if party_id is None or side == "buy":
        return ""
    customer = parties.customers(ctx, [party_id]).get(party_id)
    return customer.price_grade if customer else ""


def _any_included(found: Iterable[rules.RuleFact]) -> bool:
    return any(rule.tax_included for rule in found)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Rules that were read for many documents at once, by product; None: those without one."""

    products: frozenset[UUID]
    parties: frozenset[UUID]
    by_product: dict[UUID | None, list[rules.RuleFact]]


def read_rules(ctx: Context, product_ids: Iterable[UUID], party_ids: Iterable[UUID], side: str = "sell") -> None:
    """Read at once the rules that ``price`` is going to be asked for, of several parties; kept for the call."""
    products, parties_of = infos(ctx, product_ids), frozenset(party_ids)
    by_product: dict[UUID | None, list[rules.RuleFact]] = {}
    for fact in _read(ctx, products, Q(party=None) | Q(party_id__in=parties_of), side):
        by_product.setdefault(fact.product_id, []).append(fact)
    ctx.cache[("catalog.rules", side)] = _Rules(frozenset(products), parties_of, by_product)


def _facts(
    ctx: Context, products: dict[UUID, ProductInfo], party_id: UUID | None, grade: str, on: dt.date, side: str
) -> list[rules.RuleFact]:
    """The rules that may concern these products for this party on this day; kept for the call."""
    known: _Rules | None = ctx.cache.get(("catalog.rules", side))
    if known is not None and known.products.issuperset(products) and (party_id is None or party_id in known.parties):
        return [
            fact
            for pk in (*products, None)
            for fact in known.by_product.get(pk, ())
            if fact.party_id in (None, party_id)
            and fact.grade in ("", grade)
            and (fact.valid_from is None or fact.valid_from <= on)
            and (fact.valid_to is None or fact.valid_to >= on)
        ]
    key = ("catalog.rules", frozenset(products), party_id, grade, on, side)
    if key not in ctx.cache:
        concerned = (
            (Q(party=None) | Q(party_id=party_id))
            & (Q(grade="") | Q(grade=grade))
            & (Q(valid_from=None) | Q(valid_from__lte=on))
            & (Q(valid_to=None) | Q(valid_to__gte=on))
        )
        ctx.cache[key] = _read(ctx, products, concerned, side)
    kept: list[rules.RuleFact] = ctx.cache[key]
    return kept


def _read(ctx: Context, products: dict[UUID, ProductInfo], concerned: Q, side: str) -> list[rules.RuleFact]:
    paths = {p.category_path for p in products.values() if p.category_path}
    ancestors = {"/".join(path.split("/")[: i + 1]) + "/" for path in paths for i in range(1, path.count("/"))}
    matching = PriceRule.objects.filter(
        Q(product_id__in=list(products))
        | Q(product=None, category__path__in=ancestors)
        | Q(product=None, category=None),
        concerned,
        price_list__side=side,
        price_list__is_active=True,
    ).select_related("price_list", "category")
    rows = list(matching)
    sizes = factors(ctx, {(r.product_id, r.unit_id) for r in rows if r.product_id is not None})
    plain_units = _unit_factors({r.unit_id for r in rows if r.product_id is None and r.unit_id})
    return [
        _fact(r, sizes[(r.product_id, r.unit_id)] if r.product_id else plain_units.get(r.unit_id, Fraction(1)))
        for r in rows
    ]


def _unit_factors(ids: set[UUID]) -> dict[Any, Fraction]:
    """Units of rules without a product count by their own factor."""
    return {u.pk: Fraction(u.numerator, u.denominator) for u in Unit.objects.filter(pk__in=ids)} if ids else {}


def _fact(r: PriceRule, factor: Fraction) -> rules.RuleFact:
    return rules.RuleFact(
        id=r.pk,
        list_name=r.price_list.name,
        list_id=r.price_list_id,
        currency=r.price_list.currency,
        kind=r.kind,
        price=r.price,
        discount=r.discount,
        steps=tuple(_step(s) for s in r.steps),
        floor=r.floor,
        product_id=r.product_id,
        category_path=r.category.path if r.category else "",
        party_id=r.party_id,
        grade=r.grade,
        quantity_from=r.quantity_from,
        factor=factor,
        unit_id=r.unit_id,
        valid_from=r.valid_from,
        valid_to=r.valid_to,
        tax_included=r.price_list.tax_included,
    )


def _step(raw: dict[str, Any]) -> rules.Step:
    price_, discount = raw.get("price"), raw.get("discount")
    return rules.Step(
        Decimal(str(raw["from"])),
        None if price_ in (None, "") else Decimal(str(price_)),
        None if discount in (None, "") else Decimal(str(discount)),
    )


def check_rules(rows: list[tuple[PriceRule, str]]) -> None:
    """Each rule has what its kind needs, its steps are well formed, its dates in order."""
    errors: list[FieldError] = []
    for r, at in rows:
        if r.kind == PriceRule.Kind.FIXED and r.price is None:
            errors.append(FieldError(f"{at}/price", "required", _("A fixed price needs a price.")))
        if r.kind == PriceRule.Kind.PERCENT and r.discount is None:
            errors.append(FieldError(f"{at}/discount", "required", _("A rule off the list price needs a discount.")))
        if r.kind == PriceRule.Kind.LADDER:
            r.steps, wrong = _checked_steps(r.steps)
            if wrong:
                errors.append(FieldError(f"{at}/steps", "invalid", wrong))
        if r.valid_from and r.valid_to and r.valid_to < r.valid_from:
            errors.append(FieldError(f"{at}/valid_to", "invalid", _("The rule ends before it begins.")))
        if r.product_id and r.category_id:
            errors.append(FieldError(f"{at}/category", "invalid", _("Name a product or a category, not both.")))
    if errors:
        raise Invalid(errors)


def _checked_steps(raw: Any) -> tuple[list[dict[str, str]], str]:
    said = _("Steps are a list of {from, price} or {from, discount}, quantities and prices of zero or more.")
    if not isinstance(raw, list) or not raw:
        return [], said
    out: list[dict[str, str]] = []
    for step in raw:
        try:
            start = decimal(step["from"])
            kind = "price" if step.get("price") not in (None, "") else "discount"
            value = decimal(step[kind])
        except (TypeError, KeyError, AttributeError, ValueError):
            return [], said
        if start < 0 or value < 0 or (kind == "discount" and value > 1):
            return [], said
        out.append({"from": plain(start), kind: plain(value)})
    return sorted(out, key=lambda s: Decimal(s["from"])), ""


def floor_sentence(floor: Decimal, currency: str) -> str:
    """For the refusal of a price below the floor."""
    return _("The lowest price is %(price)s %(currency)s.") % {
        "price": price_text(floor, currency),
        "currency": currency,
    }
