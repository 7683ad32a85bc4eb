"""Terms, units, prices, taxes and totals of documents in the making, for all drafts at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid, Refused
from kontor.values.money import round_amount, round_stored
from suite.catalog import api as catalog
from suite.inventory import api as inventory
from suite.parties import api as parties
from suite.sales import rules
from suite.sales.rules import ZERO

Day = Callable[[Any], dt.date]


def fill_terms(ctx: Context, drafts: list[Draft]) -> None:
    """Currency and payment term from the customer, tax in the price from the list, where they were not given."""
    known = parties.customers(ctx, {d.record.customer_id for d in drafts if d.record.customer_id})
    for draft in drafts:
        record, info = draft.record, known.get(draft.record.customer_id)
        moved = bool(draft.before) and draft.before["customer_id"] != record.customer_id
        if (not record.currency or moved) and "currency" not in draft.given:
            record.currency = (info.currency if info else "") or ctx.currency
        record.currency = record.currency or ctx.currency
        if info and (draft.is_new or moved) and "payment_term" not in draft.given:
            record.payment_term_id = info.payment_term_id
    lists = catalog.price_lists(ctx, {d.record.price_list_id for d in drafts if d.record.price_list_id})
    usual = bool(configuration.get("sales.prices_include_tax", ctx))
    for draft in drafts:
        if "tax_included" not in draft.given and (draft.is_new or "price_list" in draft.given):
            chosen = lists.get(draft.record.price_list_id)
            draft.record.tax_included = chosen.tax_included if chosen else usual
    errors = [
        FieldError(f"{d.at}/price_list", "invalid", _("This is a list of purchase prices; choose one for selling."))
        for d in drafts
        if d.record.price_list_id in lists and lists[d.record.price_list_id].side != "sell"
    ]
    errors += [
        FieldError(f"{d.at}/currency", "invalid", _("A currency code like USD or TWD is expected here."))
        for d in drafts
        if not (len(d.record.currency) == 3 and d.record.currency.isascii() and d.record.currency.isalpha())
    ]
    errors += [
        FieldError(f"{d.at}/freight", "invalid", _("Freight cannot be less than zero."))
        for d in drafts
        if (d.record.freight or ZERO) < 0
    ]
    if errors:
        raise Invalid(errors)


def fill_lines(ctx: Context, drafts: list[Draft], day: Day) -> None:
    """Products, units, base quantities, prices and tax ids of the lines that are new or changed."""
    rows = [(draft, line) for draft in drafts for line in draft.lines.get("lines", []) if line.product_id]
    products = catalog.products(ctx, {line.product_id for _d, line in rows})
    _check(ctx, rows, products)
    fresh = [(d, line) for d, line in rows if _changed(d, line)]
    for draft, line in fresh:
        info = products[line.product_id]
        old = draft.lines_before.get(line.pk)
        swapped = old is not None and old["product_id"] != line.product_id
        if line.unit_id is None or (swapped and "unit" not in draft.lines_given.get(line.pk, ())):
            line.unit_id = info.unit_id
        if not line.description or (swapped and "description" not in draft.lines_given.get(line.pk, ())):
            line.description = info.name[:300]
        if hasattr(line, "posting_class"):
            line.posting_class = info.posting_class
        if hasattr(line, "is_stocked"):
            line.is_stocked = info.is_stocked
    bases = catalog.to_base(ctx, [(line.product_id, line.unit_id, line.quantity) for _d, line in fresh])
    for (_draft, line), base in zip(fresh, bases, strict=True):
        line.base_quantity = base
        if hasattr(line, "tolerance"):
            line.tolerance = round_stored(base * products[line.product_id].over_delivery)
    priced: dict[int, tuple[Draft, list[Any]]] = {}
    for draft, line in fresh:
        if draft.record.customer_id:
            priced.setdefault(id(draft), (draft, []))[1].append(line)
    if len(priced) > 1:
        catalog.read_price_rules(ctx, products, {draft.record.customer_id for draft, _mine in priced.values()})
    for draft, mine in priced.values():
        _price(ctx, draft, mine, day(draft.record))
    stocked = {pk for pk, info in products.items() if info.is_stocked}
    _costs(ctx, drafts, fresh, day, stocked)


def _check(ctx: Context, rows: list[tuple[Draft, Any]], products: dict[UUID, Any]) -> None:
    errors = []
    for draft, line in rows:
        at = draft.line_at.get(line.pk, f"{draft.at}/lines/{line.position - 1}")
        if line.product_id not in products:
            errors.append(FieldError(f"{at}/product", "not_found", _("There is no such product.")))
        if line.quantity is None or line.quantity <= 0:
            errors.append(FieldError(f"{at}/quantity", "invalid", _("A quantity must be more than zero.")))
        if line.unit_price is None:
            line.unit_price = ZERO
        if line.unit_price < 0:
            errors.append(FieldError(f"{at}/unit_price", "invalid", _("A price cannot be less than zero.")))
        if line.discount is None:
            line.discount = ZERO
        if not ZERO <= line.discount <= 1:
            errors.append(
                FieldError(f"{at}/discount", "invalid", _("A discount is a share between 0 and 1: 0.05 is 5 %."))
            )
    if errors:
        raise Invalid(errors)


def _changed(draft: Draft, line: Any) -> bool:
    old = draft.lines_before.get(line.pk)
    if old is None or _header_moved(draft):
        return True
    names = ("product_id", "unit_id", "quantity", "unit_price", "discount")
    return any(old[n] != getattr(line, n) for n in names)


def _header_moved(draft: Draft) -> bool:
    names = ("customer_id", "currency", "ordered_on", "quoted_on", "price_list_id", "tax_included")
    return bool(draft.before) and any(n in draft.before and draft.before[n] != getattr(draft.record, n) for n in names)


def _by_hand(draft: Draft, line: Any) -> bool:
    """Whether somebody set the unit price: given with a new line, or changed on a stored one."""
    old = draft.lines_before.get(line.pk)
    given = "unit_price" in draft.lines_given.get(line.pk, ())
    if old is None:
        return given
    if given and line.unit_price != old["unit_price"]:
        return True
    return bool(old["manual_price"]) and old["product_id"] == line.product_id and old["unit_id"] == line.unit_id


def _price(ctx: Context, draft: Draft, lines: list[Any], on: dt.date) -> None:
    """Prices from the catalogue for the lines without one of their own; taxes for all of them."""
    record = draft.record
    frozen = draft.before.get("state") not in (None, "draft")
    by_hand = {line.pk for line in lines if _by_hand(draft, line)}
    kept = {line.pk for line in lines if frozen and line.pk in draft.lines_before}  # confirmed: the price stands
    guarded = not ctx.rights.sees("cost")
    asked = [line for line in lines if line.pk not in kept and (guarded or line.pk not in by_hand)]
    answers: dict[UUID, Any] = {}
    if asked:
        asks = [catalog.PriceAsk(line.product_id, line.quantity, line.unit_id) for line in asked]
        found = catalog.price(
            ctx, asks, party_id=record.customer_id, currency=record.currency, on=on, included=record.tax_included,
            price_list_id=record.price_list_id,
        )  # fmt: skip
        answers = {line.pk: answer for line, answer in zip(asked, found, strict=True)}
    errors = []
    for line in lines:
        answer = answers.get(line.pk)
        if line.pk in by_hand:
            line.manual_price = answer is None or answer.unit_price != line.unit_price
            line.price_rule = _("manual") if answer is None or line.manual_price else answer.rule[:300]
            if answer is not None and answer.floor is not None and _below(line, answer.floor):
                at = draft.line_at.get(line.pk, f"{draft.at}/lines/{line.position - 1}")
                errors.append(
                    FieldError(
                        f"{at}/unit_price", "below_floor", _("This is below the lowest price allowed for the product."),
                        {"floor": str(answer.floor)},
                    )
                )  # fmt: skip
        elif answer is not None:
            line.manual_price, line.unit_price, line.price_rule = False, answer.unit_price, answer.rule[:300]
            if "discount" not in draft.lines_given.get(line.pk, ()):
                line.discount = answer.discount
    if errors:
        raise Invalid(errors)
    taxes = catalog.taxes_for(ctx, {line.product_id for line in lines}, record.customer_id, on)
    for line in lines:
        if line.pk not in kept:
            line.tax_ids = [str(t) for t in taxes.get(line.product_id, ())]


def _below(line: Any, floor: Decimal) -> bool:
    return bool(round_stored(line.unit_price * (1 - line.discount)) < floor)


def _costs(
    ctx: Context, drafts: list[Draft], fresh: list[tuple[Draft, Any]], day: Day, stocked: Collection[UUID]
) -> None:
    """The expected cost of changed lines in the document's currency; None where nobody knows one.

    What stock does not value (a service, a charge) costs nothing here, so it does not hide the goods' margin.
    """
    if not fresh:
        return
    unit_costs = inventory.unit_costs(ctx, {line.product_id for _d, line in fresh})
    rates: dict[str, Decimal | None] = {}
    for draft, line in fresh:
        currency = draft.record.currency
        if currency not in rates:
            rates[currency] = rate_or_none(ctx, ctx.currency, currency, day(draft.record))
        unit = unit_costs.get(line.product_id, None if line.product_id in stocked else ZERO)
        rate = rates[currency]
        old = draft.lines_before.get(line.pk)
        if old is None or old["product_id"] != line.product_id or old["unit_cost"] is None:
            line.unit_cost = None if unit is None or rate is None else round_stored(unit * rate)
        line.cost = expected_cost(line, currency)


def expected_cost(line: Any, currency: str) -> Decimal | None:
    """The cost of a line of which nothing has gone yet."""
    return None if line.unit_cost is None else round_amount(line.unit_cost * line.base_quantity, currency)


def rate_or_none(ctx: Context, source: str, target: str, on: dt.date) -> Decimal | None:
    """The exchange rate, or None where none is known: for figures that are only shown."""
    try:
        return catalog.rate(ctx, source, target, on)
    except Refused:
        return None


def total(ctx: Context, record: Any, lines: Iterable[Any]) -> None:
    """Amounts of the lines and the document by the one function that computes tax; freight stands beside."""
    rows = list(lines)
    asked = [
        catalog.TaxLine(line.quantity, line.unit_price, line.discount, tuple(UUID(t) for t in line.tax_ids))
        for line in rows
    ]
    record.freight = round_amount(record.freight or ZERO, record.currency)
    beside: list[Any] = []
    if record.tax_included and record.freight:  # freight is without tax even where the prices hold theirs
        sums = catalog.compute(ctx, asked, currency=record.currency, included=True)
        beside = catalog.compute(
            ctx, [], currency=record.currency, extra=record.freight, extra_tax_ids=freight_taxes(rows)
        ).taxes
    else:
        sums = catalog.compute(
            ctx, asked, currency=record.currency, included=record.tax_included, extra=record.freight,
            extra_tax_ids=freight_taxes(rows),
        )  # fmt: skip
    for line, amounts in zip(rows, sums.lines, strict=True):
        line.amount, line.tax = amounts.net, amounts.tax
    record.net = sums.net
    record.taxes = _written_taxes([*sums.taxes, *beside])
    record.tax = sum((t.amount for t in (*sums.taxes, *beside)), ZERO)
    record.total = record.net + record.freight + record.tax
    if hasattr(record, "margin"):
        record.cost, record.margin = rules.margin(record.net, [line.cost for line in rows])


def _written_taxes(taxes: Iterable[catalog.TaxAmount]) -> list[dict[str, str]]:
    """The taxes of a document as it keeps them, one row a tax."""
    out: dict[Any, dict[str, Any]] = {}
    for t in taxes:
        row = out.setdefault(
            t.tax_id, {"tax": str(t.tax_id), "name": t.name, "rate": str(t.rate), "base": ZERO, "amount": ZERO}
        )
        row["base"] += t.base
        row["amount"] += t.amount
    return [{**row, "base": str(row["base"]), "amount": str(row["amount"])} for row in out.values()]


def freight_taxes(lines: Iterable[Any]) -> tuple[UUID, ...]:
    """The taxes on a freight charge: it goes with the goods, so it is taxed as the largest line."""
    largest = max(lines, key=lambda line: line.quantity * line.unit_price, default=None)
    return () if largest is None else tuple(UUID(t) for t in largest.tax_ids)
