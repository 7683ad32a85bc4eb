"""Rounding, spreading, parsing: what comes in is exact or refused."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.documents.numbering import render
from kontor.values import parsing
from kontor.values.money import amount_text, digits, plain, price_text, round_amount, round_stored, spread

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
weights = st.lists(st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=12)


def test_half_up_by_the_currency():
    assert round_amount(Decimal("0.5"), "TWD") == Decimal("1")
    assert round_amount(Decimal("-0.5"), "TWD") == Decimal("-1")
    assert round_amount(Decimal("1.005"), "USD") == Decimal("1.01")
    assert round_amount(Decimal("1.0005"), "BHD") == Decimal("1.001")
    assert round_stored(Decimal("0.0000005")) == Decimal("0.000001")


@given(total=amounts, parts=weights)
def test_parts_add_up_to_the_whole(total: Decimal, parts: list[Decimal]):
    shares = spread(total, parts, "USD")
    assert sum(shares) == total
    assert all(share == round_amount(share, "USD") for share in shares)


@given(total=st.integers(-(10**9), 10**9), parts=weights)
def test_a_share_is_less_than_one_unit_off(total: int, parts: list[Decimal]):
    shares = spread(Decimal(total), parts, "TWD")
    whole = sum(parts)
    for share, weight in zip(shares, parts, strict=True):
        exact = Decimal(total) * (weight / whole if whole else Decimal(1) / len(parts))
        assert abs(share - exact) < 1


def test_how_values_are_written():
    assert amount_text(Decimal("1486275.000000"), "TWD") == "1486275"
    assert amount_text(Decimal("18"), "USD") == "18.00"
    assert price_text(Decimal("0.125000"), "USD") == "0.125"
    assert price_text(Decimal("3620"), "TWD") == "3620"
    assert plain(Decimal("2.500000")) == "2.5"
    assert plain(Decimal("-0.000000")) == "0"
    assert plain(Decimal("1E+3")) == "1000"
    assert digits("JPY") == 0


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "1e400", "1" * 70, "", "abc", True, None, [], {}, "0x10"])
def test_no_rubbish_becomes_a_number(raw: object):
    with pytest.raises(ValueError):
        parsing.decimal(raw)


def test_numbers_as_people_write_them():
    assert parsing.decimal("1,234.50") == Decimal("1234.50")
    assert parsing.decimal("１２．５") == Decimal("12.5")
    with pytest.raises(ValueError, match="too large"):
        parsing.decimal("100000000000000")
    with pytest.raises(ValueError):
        parsing.decimal("0.1234567")


def test_dates_as_people_write_them():
    day = dt.date(2024, 5, 1)
    for raw in ("2024-05-01", "2024/5/1", "2024.05.01", "113/5/1", "2024-05-01 00:00:00.000", day):
        assert parsing.date(raw) == day
    for raw in ("2024-02-30", "05/01/2024", "20240501", 20240501, ""):
        with pytest.raises(ValueError):
            parsing.date(raw)


@pytest.mark.parametrize("raw", ["a\x00b", "\u202eevil", "\ud800", "x\u2066y"])
def test_no_control_or_direction_marks_in_texts(raw: str):
    with pytest.raises(ValueError):
        parsing.text(raw)


def test_texts_are_composed_and_trimmed():
    assert parsing.text("  Cafe\u0301 ") == "Caf\u00e9"
    assert parsing.words("甲、乙, 丙") == ["甲", "乙", "丙"]


@pytest.mark.parametrize("raw", ["1_0", "1_000", "_1", "1__0"])
def test_an_underscore_is_no_part_of_a_number(raw: str):
    with pytest.raises(ValueError, match="number"):
        parsing.decimal(raw)


def test_another_century_has_numbers_of_its_own():
    """IV-2611 of 1926 must not take the place of IV-2611 of 2026, nor 2096 that of old data of 1996."""
    pattern = "IV-{yy}{mm}-{n:04}"
    days = [dt.date(year, 11, 22) for year in (1, 1926, 1996, 2026, 2096, 2126)]
    assert [render(pattern, day, 7) for day in days] == [
        "IV-000111-0007", "IV-192611-0007", "IV-9611-0007", "IV-2611-0007", "IV-209611-0007", "IV-212611-0007",
    ]  # fmt: skip
