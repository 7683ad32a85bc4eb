"""The database refuses by itself what Python would refuse: raw SQL goes around the services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from kontor.calendars.models import Period
from kontor.database.constraints import explained
from kontor.documents.models import NumberCounter
from kontor.errors import Refused
from kontor.values import money
from kontor.values.columns import new_id
from suite.finance.api import post, reverse
from suite.finance.models import Voucher, VoucherLine

from .conftest import DAY, Books

Sql = Callable[..., list[Any]]
LINE = (
    "INSERT INTO finance_voucherline (id, position, voucher_id, account_id, debit, credit, amount, currency, "
    "department_path, dimensions, text) VALUES (%s, 9, %s, %s, %s, %s, %s, 'TWD', '', '{}', '')"
)


@contextmanager
def refused(code: str) -> Iterator[None]:
    """SQLSTATE KT001 with this code; the savepoint keeps the test's transaction."""
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        yield
    cause = error.value.__cause__
    assert isinstance(cause, psycopg.Error) and cause.sqlstate == "KT001", cause
    assert str(cause.diag.message_primary).partition("|")[0] == code


@pytest.fixture
def posted(books: Books) -> Any:
    """A posted voucher over 100."""
    return Voucher.objects.get(pk=post(books.ctx, books.posting(("receivable", 100), ("revenue", 100))))


def _copy(sql: Sql, voucher: Any, **changes: Any) -> Any:
    """Insert a voucher like this one by SQL, with other values."""
    columns = [f.column for f in Voucher._meta.concrete_fields]
    pk = new_id()
    values = {"id": pk, "source_id": new_id(), **changes}
    picked = ", ".join("%s" if c in values else c for c in columns)
    sql(
        f"INSERT INTO finance_voucher ({', '.join(columns)}) SELECT {picked} FROM finance_voucher WHERE id = %s",
        *[values[c] for c in columns if c in values],
        voucher.id,
    )
    return pk


def _next(sql: Sql, voucher: Any) -> str:
    """Move the counter on as numbering does, and render the number."""
    sql("UPDATE documents_numbercounter SET last = last + 1 WHERE series = 'finance.voucher/SA:2026'")
    return f"{voucher.number[:-5]}{NumberCounter.objects.get(series='finance.voucher/SA:2026').last:05}"


@pytest.mark.requirement("F2")
def test_an_unbalanced_voucher_does_not_commit(books: Books, posted: Any, sql: Sql):
    with refused("unbalanced"):
        pk = _copy(sql, posted, number=_next(sql, posted), line_count=2)
        for role, debit, credit in (("receivable", 100, 0), ("revenue", 0, 99)):
            sql(LINE, new_id(), pk, books.account(role).id, debit, credit, debit - credit)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert Voucher.objects.count() == 1


@pytest.mark.requirement("F2")
def test_a_balanced_one_by_sql_is_accepted(books: Books, posted: Any, sql: Sql):
    with transaction.atomic():
        pk = _copy(sql, posted, number=_next(sql, posted), line_count=2)
        for role, debit, credit in (("receivable", 100, 0), ("revenue", 0, 100)):
            sql(LINE, new_id(), pk, books.account(role).id, debit, credit, debit - credit)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert books.balance("receivable") == 200


@pytest.mark.requirement("F2")
def test_a_voucher_without_lines_does_not_commit(posted: Any, sql: Sql):
    with refused("unbalanced"):
        _copy(sql, posted, number=_next(sql, posted), line_count=0, total=0)
        sql("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.requirement("F2")
@pytest.mark.requirement("K23", part="accounting periods")
def test_nothing_enters_a_closed_period(books: Books, posted: Any, sql: Sql):
    Period.objects.filter(pk=posted.period_id).update(stock="closed", ledger="closed")
    with refused("period_closed"):
        _copy(sql, posted, number=_next(sql, posted))
    with pytest.raises(Refused) as error:
        post(books.ctx, books.posting(("receivable", 1), ("revenue", 1)))
    assert error.value.code == "period_closed"
    assert Voucher.objects.count() == 1


@pytest.mark.requirement("F2")
@pytest.mark.requirement("K23", part="accounting periods")
def test_the_period_is_the_one_of_the_date(posted: Any, sql: Sql):
    with refused("period_wrong"):
        _copy(sql, posted, number=_next(sql, posted), date=DAY.replace(month=4))


@pytest.mark.requirement("F2")
def test_an_account_that_takes_no_postings(books: Books, posted: Any, sql: Sql):
    account = books.account("revenue")
    sql("UPDATE finance_account SET postable = false WHERE id = %s", account.id)
    with refused("not_postable"):
        pk = _copy(sql, posted, number=_next(sql, posted))
        sql(LINE, new_id(), pk, account.id, 0, 100, -100)
    books.ctx.cache.clear()
    with pytest.raises(Refused) as error:
        post(books.ctx, books.posting(("receivable", 1), ("revenue", 1)))
    assert error.value.code == "not_postable"


@pytest.mark.requirement("F2")
@pytest.mark.parametrize(
    "change",
    ["total = 7", "date = date + 1", "text = 'x'", "number = ''", "source_id = NULL", "state = 'draft'",
     "state = 'reversed'", "journal_id = journal_id, rate = 2", "line_count = 3"],
)  # fmt: skip
def test_a_posted_voucher_is_not_changed(posted: Any, sql: Sql, change: str):
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        sql(f"UPDATE finance_voucher SET {change} WHERE id = %s", posted.id)
    assert getattr(error.value.__cause__, "sqlstate", "") == "KT001"


@pytest.mark.requirement("F2")
def test_a_posted_voucher_is_not_deleted(posted: Any, sql: Sql):
    with refused("posted"):
        sql("DELETE FROM finance_voucherline WHERE voucher_id = %s", posted.id)
    with refused("posted"):
        sql("DELETE FROM finance_voucher")
    assert VoucherLine.objects.count() == 2


@pytest.mark.requirement("F2")
def test_lines_of_a_posted_voucher_stay(books: Books, posted: Any, sql: Sql):
    for change in ("debit = debit * 2, credit = credit * 2", "text = 'x'"):
        with refused("posted"):
            sql(f"UPDATE finance_voucherline SET {change} WHERE voucher_id = %s", posted.id)
    with refused("posted"):
        sql(LINE, new_id(), posted.id, books.account("stock").id, 5, 0, 5)
    assert books.balance("receivable") == 100


@pytest.mark.requirement("F2")
def test_lines_do_not_move_to_another_voucher(books: Books, posted: Any, sql: Sql):
    draft = _copy(sql, posted, number="", state="draft", period_id=None)
    with refused("posted"):
        sql("UPDATE finance_voucherline SET voucher_id = %s WHERE voucher_id = %s", draft, posted.id)


@pytest.mark.requirement("F2")
def test_a_reversed_voucher_stays(books: Books, posted: Any, sql: Sql):
    reverse(books.ctx, _source(posted), posted.event, DAY, "x")
    with refused("posted"):
        sql("UPDATE finance_voucher SET state = 'posted', reversed_by_id = NULL WHERE id = %s", posted.id)


@pytest.mark.requirement("F3")
def test_a_source_is_posted_once(posted: Any, sql: Sql):
    with pytest.raises(DatabaseError, match="finance_voucher_source"), transaction.atomic():
        _copy(sql, posted, number=_next(sql, posted), source_id=posted.source_id)


@pytest.mark.requirement("K6")
def test_a_counter_moves_by_one(posted: Any, sql: Sql):
    counter = NumberCounter.objects.get(series="finance.voucher/SA:2026")
    for change in (
        "last = last + 2",
        "last = last - 1",
        "gapless = false",
        "claimed = claimed - 1",
        "series = 'x'",
        "claimed = claimed + 1",
    ):
        with refused("number_gap"):
            sql(f"UPDATE documents_numbercounter SET {change} WHERE id = %s", counter.id)
    with refused("counter_kept"):
        sql("DELETE FROM documents_numbercounter WHERE id = %s", counter.id)
    with refused("number_gap"):
        sql("INSERT INTO documents_numbercounter (id, series, last, gapless) VALUES (%s, 'new', 5, true)", new_id())


@pytest.mark.requirement("K6")
def test_a_number_given_must_be_used(posted: Any, sql: Sql):
    with refused("number_gap"):
        _next(sql, posted)
        sql("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.requirement("K6")
@pytest.mark.parametrize("number", ["JV-SA-2026-00003", "JV-SA-2026-00001", "JV-2026-00001", "X", "JV-SA-2026-2"])
def test_a_number_must_be_the_counters_last(posted: Any, sql: Sql, number: str):
    with refused("number_not_given"):
        assert _next(sql, posted) == "JV-SA-2026-00002"
        _copy(sql, posted, number=number)


@pytest.mark.requirement("K6")
def test_a_posted_voucher_needs_a_number(posted: Any, sql: Sql):
    with pytest.raises(DatabaseError, match="finance_voucher_posted"), transaction.atomic():
        _copy(sql, posted, number="")


def test_amounts_have_the_digits_of_their_currency(books: Books, posted: Any, sql: Sql):
    with refused("too_many_digits"):
        pk = _copy(sql, posted, number=_next(sql, posted))
        sql(LINE, new_id(), pk, books.account("revenue").id, Decimal("0.5"), 0, Decimal("0.5"))
    known = {**money._DIGITS, "USD": 2, "CNY": 2, "EUR": 2}
    assert {c: sql("SELECT finance_currency_digits(%s)", c)[0][0] for c in known} == known


@pytest.mark.requirement("F2")
@pytest.mark.parametrize(("debit", "credit"), [(5, 5), (0, 0), (-5, 0), (5, 3)])
def test_a_line_has_one_side(books: Books, posted: Any, sql: Sql, debit: int, credit: int):
    with pytest.raises(DatabaseError, match="finance_voucherline_one_side"), transaction.atomic():
        sql(LINE, new_id(), posted.id, books.account("stock").id, debit, credit, 0)


@pytest.mark.requirement("F4")
def test_an_item_is_never_overdrawn(books: Books, sql: Sql):
    item = books.invoice(books.customer(), 100)
    for value in (-1, 101):
        with pytest.raises(DatabaseError, match="finance_openitem_remaining"), transaction.atomic():
            sql("UPDATE finance_openitem SET remaining = %s WHERE id = %s", value, item)


@pytest.mark.requirement("F4")
def test_an_allocation_is_only_undone(books: Books, sql: Sql):
    party = books.customer()
    item = books.invoice(party, 100)
    books.receipt(party, 60, allocations=[{"invoice": str(item), "amount": "60"}])
    for change in ("amount = 1", "state = 'planned'", "allocated_on = allocated_on - 9"):
        with refused("allocated"):
            sql(f"UPDATE finance_allocation SET {change}")
    with refused("allocated"):
        sql("DELETE FROM finance_allocation")


def test_refusals_of_triggers_are_sentences(books: Books, posted: Any, sql: Sql):
    with pytest.raises(Refused) as error, transaction.atomic(), explained():
        sql("UPDATE finance_voucher SET text = 'x' WHERE id = %s", posted.id)
    assert error.value.code == "posted" and "reverse it instead" in str(error.value)


def _source(voucher: Any) -> Any:
    from kontor.documents.records import Ref

    return Ref(voucher.source_resource, voucher.source_id)
