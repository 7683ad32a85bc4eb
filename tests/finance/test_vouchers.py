"""Vouchers by hand, periods, the year-end."""

import datetime as dt
from typing import Any

import pytest

from kontor.calendars import api as calendars
from kontor.calendars.models import Period
from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed, Refused
from kontor.history.models import AuditEvent
from suite.finance.api import guard_period, post
from suite.finance.models import Voucher, VoucherLine

from .conftest import DAY, Books


def _by_hand(books: Books, *lines: tuple[str, int, int], **more: Any) -> Any:
    rows = [{"account": books.code(role), **({"debit": str(d)} if d else {"credit": str(c)})} for role, d, c in lines]
    return gate.create(books.ctx, "finance.voucher", {"date": str(DAY), "journal": "JV", "lines": rows, **more})


@pytest.mark.requirement("F1")
def test_by_hand_from_draft_to_reversed(books: Books):
    draft = _by_hand(books, ("write_off", 70, 0), ("receivable", 0, 70), text="Bad debt")
    assert (draft.state, draft.number, draft.total) == ("draft", "", 70)
    assert books.balance("write_off") == 0
    posted = gate.perform(books.ctx, "finance.voucher", draft.pk, "post").record
    assert (posted.state, posted.number) == ("posted", "JV-2026-00001")
    assert books.balance("write_off") == 70
    body = {"date": "2026-04-01", "reason": "paid after all"}
    done = gate.perform(books.ctx, "finance.voucher", draft.pk, "reverse", body).record
    assert done.state == "reversed" and done.reversed_by.date == dt.date(2026, 4, 1)
    assert done.reversed_by.number == "JV-2026-00002"
    assert books.balance("write_off") == 0


@pytest.mark.requirement("F2")
@pytest.mark.parametrize("lines", [[("write_off", 70, 0), ("receivable", 0, 69)], [("write_off", 70, 0)]])
def test_an_unbalanced_draft_is_not_posted(books: Books, lines: list[tuple[str, int, int]]):
    draft = _by_hand(books, *lines)
    with pytest.raises(Refused) as error:
        gate.perform(books.ctx, "finance.voucher", draft.pk, "post")
    assert error.value.code == "unbalanced"
    assert Voucher.objects.get().state == "draft"


@pytest.mark.requirement("F2")
@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"debit": "1", "credit": "1"}, "/lines/0/debit"), ({}, "/lines/0/debit"),
        ({"debit": "0.5"}, "/lines/0/debit"), ({"credit": "-1"}, "/lines/0/credit"),
        ({"debit": "1", "amount": "7"}, "/lines/0/amount"), ({"debit": "1", "account": "nowhere"}, "/lines/0/account"),
    ],
)  # fmt: skip
def test_wrong_lines_are_named(books: Books, line: dict[str, str], pointer: str):
    with pytest.raises(Invalid) as error:
        gate.create(books.ctx, "finance.voucher", {"lines": [{"account": books.code("stock"), **line}]})
    assert pointer in [e.pointer for e in error.value.errors]
    assert Voucher.objects.count() == 0


def test_a_posted_voucher_is_frozen(books: Books):
    draft = _by_hand(books, ("write_off", 70, 0), ("receivable", 0, 70))
    gate.perform(books.ctx, "finance.voucher", draft.pk, "post")
    with pytest.raises(Refused) as error:
        gate.update(books.ctx, "finance.voucher", draft.pk, {"text": "x"})
    assert error.value.code == "frozen"
    with pytest.raises(Refused):
        gate.delete(books.ctx, "finance.voucher", draft.pk)
    assert VoucherLine.objects.count() == 2


@pytest.mark.requirement("F3")
def test_a_documents_voucher_is_not_reversed_by_itself(books: Books):
    made = post(books.ctx, books.posting(("receivable", 1), ("revenue", 1)))
    with pytest.raises(Refused) as error:
        gate.perform(books.ctx, "finance.voucher", made, "reverse", {"reason": "x"})
    assert error.value.code == "has_source"


def test_a_required_dimension(books: Books):
    account = books.account("write_off")
    gate.update(books.ctx, "finance.account", account.pk, {"required_dimensions": ["party"]})
    draft = _by_hand(books, ("write_off", 70, 0), ("receivable", 0, 70))
    with pytest.raises(Refused) as error:
        gate.perform(books.ctx, "finance.voucher", draft.pk, "post")
    assert error.value.code == "dimension_missing"


@pytest.mark.requirement("F1")
def test_periods_are_made_on_demand(books: Books):
    guard_period(books.ctx, dt.date(1998, 5, 6), "ledger")
    period = Period.objects.get(code="1998-05")
    assert (period.starts_on, period.ends_on, period.year, period.ledger) == (
        dt.date(1998, 5, 1), dt.date(1998, 5, 31), 1998, "open")  # fmt: skip
    with pytest.raises(Refused) as error:
        guard_period(books.ctx, dt.date(1850, 1, 1), "ledger")
    assert error.value.code == "period_unknown"


@pytest.mark.requirement("F1")
def test_stock_closes_before_the_ledger(books: Books, as_role: Any):
    period = Period.objects.get(pk=calendars.period_of(books.ctx, DAY).id)
    with pytest.raises(Refused) as error:
        gate.perform(books.ctx, "calendars.period", period.pk, "close", {"area": "ledger"})
    assert error.value.code == "stock_first"
    gate.perform(books.ctx, "calendars.period", period.pk, "close", {"area": "stock"})
    guard_period(_fresh(books), DAY, "ledger")
    with pytest.raises(Refused):
        guard_period(_fresh(books), DAY, "stock")
    gate.perform(books.ctx, "calendars.period", period.pk, "close")
    with pytest.raises(Refused) as error:
        guard_period(_fresh(books), DAY, "ledger")
    assert error.value.code == "period_closed"
    gate.perform(books.ctx, "calendars.period", period.pk, "reopen")
    guard_period(_fresh(books), DAY, "ledger")
    assert set(AuditEvent.objects.filter(record_id=period.pk).values_list("verb", flat=True)) == {"closed", "reopened"}


@pytest.mark.requirement("F1")
def test_soft_closed_is_for_accountants(books: Books, as_role: Any):
    period = calendars.period_of(books.ctx, DAY)
    gate.perform(books.ctx, "calendars.period", period.id, "soft_close")
    for role, may in (("sales", False), ("warehouse", False), ("accountant", True), ("manager", True)):
        if may:
            guard_period(as_role(role), DAY, "ledger")
        else:
            with pytest.raises(Refused):
                guard_period(as_role(role), DAY, "ledger")


def test_who_may_close(books: Books, as_role: Any):
    period = calendars.period_of(books.ctx, DAY)
    for role in ("sales", "viewer", "warehouse"):
        with pytest.raises(NotAllowed):
            gate.perform(as_role(role), "calendars.period", period.id, "close")
    assert gate.perform(as_role("accountant"), "calendars.period", period.id, "close").record.ledger == "closed"


@pytest.mark.requirement("F19")
def test_the_year_end_and_back(books: Books, as_role: Any):
    post(books.ctx, books.posting(("receivable", 100), ("revenue", 100)))
    post(books.ctx, books.posting(("cost", 60), event="inventory.shipped"))
    period = calendars.period_of(books.ctx, DAY)
    accountant = as_role("accountant")
    gate.perform(accountant, "calendars.period", period.id, "close_year")
    assert (books.balance("revenue"), books.balance("cost_of_sales"), books.balance("retained_earnings")) == (0, 0, -40)
    year = Period.objects.filter(year=2026)
    assert year.count() == 12 and set(year.values_list("ledger", "stock", "year_closed")) == {
        ("closed", "closed", True)
    }
    with pytest.raises(Refused):
        post(_fresh(books), books.posting(("receivable", 1), ("revenue", 1), on=dt.date(2026, 11, 1)))
    with pytest.raises(Refused) as error:
        gate.perform(books.ctx, "calendars.period", period.id, "reopen")
    assert error.value.code == "year_closed"
    with pytest.raises(Refused):
        gate.perform(books.ctx, "calendars.period", period.id, "close_year")
    gate.perform(accountant, "calendars.period", period.id, "reopen_year")
    assert (books.balance("revenue"), books.balance("cost_of_sales"), books.balance("retained_earnings")) == (
        -100,
        60,
        0,
    )
    post(_fresh(books), books.posting(("receivable", 1), ("revenue", 1)))
    gate.perform(books.ctx, "calendars.period", period.id, "close_year")
    assert books.balance("retained_earnings") == -41
    numbers = Voucher.objects.filter(journal__kind="closing").order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"JV-CL-2026-0000{n}" for n in (1, 2, 3)]


def _fresh(books: Books) -> Any:
    books.ctx.cache.clear()
    return books.ctx
