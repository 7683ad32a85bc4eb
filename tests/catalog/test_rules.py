"""The pure rules: taxes add up, included and added agree, units convert exactly, the most specific price wins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.values.money import digits, round_amount
from suite.catalog.rules.prices import RuleFact, Step, Wanted, choose, lowest
from suite.catalog.rules.taxes import DOCUMENT, LINE, TaxFact, TaxLine, Totals, compute
from suite.catalog.rules.units import as_decimal, from_base, price_per, to_base

D = Decimal
VAT5 = TaxFact("v", "Business tax", D("0.05"))
ECO = TaxFact("e", "Levy", D("0.02"), sequence=5)
TOP = TaxFact("t", "On top", D("0.10"), sequence=20, compound=True)
TAXES: dict[Any, TaxFact] = {t.id: t for t in (VAT5, ECO, TOP)}

currencies = st.sampled_from(["TWD", "CNY", "USD", "BHD"])
prices = st.decimals(min_value=0, max_value=99999, places=4)
quantities = st.decimals(min_value=-500, max_value=500, places=2)
discounts = st.decimals(min_value=0, max_value=1, places=3)
tax_sets = st.sampled_from([(), ("v",), ("e", "v"), ("v", "t"), ("e", "v", "t")])
lines = st.lists(st.builds(TaxLine, quantities, prices, discounts, tax_sets), max_size=12)


def whole(totals: Totals, currency: str) -> None:
    """What must hold of any result."""
    step = D(1).scaleb(-digits(currency))
    for row in totals.lines:
        assert row.net + row.tax == row.gross
        assert row.net == row.net.quantize(step) and row.tax == row.tax.quantize(step)
    assert totals.net == sum((r.net for r in totals.lines), D(0))
    assert totals.tax == sum((t.amount for t in totals.taxes), D(0))
    assert totals.net + totals.extra + totals.tax == totals.total


class TestTaxes:
    @pytest.mark.requirement("C5")
    def test_taiwan_rounds_the_document_and_puts_the_rest_on_the_largest_line(self) -> None:
        rows = [
            TaxLine(D(1), D(9), tax_ids=("v",)),
            TaxLine(D(1), D(9), tax_ids=("v",)),
            TaxLine(D(1), D(12), D(0), ("v",)),
        ]
        made = compute(rows, TAXES, "TWD", policy=DOCUMENT)
        # 0.45, 0.45 and 0.6 round to 0, 0, 1; the document's tax is 30 × 5 % = 1.5 → 2
        assert [(r.net, r.tax, r.gross) for r in made.lines] == [
            (D(9), D(0), D(9)),
            (D(9), D(0), D(9)),
            (D(12), D(2), D(14)),
        ]
        assert (made.net, made.tax, made.total) == (D(30), D(2), D(32))
        assert [(t.name, t.rate, t.base, t.amount) for t in made.taxes] == [("Business tax", D("0.05"), D(30), D(2))]

    @pytest.mark.requirement("C5")
    def test_per_line_the_sum_is_that_of_the_lines(self) -> None:
        rows = [TaxLine(D(1), D("0.35"), tax_ids=("v",))] * 3
        assert compute(rows, TAXES, "CNY", policy=LINE).tax == D("0.06")
        assert compute(rows, TAXES, "CNY", policy=DOCUMENT).tax == D("0.05")

    @pytest.mark.requirement("C5")
    def test_included_tax_is_taken_out_of_the_whole(self) -> None:
        made = compute(
            [TaxLine(D(1), D(100), tax_ids=("v",)), TaxLine(D(3), D(35), tax_ids=("v",))], TAXES, "TWD", included=True
        )
        assert (made.net, made.tax, made.total) == (D(195), D(10), D(205))
        assert [r.gross for r in made.lines] == [D(100), D(105)]

    def test_taxes_in_sequence(self) -> None:
        made = compute([TaxLine(D(1), D(100), tax_ids=("t", "v", "e"))], TAXES, "USD")
        # 2 % and 5 % of 100, then 10 % of 107
        assert [(t.name, t.base, t.amount) for t in made.taxes] == [
            ("Levy", D("100.00"), D("2.00")),
            ("Business tax", D("100.00"), D("5.00")),
            ("On top", D("107.00"), D("10.70")),
        ]
        assert made.total == D("117.70")

    def test_freight_beside_the_lines_is_taxed_by_its_own_taxes(self) -> None:
        rows = [TaxLine(D(2), D(50), D("0.1"), ("v",))]
        made = compute(rows, TAXES, "TWD", extra=D(10))
        assert (made.net, made.extra, made.tax, made.total) == (D(90), D(10), D(5), D(105))
        made = compute(rows, TAXES, "TWD", extra=D(10), extra_tax_ids=("v",))
        assert (made.net, made.extra, made.tax, made.total) == (D(90), D(10), D(5), D(105))
        assert made.taxes[0].base == D(100)

    def test_a_zero_rate_shows_its_base(self) -> None:
        taxes = {"z": TaxFact("z", "Zero", D(0))}
        made = compute([TaxLine(D(1), D(7), tax_ids=("z",))], taxes, "USD")
        assert [(t.base, t.amount) for t in made.taxes] == [(D("7.00"), D("0.00"))]

    @given(lines, currencies, st.sampled_from([LINE, DOCUMENT]), st.booleans(), prices, tax_sets)
    def test_parts_add_up(
        self, rows: list[TaxLine], currency: str, policy: str, included: bool, extra: Decimal, on: Any
    ) -> None:
        made = compute(rows, TAXES, currency, policy=policy, included=included, extra=extra, extra_tax_ids=on)
        whole(made, currency)
        priced = [round_amount(r.quantity * r.unit_price * (1 - r.discount), currency) for r in rows]
        if included:
            assert made.total == sum(priced, D(0)) + round_amount(extra, currency)
            assert [r.gross for r in made.lines] == priced
        else:
            assert [r.net for r in made.lines] == priced

    @given(lines, currencies)
    def test_document_tax_is_the_rounded_tax_of_the_bases(self, rows: list[TaxLine], currency: str) -> None:
        rows = [TaxLine(r.quantity, r.unit_price, r.discount, ("v",)) for r in rows]
        made = compute(rows, TAXES, currency, policy=DOCUMENT)
        assert made.tax == round_amount(made.net * D("0.05"), currency)

    @given(prices, currencies, st.sampled_from(["v", "e"]), st.sampled_from([LINE, DOCUMENT]))
    def test_added_and_included_agree(self, price: Decimal, currency: str, tax: str, policy: str) -> None:
        added = compute([TaxLine(D(1), price, tax_ids=(tax,))], TAXES, currency, policy=policy)
        back = compute([TaxLine(D(1), added.total, tax_ids=(tax,))], TAXES, currency, policy=policy, included=True)
        assert (back.net, back.tax, back.total) == (added.net, added.tax, added.total)

    @given(lines, currencies, st.booleans())
    def test_a_credit_note_is_the_invoice_with_the_other_sign(
        self, rows: list[TaxLine], currency: str, included: bool
    ) -> None:
        made = compute(rows, TAXES, currency, included=included)
        back = compute(
            [TaxLine(-r.quantity, r.unit_price, r.discount, r.tax_ids) for r in rows],
            TAXES,
            currency,
            included=included,
        )
        assert (back.net, back.tax, back.total) == (-made.net, -made.tax, -made.total)


class TestUnits:
    @pytest.mark.requirement("C1")
    def test_a_dozen(self) -> None:
        dozen = Fraction(12)
        assert to_base(D(1), dozen) == D(12)
        assert from_base(D(12), dozen) == D(1)
        assert from_base(D(1), dozen) == D("0.083333")

    @given(st.integers(1, 10_000), st.integers(1, 1000), st.integers(1, 1000))
    def test_whole_units_come_back(self, quantity: int, numerator: int, denominator: int) -> None:
        """What fits six decimals comes back exactly."""
        factor = Fraction(numerator, denominator)
        exact = Fraction(quantity) * factor
        base = to_base(D(quantity), factor)
        if Fraction(base) == exact:
            assert from_base(base, factor) == D(quantity)

    @given(st.fractions())
    def test_rounding_is_half_away_from_zero(self, value: Fraction) -> None:
        near = as_decimal(value)
        assert abs(Fraction(near) - value) <= Fraction(1, 2_000_000)
        assert Fraction(as_decimal(-value)) == -Fraction(near)

    def test_prices_follow_the_unit(self) -> None:
        assert price_per(D(120), Fraction(12), Fraction(1)) == 10
        assert price_per(D(10), Fraction(1), Fraction(12)) == 120


DAY = dt.date(2026, 6, 1)


def rule(name: str, **values: Any) -> RuleFact:
    return RuleFact(id=name, list_name=name, currency="TWD", **{"price": D(1), **values})


class TestPrices:
    wanted = Wanted("p", D(100), category_path="/a/b/", party_id="c", grade="A", on=DAY, currency="TWD")

    @pytest.mark.requirement("C3")
    @pytest.mark.parametrize(
        ("weaker", "stronger"),
        [
            ({}, {"category_path": "/a/"}),
            ({"category_path": "/a/"}, {"category_path": "/a/b/"}),
            ({"category_path": "/a/b/"}, {"product_id": "p"}),
            ({"product_id": "p"}, {"grade": "A"}),
            ({"grade": "A", "product_id": "p"}, {"party_id": "c"}),
            ({"party_id": "c"}, {"party_id": "c", "category_path": "/a/"}),
            ({"product_id": "p"}, {"product_id": "p", "quantity_from": D(50)}),
            ({"product_id": "p", "quantity_from": D(50)}, {"product_id": "p", "quantity_from": D(100)}),
            ({"product_id": "p"}, {"product_id": "p", "valid_from": dt.date(2026, 1, 1)}),
        ],
    )
    def test_the_more_specific_wins(self, weaker: dict[str, Any], stronger: dict[str, Any]) -> None:
        for order in (1, -1):
            offer = choose([rule("weak", **weaker), rule("strong", **stronger)][::order], self.wanted)
            assert offer is not None and offer.rule.id == "strong"

    @pytest.mark.parametrize(
        "values",
        [
            {"product_id": "q"},
            {"category_path": "/a/x/"},
            {"party_id": "d"},
            {"grade": "B"},
            {"quantity_from": D(101)},
            {"quantity_from": D(9), "factor": Fraction(12)},
            {"valid_from": dt.date(2026, 6, 2)},
            {"valid_to": dt.date(2026, 5, 31)},
            {"kind": "ladder", "steps": (Step(D(200), D(1)),)},
        ],
    )
    def test_what_does_not_fit_is_out(self, values: dict[str, Any]) -> None:
        assert choose([rule("x", **values)], self.wanted) is None

    @pytest.mark.requirement("C3")
    def test_a_ladder_gives_its_highest_rung(self) -> None:
        steps = (Step(D(10), D(9)), Step(D(100), D(8)), Step(D(1000), discount=D("0.5")))
        ladder = rule("l", kind="ladder", steps=steps)
        offer = choose([ladder], self.wanted)
        assert offer is not None and (offer.price, offer.step) == (D(8), steps[1])

    def test_the_floor_is_that_of_the_most_specific_rule_with_one(self) -> None:
        rules = [rule("all", floor=D(5)), rule("mine", party_id="c"), rule("p", product_id="p", floor=D(6))]
        found = lowest(rules, self.wanted)
        assert found is not None and found.id == "p"
