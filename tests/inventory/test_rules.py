"""Giving goods away and promising dates: pure arithmetic."""

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.inventory.rules import Source, Wish, allocate, cut, promise, share_value

DAY = dt.date(2026, 3, 1)


def day(n: int) -> dt.date:
    return DAY + dt.timedelta(days=n)


small = st.integers(0, 30).map(D)
pools = st.dictionaries(st.sampled_from("ab"), st.lists(small, max_size=5))
wishes = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 30).map(D)), max_size=12)


@pytest.mark.requirement("N9")
@given(pools, wishes)
def test_no_piece_is_given_twice_and_the_order_decides(stock: dict, asked: list) -> None:
    sources = {p: [Source((p, i), q) for i, q in enumerate(rows)] for p, rows in stock.items()}
    rows = [Wish(i, p, q) for i, (p, q) in enumerate(asked)]
    grants = allocate(rows, sources)
    for p, parts in stock.items():
        for i, q in enumerate(parts):
            assert sum((g.quantity for g in grants if g.source == (p, i)), D(0)) <= q
        wanted = sum((q for pool, q in asked if pool == p), D(0))
        given_away = sum((g.quantity for g in grants if g.source[0] == p), D(0))
        assert given_away == min(wanted, sum(parts, D(0)))
    for pool in "ab":  # nobody gets a piece while somebody before him lacks one
        short = False
        for wish in (w for w in rows if w.pool == pool):
            got = sum((g.quantity for g in grants if g.wish == wish.key), D(0))
            assert not (short and got)
            short = short or got < wish.quantity


def test_a_wish_for_a_lot_takes_no_other() -> None:
    sources = {"p": [Source(1, D(5), lot="x"), Source(2, D(5), lot="y")]}
    grants = allocate([Wish("w", "p", D(7), lot="y")], sources)
    assert [(g.source, g.quantity) for g in grants] == [(2, D(5))]


@given(st.lists(st.integers(1, 9).map(D), max_size=6), small)
def test_a_cut_loses_nothing(parts: list, keep: D) -> None:
    before, behind = cut(list(enumerate(parts)), keep)
    assert sum((q for _k, q in before), D(0)) == min(keep, sum(parts, D(0)))
    assert sum((q for _k, q in [*before, *behind]), D(0)) == sum(parts, D(0))


def by_brute_force(stock: D, events: list, wanted: D) -> dt.date | None:
    for n in range(60):
        if all(stock + sum((q for d, q in events if d <= day(m)), D(0)) >= wanted for m in range(n, 60)):
            return day(n)
    return None


@pytest.mark.requirement("S3")
@given(small, st.lists(st.tuples(st.integers(0, 40).map(day), st.integers(-20, 20).map(D)), max_size=10), small)
def test_the_promise_is_the_first_day_from_which_it_holds(stock: D, events: list, wanted: D) -> None:
    assert promise(stock, events, wanted, DAY) == by_brute_force(stock, events, wanted)


@pytest.mark.requirement("S3")
def test_a_later_demand_pushes_the_promise_back() -> None:
    events = [(day(5), D(10)), (day(8), D(-12)), (day(20), D(10))]
    assert promise(D(4), events, D(3), DAY) == day(20)
    assert promise(D(4), events, D(2), DAY) == DAY


def test_shares_of_warehouses_add_up() -> None:
    assert share_value(D("100.00"), [D(1), D(1), D(1)], "USD") == [D("33.34"), D("33.33"), D("33.33")]
    assert share_value(D("0"), [D(0), D(0)], "USD") == [D(0), D(0)]
