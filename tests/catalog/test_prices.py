"""Prices as a document asks for them: the rule, the sentence, units, currencies, the floor; taxes by party."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from kontor.documents import gate
from kontor.errors import Invalid, Refused
from suite.catalog import api
from suite.catalog.api import PriceAnswer, PriceAsk, TaxLine
from suite.catalog.models import PriceRule, Product, Tax, Unit

pytestmark = pytest.mark.django_db
D = Decimal
DAY = dt.date(2026, 6, 1)


@pytest.fixture
def tea(ctx: Any) -> Product:
    """A product at 100 TWD in category /FOOD/TEA/."""
    gate.create(ctx, "catalog.category", {"code": "FOOD", "name": "Food"})
    gate.create(ctx, "catalog.category", {"code": "TEA", "name": "Tea", "parent": "FOOD"})
    made: Product = gate.create(
        ctx,
        "catalog.product",
        {
            "code": "TEA-1",
            "name": "Tea",
            "category": "TEA",
            "list_price": "100",
            "units": [{"unit": "carton", "numerator": 24}],
        },
    )
    return made


@pytest.fixture
def buyer(ctx: Any) -> Any:
    """A customer of grade A."""
    return gate.create(ctx, "parties.customer", {"name": "Buyer", "grade": "A"})


def price_list(ctx: Any, *rules: dict[str, Any], **values: Any) -> Any:
    return gate.create(ctx, "catalog.price_list", {"code": "L", "name": "Wholesale", "rules": list(rules), **values})


def ask(ctx: Any, product: Product, quantity: str = "1", **values: Any) -> PriceAnswer:
    ctx.cache.clear()
    unit = values.pop("unit", None)
    unit_id = Unit.objects.get(code=unit).id if unit else None
    asks = {"party_id": None, "currency": "TWD", "on": DAY, **values}
    with translation.override("en"):
        return api.price(ctx, [PriceAsk(product.id, D(quantity), unit_id)], **asks)[0]


@pytest.mark.requirement("C3", "C4")
def test_the_list_price_is_the_last_resort(ctx: Any, tea: Product, buyer: Any) -> None:
    assert ask(ctx, tea) == PriceAnswer(D("100.000000"), D(0), "List price", None)
    assert ask(ctx, tea, unit="carton").unit_price == D(2400)
    assert ask(ctx, tea, unit="dozen").unit_price == D(1200)
    bare = gate.create(ctx, "catalog.product", {"code": "N", "name": "N"})
    assert (ask(ctx, bare).unit_price, ask(ctx, bare).rule) == (D(0), "No price is known: the product has none")


@pytest.mark.requirement("C3", "C4")
def test_each_price_says_which_rule_gave_it(ctx: Any, tea: Product, buyer: Any) -> None:
    price_list(
        ctx,
        {"category": "FOOD", "kind": "percent", "discount": "0.05"},
        {"product": "TEA-1", "grade": "A", "price": "92"},
        {"product": "TEA-1", "grade": "A", "price": "88", "quantity_from": "50", "valid_to": "2026-12-31"},
        {"product": "TEA-1", "party": buyer.code, "quantity_from": "1000", "price": "80", "floor": "75"},
    )
    everybody = ask(ctx, tea)
    assert (everybody.unit_price, everybody.discount) == (D(100), D("0.05"))
    assert everybody.rule == "Price list “Wholesale”, category FOOD, 5% off the list price"
    few = ask(ctx, tea, party_id=buyer.id)
    assert (few.unit_price, few.rule) == (D(92), "Price list “Wholesale”, grade A")
    many = ask(ctx, tea, "50", party_id=buyer.id)
    assert (many.unit_price, many.rule) == (D(88), "Price list “Wholesale”, grade A, from 50, until 2026-12-31")
    assert ask(ctx, tea, "50", party_id=buyer.id, on=dt.date(2027, 1, 1)).unit_price == D(92)
    own = ask(ctx, tea, "1000", party_id=buyer.id)
    assert (own.unit_price, own.floor) == (D(80), D(75))
    assert own.rule == "Price list “Wholesale”, for this customer, from 1000"
    assert own.rule_id == PriceRule.objects.get(price=80).id


@pytest.mark.requirement("C3")
def test_quantities_and_prices_follow_the_unit(ctx: Any, tea: Product) -> None:
    price_list(ctx, {"product": "TEA-1", "unit": "carton", "quantity_from": "2", "price": "1920"})
    assert ask(ctx, tea, "47").unit_price == D(100)
    assert ask(ctx, tea, "48").unit_price == D(80)
    assert ask(ctx, tea, "2", unit="carton").unit_price == D(1920)
    assert ask(ctx, tea, "4", unit="dozen").unit_price == D(960)


@pytest.mark.requirement("C3")
def test_a_ladder_may_mix_prices_and_discounts(ctx: Any, tea: Product) -> None:
    steps = [{"from": 100, "discount": "0.3"}, {"from": "10", "price": "95"}]
    price_list(ctx, {"product": "TEA-1", "kind": "ladder", "steps": steps})
    assert PriceRule.objects.get().steps == [{"from": "10", "price": "95"}, {"from": "100", "discount": "0.3"}]
    assert ask(ctx, tea, "9").rule == "List price"
    assert ask(ctx, tea, "10").unit_price == D(95)
    high = ask(ctx, tea, "100")
    assert (high.unit_price, high.discount) == (D(100), D("0.3"))
    assert high.rule == "Price list “Wholesale”, from 100, 30% off the list price"


@pytest.mark.requirement("C3", "C9")
def test_prices_in_another_currency_are_exchanged(ctx: Any, tea: Product) -> None:
    with pytest.raises(Refused) as refused:
        ask(ctx, tea, currency="USD")
    assert refused.value.code == "no_exchange_rate"
    gate.create(ctx, "catalog.exchange_rate", {"source": "USD", "target": "TWD", "on": "2026-05-30", "rate": "32"})
    answer = ask(ctx, tea, currency="USD")
    assert (answer.unit_price, answer.rule) == (D("3.125"), "List price, exchanged from TWD at 0.03125")
    price_list(ctx, {"product": "TEA-1", "price": "3"}, currency="USD")
    assert ask(ctx, tea, currency="USD").unit_price == D(3)
    assert ask(ctx, tea).unit_price == D(96)


@pytest.mark.requirement("C3", "C5")
def test_prices_with_tax_meet_documents_without(ctx: Any, tea: Product) -> None:
    price_list(ctx, {"product": "TEA-1", "price": "105"}, tax_included=True)
    assert ask(ctx, tea).unit_price == D(100)
    assert ask(ctx, tea, included=True).unit_price == D(105)


def test_an_inactive_list_and_the_other_side_do_not_count(ctx: Any, tea: Product) -> None:
    made = price_list(ctx, {"product": "TEA-1", "price": "60"}, side="buy")
    assert ask(ctx, tea).unit_price == D(100)
    assert ask(ctx, tea, side="buy").unit_price == D(60)
    gate.update(ctx, "catalog.price_list", made.id, {"is_active": False})
    assert ask(ctx, tea, side="buy").rule == "No purchase price is known"


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        ({"product": "TEA-1"}, "/rules/0/price"),
        ({"kind": "percent"}, "/rules/0/discount"),
        ({"kind": "ladder", "steps": []}, "/rules/0/steps"),
        ({"kind": "ladder", "steps": [{"from": "x", "price": "1"}]}, "/rules/0/steps"),
        ({"price": "1", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "/rules/0/valid_to"),
        ({"price": "1", "product": "TEA-1", "category": "TEA"}, "/rules/0/category"),
    ],
)
def test_a_rule_must_make_sense(ctx: Any, tea: Product, rule: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        price_list(ctx, rule)
    assert [e.pointer for e in refused.value.errors] == [pointer]
    assert not PriceRule.objects.exists()


@pytest.mark.requirement("C4")
def test_five_hundred_lines_take_few_queries(
    ctx: Any, tea: Product, buyer: Any, django_assert_max_num_queries: Any
) -> None:
    price_list(ctx, {"product": "TEA-1", "grade": "A", "price": "92"})
    asks = [PriceAsk(tea.id, D(i + 1), None) for i in range(500)]
    ctx.cache.clear()
    with django_assert_max_num_queries(6):
        answers = api.price(ctx, asks, party_id=buyer.id, currency="TWD", on=DAY)
    assert {a.unit_price for a in answers} == {D(92)}


class TestExchangeRates:
    def rate(self, ctx: Any, source: str, target: str, on: str, rate: str) -> None:
        gate.create(ctx, "catalog.exchange_rate", {"source": source, "target": target, "on": on, "rate": rate})

    @pytest.mark.requirement("C9")
    def test_the_newest_on_or_before_the_day_either_way_round_or_crossed(self, ctx: Any) -> None:
        self.rate(ctx, "USD", "TWD", "2026-01-01", "30")
        self.rate(ctx, "USD", "TWD", "2026-02-01", "32")
        self.rate(ctx, "CNY", "TWD", "2026-01-01", "4.5")
        assert api.rate(ctx, "TWD", "TWD", DAY) == 1
        assert api.rate(ctx, "USD", "TWD", dt.date(2026, 1, 31)) == D(30)
        assert api.rate(ctx, "TWD", "USD", dt.date(2026, 2, 1)) == D("0.03125")
        assert api.rate(ctx, "USD", "CNY", dt.date(2026, 1, 15)) == D("6.6666666667")
        with pytest.raises(Refused):
            api.rate(ctx, "USD", "TWD", dt.date(2025, 12, 31))

    def test_one_direction_is_stored(self, ctx: Any) -> None:
        self.rate(ctx, "USD", "TWD", "2026-01-01", "30")
        with pytest.raises(Invalid) as refused:
            self.rate(ctx, "TWD", "USD", "2026-01-02", "0.03")
        assert refused.value.errors[0].code == "direction"
        with pytest.raises(Invalid):
            self.rate(ctx, "USD", "USD", "2026-01-02", "1")
        with pytest.raises(Refused):
            self.rate(ctx, "EUR", "TWD", "2026-01-02", "0")


class TestTaxes:
    def codes(self, ctx: Any, product: Product, party: Any = None, on: dt.date = DAY) -> list[str]:
        ctx.cache.clear()
        names = dict(Tax.objects.values_list("pk", "code"))
        return [names[t] for t in api.taxes_for(ctx, [product.id], party.id if party else None, on)[product.id]]

    @pytest.mark.requirement("C5")
    def test_party_class_then_product_then_rules(self, ctx: Any, tea: Product, buyer: Any) -> None:
        abroad = gate.create(ctx, "parties.customer", {"name": "Abroad", "tax_class": "export"})
        zero = gate.create(ctx, "catalog.product", {"code": "Z", "name": "Z", "taxes": ["TXE"]})
        free = gate.create(ctx, "catalog.product", {"code": "F", "name": "F", "tax_class": "exempt"})
        assert self.codes(ctx, tea, buyer) == ["TX5"]
        assert self.codes(ctx, zero, buyer) == ["TXE"]
        assert self.codes(ctx, free, buyer) == ["TXE"]
        assert [self.codes(ctx, p, abroad) for p in (tea, zero, free)] == [["TX0"]] * 3

    def test_a_tax_ends_and_another_begins(self, ctx: Any, tea: Product) -> None:
        tax = Tax.objects.get(code="TX5")
        gate.update(ctx, "catalog.tax", tax.id, {"valid_to": "2026-06-30"})
        made = gate.create(ctx, "catalog.tax", {"code": "TX6", "name": "6", "rate": "0.06", "valid_from": "2026-07-01"})
        gate.create(ctx, "catalog.tax_rule", {"name": "6", "taxes": ["TX5", str(made.id)], "valid_from": "2026-01-01"})
        assert self.codes(ctx, tea) == ["TX5"]
        assert self.codes(ctx, tea, on=dt.date(2026, 7, 1)) == ["TX6"]

    @pytest.mark.requirement("C5")
    def test_compute_rounds_as_the_country_does(self, ctx: Any) -> None:
        tax = Tax.objects.get(code="TX5").id
        made = api.compute(ctx, [TaxLine(D(1), D(9), D(0), (tax,))] * 3, currency="TWD")
        assert (made.net, made.tax, made.total) == (D(27), D(1), D(28))

    def test_too_large_is_a_sentence(self, ctx: Any) -> None:
        huge = D("99999999999999")
        with pytest.raises(Refused) as refused:
            api.compute(ctx, [TaxLine(huge, huge, D(0), ())], currency="CNY")
        assert refused.value.code == "too_large"
