"""Prices on the pages of products and customers, and beside a product in the type-ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kontor.context import Context
from kontor.errors import Refused
from kontor.resources import registry
from kontor.values.money import plain
from kontor.values.parsing import as_uuid
from kontor.values.wording import clauses
from kontor.web import showing
from kontor.web.cards import Figure
from kontor.web.picking import extra
from kontor.web.record.dossier import SIDE, Cell, Listing, RecordCard, figures, record_card
from suite.catalog import pricing
from suite.catalog.models import PriceRule
from suite.catalog.products import infos
from suite.parties import api as parties

_ROWS = 8
ONE = Decimal(1)


@figures("catalog.product", order=20)
def list_price(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """The list price, and for what."""
    price, currency = row.get("list_price"), str(row.get("list_currency") or ctx.currency)
    if price is None:
        return [Figure(_("List price"), "–", _("none is set"), "warn")]
    unit = _("per %(unit)s") % {"unit": row["unit__title"]} if row.get("unit__title") else ""
    text = showing.group(showing.price_text(price, currency))
    return [Figure(_("List price"), f"{showing.symbol(currency)} {text}", unit)]


def _valid(ctx: Context) -> Q:
    return (
        (Q(valid_from=None) | Q(valid_from__lte=ctx.today))
        & (Q(valid_to=None) | Q(valid_to__gte=ctx.today))
        & Q(price_list__is_active=True)
    )


@record_card("catalog.product", order=25)
def price_rules(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """Which rules of today's price lists hold for the product: its own, its category's, everybody's."""
    if not ctx.rights.can("catalog.price_rule", "view"):
        return None
    product = infos(ctx, [row["id"]])[row["id"]]
    nodes = product.category_path.strip("/").split("/") if product.category_path else []
    above = ["/" + "/".join(nodes[: i + 1]) + "/" for i in range(len(nodes))]
    rules = list(
        PriceRule.objects.filter(_valid(ctx), price_list__side="sell")
        .filter(Q(product_id=row["id"]) | Q(product=None) & (Q(category=None) | Q(category__path__in=above)))
        .select_related("price_list", "party", "category")
        .order_by("party", "grade", "quantity_from")[: _ROWS + 1]
    )
    spec = registry.spec("catalog.price_rule")
    cells = tuple(
        (
            Cell(r.price_list.name, f"/{spec.path}/{r.pk}/", note=r.category.name if r.category else ""),
            Cell(_for_whom(r)),
            Cell(_from(r)),
            Cell(_what(r)),
            Cell(showing.date(r.valid_to, ctx.today), look="" if r.valid_to else "3"),
        ) for r in rules[:_ROWS]
    )  # fmt: skip
    heads = (
        (_("Price list"), False), (_("For"), False), (_("From quantity"), True), (_("Price"), True), (_("Until"), False)
    )  # fmt: skip
    href = f"/{spec.path}/?product={row['id']}"
    return RecordCard(
        _("Prices"), href=href if cells else "", table=Listing(heads, cells) if cells else None,
        empty=_("No price rule holds for it today: everybody pays the list price."),
    )  # fmt: skip


def _for_whom(r: PriceRule) -> str:
    if r.party:
        return r.party.name
    return _("grade %(grade)s") % {"grade": r.grade} if r.grade else pgettext("price rule", "everybody")


def _from(r: PriceRule) -> str:
    if r.kind == PriceRule.Kind.LADDER:
        return " / ".join(plain(Decimal(str(s["from"]))) for s in r.steps)
    return showing.quantity(r.quantity_from) if r.quantity_from else "–"


def _what(r: PriceRule) -> Any:
    currency = r.price_list.currency
    if r.kind == PriceRule.Kind.LADDER:
        return " / ".join(_step(s, currency) for s in r.steps)
    if r.price is not None:
        return showing.amount(r.price, currency, price=True)
    return f"−{showing.percent(r.discount)}" if r.discount is not None else "–"


def _step(step: Mapping[str, Any], currency: str) -> str:
    if step.get("price") not in (None, ""):
        return showing.group(showing.price_text(Decimal(str(step["price"])), currency))
    return f"−{showing.percent(Decimal(str(step['discount'])))}" if step.get("discount") not in (None, "") else "–"


def ladder(steps: Any, row: Mapping[str, Any]) -> str:
    """The rungs of a price for people: ``10 and more: 95; 50 and more: 90``."""
    unit = str(row.get("unit__title") or row.get("unit__code") or "")
    return clauses(
        _("from %(quantity)s: %(price)s")
        % {"quantity": _rung(step["from"]) + (f"\u2009{unit}" if unit else ""), "price": _rung_price(step)}
        for step in steps
    )


def _rung(number: Any) -> str:
    return showing.group(plain(Decimal(str(number))))


def _rung_price(step: Mapping[str, Any]) -> str:
    if step.get("price") not in (None, ""):
        return _rung(step["price"])
    return f"−{showing.percent(Decimal(str(step['discount'])))}" if step.get("discount") not in (None, "") else "–"


showing.tell(PriceRule, "steps", ladder)


@record_card("parties.customer", order=20, column=SIDE)
def agreements(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """By which grade the customer's prices go, and which rules were made for it alone."""
    if not ctx.rights.can("catalog.price_rule", "view"):
        return None
    grade = str(row.get("price_grade") or row.get("grade") or "")
    whose = Q(party_id=row["id"]) | (Q(party=None, grade=grade) if grade else Q(pk=None))
    rules = list(
        PriceRule.objects.filter(_valid(ctx), whose, price_list__side="sell")
        .select_related("price_list", "product", "category")
        .order_by("party", "product__code", "quantity_from")[: _ROWS + 1]
    )
    if not rules:
        return RecordCard(_("Price agreements"), empty=_("None: the list prices hold."))
    cells = tuple((Cell(_of_what(r), note=_whose(r)), Cell(_what(r))) for r in rules[:_ROWS])
    heads = ((pgettext("price rule", "Holds for"), False), (_("Price"), True))
    href = f"/catalog/price-rules/?party={row['id']}" if any(r.party_id for r in rules) else ""
    return RecordCard(
        _("Price agreements"), href=href, table=Listing(heads, cells),
        note=_("grade %(grade)s") % {"grade": grade} if grade else "",
    )  # fmt: skip


def _of_what(r: PriceRule) -> str:
    if r.product:
        return f"{r.product.code} {r.product.name}"
    return r.category.name if r.category else _("All products")


def _whose(r: PriceRule) -> str:
    words = [r.price_list.name, _("for this customer alone") if r.party_id else ""]
    if r.quantity_from and r.kind != PriceRule.Kind.LADDER:
        words.append(_("from %(quantity)s") % {"quantity": plain(r.quantity_from)})
    return " · ".join(w for w in words if w)


@extra("catalog.product", order=40)
def price_facts(ctx: Context, ids: Sequence[UUID], params: Mapping[str, str]) -> dict[UUID, dict[str, Any]]:
    """The price of one unit, for the form's customer in the form's currency; none where one is buying or counting."""
    if not {"customer", "currency"} & params.keys():
        return {}
    party = as_uuid(params.get("customer", ""))
    currency = params.get("currency") or _own_currency(ctx, party)
    products = infos(ctx, ids)
    asks = [pricing.PriceAsk(pk, ONE) for pk in products]
    try:
        told = pricing.price(ctx, asks, party_id=party, currency=currency, on=ctx.today)
    except Refused:  # no exchange rate: the grid will say so, the type-ahead goes on
        return {}
    return {
        ask.product_id: {"facts": [{"text": _price(answer, currency), "look": ""}]}
        for ask, answer in zip(asks, told, strict=True)
        if answer.unit_price
    }


def _price(answer: pricing.PriceAnswer, currency: str) -> str:
    text = f"{showing.symbol(currency)} {showing.group(showing.price_text(answer.unit_price, currency))}"
    return f"{text} −{showing.percent(answer.discount)}" if answer.discount else text


def _own_currency(ctx: Context, party_id: UUID | None) -> str:
    known = parties.customers(ctx, [party_id]) if party_id else {}
    return (known[party_id].currency if party_id in known else "") or ctx.currency
