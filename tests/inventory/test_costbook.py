"""Costing without a database: the worked example, and invariants under any order of operations."""

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontor.values.columns import new_id
from suite.inventory.costbook import AVERAGE, FIFO, SPECIFIC, STANDARD, Book
from suite.inventory.rules import returned_value

DAY = dt.date(2026, 1, 1)
METHODS = (AVERAGE, FIFO, STANDARD, SPECIFIC)


def check(book: Book) -> None:
    """What must hold of a book at all times."""
    assert book.quantity == sum((x.remaining for x in book.layers), D(0))
    assert book.value == sum((x.remaining_value for x in book.layers), D(0))
    assert book.value == sum((e.amount for e in book.entries), D(0))
    assert book.quantity == sum((e.quantity for e in book.entries), D(0))
    for layer in book.layers:
        assert layer.remaining_value == 0 or layer.remaining != 0
        assert layer.remaining_value == sum((e.amount for e in book.entries if e.layer == layer.id), D(0))
    if book.quantity == 0 and all(x.remaining == 0 for x in book.layers):
        assert book.value == 0


def ias_2(method: str) -> tuple[D, D]:
    book = Book(method, "USD")
    for quantity, cost in ((300, "20.00"), (100, "20.20"), (200, "20.70"), (200, "21.00")):
        book.receive(new_id(), D(quantity), D(quantity) * D(cost), DAY)
    cost = book.issue(new_id(), D(450), DAY)
    check(book)
    return cost, book.value


@pytest.mark.requirement("C7", "N7")
def test_the_worked_example_by_fifo() -> None:
    assert ias_2(FIFO) == (D("9055"), D("7305"))


@pytest.mark.requirement("C7", "N7")
def test_the_worked_example_by_weighted_average() -> None:
    assert ias_2(AVERAGE) == (D("9202.50"), D("7157.50"))


def test_the_last_piece_takes_the_rest() -> None:
    book = Book(AVERAGE, "USD")
    book.receive(new_id(), D(3), D("10.00"), DAY)
    assert [book.issue(new_id(), D(1), DAY) for _ in range(3)] == [D("3.33"), D("3.34"), D("3.33")]
    assert (book.quantity, book.value) == (0, 0)


def test_standard_cost_keeps_the_difference_as_a_variance() -> None:
    book = Book(STANDARD, "USD", standard=D("5"))
    assert book.receive(new_id(), D(10), D("52.00"), DAY) == D("-2.00")
    assert (book.value, book.issue(new_id(), D(4), DAY)) == (D("50.00"), D("20.00"))
    check(book)


def test_specific_cost_is_the_cost_of_the_lot() -> None:
    book, a, b = Book(SPECIFIC, "USD"), new_id(), new_id()
    book.receive(new_id(), D(1), D("900"), DAY, lot=a)
    book.receive(new_id(), D(1), D("700"), DAY, lot=b)
    assert book.issue(new_id(), D(1), DAY, lot=b) == D("700")
    assert book.value == D("900")
    check(book)


@pytest.mark.parametrize("method", [AVERAGE, FIFO])
def test_what_left_too_early_is_settled_by_the_next_receipt(method: str) -> None:
    book = Book(method, "USD", last_cost=D("4"))
    assert book.issue(new_id(), D(5), DAY) == D("20.00")
    assert (book.quantity, book.value) == (D(-5), D("-20.00"))
    variance = book.receive(new_id(), D(8), D("48.00"), DAY)
    assert variance == D("-10.00")  # five pieces cost 30, not 20
    assert (book.quantity, book.value) == (D(3), D("18.00"))
    check(book)


@pytest.mark.parametrize("method", METHODS)
def test_undoing_a_receipt_takes_out_what_it_brought(method: str) -> None:
    book, first, second = Book(method, "USD"), new_id(), new_id()
    book.receive(first, D(10), D("100"), DAY)
    book.receive(second, D(10), D("200"), DAY)
    before = sum((e.amount for e in book.entries if e.move == second), D(0))
    assert book.undo_receipt(new_id(), second, D(10), before, DAY) == 0
    assert (book.quantity, book.value) == (D(10), D("100"))
    check(book)


def test_undoing_a_used_receipt_leaves_the_difference_as_a_variance() -> None:
    book, first = Book(AVERAGE, "USD"), new_id()
    book.receive(first, D(10), D("100"), DAY)
    book.receive(new_id(), D(10), D("200"), DAY)
    assert book.issue(new_id(), D(10), DAY) == D("150")
    variance = book.undo_receipt(new_id(), first, D(10), D("100"), DAY)
    assert variance == D("-50")  # 150 were left, 100 are taken by the document: 50 go to the difference
    assert (book.quantity, book.value) == (0, 0)
    check(book)


quantities = st.decimals(min_value="0.000001", max_value="1000", places=6, allow_nan=False, allow_infinity=False)
amounts = st.decimals(min_value="0", max_value="100000", places=2, allow_nan=False, allow_infinity=False)
steps = st.lists(
    st.tuples(st.sampled_from(["in", "out", "all", "undo", "back"]), quantities, amounts, st.integers(0, 40))
)


@given(st.sampled_from([AVERAGE, FIFO, STANDARD]), st.sampled_from(["USD", "TWD", "BHD"]), steps)
def test_layers_value_and_entries_agree_after_any_order(method: str, currency: str, todo: list) -> None:
    book, received = Book(method, currency), []
    places = D(1).scaleb(-{"USD": 2, "TWD": 0, "BHD": 3}[currency])
    for what, quantity, amount, day in todo:
        on, move = DAY + dt.timedelta(days=day), new_id()
        if what in ("in", "back"):
            amount = amount.quantize(places)
            before = book.value
            variance = book.receive(move, quantity, amount, on, learn=what == "in")
            assert book.value == before + amount + variance
            if what == "in":
                received.append((move, quantity, book.value - before))
        elif what == "undo" and received:
            original, quantity, worth = received.pop()
            before = book.value
            variance = book.undo_receipt(move, original, quantity, worth, on)
            assert book.value == before - worth + variance
        elif what in ("out", "all"):
            quantity = book.quantity if what == "all" and book.quantity > 0 else quantity
            before = book.value
            cost = book.issue(move, quantity, on)
            assert book.value == before - cost
            assert cost == cost.quantize(places)
        check(book)


@given(
    st.decimals(min_value="0", max_value="99999", places=2),
    st.integers(1, 50),
    st.lists(st.integers(1, 20), max_size=12),
)
def test_returns_never_bring_back_more_than_the_delivery_cost(cost: D, delivered: int, parts: list[int]) -> None:
    before, value = D(0), D(0)
    for part in parts:
        if before + part > delivered:
            break
        worth = returned_value(cost, D(delivered), before, value, D(part), "USD")
        before, value = before + part, value + worth
        assert 0 <= value <= cost
    if before == delivered:
        assert value == cost
