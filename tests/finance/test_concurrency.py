"""Real threads on real commits: numbers without gap or double, items never overdrawn, one voucher a source."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from kontor.calendars.models import Period
from kontor.documents import gate
from kontor.documents.models import NumberCounter
from kontor.documents.numbering import give
from kontor.documents.records import Ref
from kontor.errors import Refused
from kontor.values.columns import new_id
from suite.finance.api import allocate, expose, post
from suite.finance.models import Allocation, CreditLine, OpenItem, Voucher, VoucherLine
from tenants.provisioning import in_tenant
from tests.concurrency import at_once
from tests.conftest import context_of

from .conftest import DAY, Books, ready


class _Undone(Exception):
    """Rolls a thread's transaction back on purpose."""


@contextmanager
def _desk(company: Any) -> Iterator[Books]:
    with in_tenant(company.tenant.name):
        yield Books(context_of("admin"))


def _together(company: Any, works: list[Callable[[Books], Any]]) -> list[Any]:
    return at_once(works, partial(_desk, company))


def _prepare(company: Any, work: Callable[[Books], Any]) -> Any:
    with in_tenant(company.tenant.name):
        return work(ready(context_of("admin")))


@pytest.mark.requirement("K6")
@pytest.mark.slow("64 transactions in 16 threads")
def test_gapless_numbers_under_16_threads_with_rollbacks(fresh_company: Any):
    """Of 64 transactions a third is taken back; the numbers of the rest are 1 to n."""

    def work(at: int) -> Callable[[Books], Any]:
        def run(books: Books) -> Any:
            made = post(books.ctx, books.posting(("receivable", 10 + at), ("revenue", 10 + at)))
            if at % 3 == 0:
                raise _Undone
            return made

        return run

    _prepare(fresh_company, lambda books: None)
    results: list[Any] = []
    for block in range(4):
        results += _together(fresh_company, [work(block * 16 + at) for at in range(16)])
    kept = [r for r in results if not isinstance(r, Exception)]
    assert {type(r) for r in results if isinstance(r, Exception)} == {_Undone}

    def look(books: Books) -> None:
        numbers = sorted(Voucher.objects.values_list("number", flat=True))
        assert len(kept) == 42
        assert [int(n.rsplit("-", 1)[1]) for n in numbers] == list(range(1, len(kept) + 1))
        assert NumberCounter.objects.get(series="finance.voucher/SA:2026").last == len(kept)
        debit, credit = (sum(VoucherLine.objects.values_list(side, flat=True)) for side in ("debit", "credit"))
        assert debit == credit > 0

    _prepare(fresh_company, look)


@pytest.mark.requirement("K6")
def test_a_number_given_and_not_used_does_not_commit(fresh_company: Any):
    _prepare(fresh_company, lambda books: post(books.ctx, books.posting(("receivable", 1), ("revenue", 1))))

    def waste(books: Books) -> None:
        give("finance.voucher/SA", "JV-SA-{yyyy}-{n:05}", [DAY], gapless=True, custom=False)

    (error,) = _together(fresh_company, [waste])
    assert "number_gap" in str(error)
    last = _prepare(fresh_company, lambda books: NumberCounter.objects.get(series="finance.voucher/SA:2026").last)
    assert last == 1


@pytest.mark.requirement("F2")
def test_an_unbalanced_voucher_does_not_commit_at_all(fresh_company: Any):
    _prepare(fresh_company, lambda books: post(books.ctx, books.posting(("receivable", 1), ("revenue", 1))))

    def cheat(books: Books) -> None:
        voucher = Voucher.objects.get()
        voucher.pk, voucher.source_id, voucher.total = new_id(), new_id(), 100
        voucher._state.adding = True
        voucher.number = give("finance.voucher/SA", "JV-SA-{yyyy}-{n:05}", [DAY], gapless=True, custom=False)[0]
        voucher.save(force_insert=True)
        VoucherLine.objects.create(voucher=voucher, account=books.account("stock"), debit=100, currency="TWD")
        VoucherLine.objects.create(voucher=voucher, account=books.account("revenue"), credit=99, currency="TWD")

    (error,) = _together(fresh_company, [cheat])
    assert "unbalanced" in str(error)
    assert _prepare(fresh_company, lambda books: Voucher.objects.count()) == 1


@pytest.mark.requirement("F3")
def test_one_source_posted_by_eight_at_once_is_one_voucher(fresh_company: Any):
    _prepare(fresh_company, lambda books: None)
    source = Ref("test.document", new_id())

    def work(books: Books) -> Any:
        return post(books.ctx, books.posting(("receivable", 5), ("revenue", 5), source=source))

    results = _together(fresh_company, [work] * 8)
    assert len(set(results)) == 1 and not isinstance(results[0], Exception), results
    assert _prepare(fresh_company, lambda books: Voucher.objects.count()) == 1


@pytest.mark.requirement("S9", "F4")
def test_two_settle_one_item_at_once(fresh_company: Any):
    """Eight receipts of 40 for one invoice of 100: two fit, six are told what is open."""

    def prepare(books: Books) -> Any:
        party = books.customer()
        return books.invoice(party, 100), [books.receipt(party, 40).pk for _i in range(8)]

    item, receipts = _prepare(fresh_company, prepare)

    def work(receipt: Any) -> Callable[[Books], Any]:
        return lambda books: allocate(books.ctx, item, receipt, Decimal(40), DAY)

    results = _together(fresh_company, [work(receipt) for receipt in receipts])
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 6
    assert {(type(r), getattr(r, "code", "")) for r in refused} == {(Refused, "overdrawn")}, refused

    def look(books: Books) -> None:
        assert OpenItem.objects.get(pk=item).remaining == 20
        assert Allocation.objects.filter(state="active").count() == 2
        assert books.balance("receivable") == 20
        assert books.balance("customer_advance") == -240

    _prepare(fresh_company, look)


@pytest.mark.requirement("S9")
def test_settling_crosswise_does_not_lock_up(fresh_company: Any):
    """Items in opposite orders: both threads take the locks in the order of ids."""

    def prepare(books: Books) -> Any:
        party = books.customer()
        return [books.invoice(party, 100) for _i in range(2)], [books.receipt(party, 100).pk for _i in range(2)]

    (a, b), (x, y) = _prepare(fresh_company, prepare)

    def work(receipt: Any, first: Any, second: Any) -> Callable[[Books], Any]:
        rows = [{"invoice": str(i), "amount": "10"} for i in (first, second)]
        return lambda books: gate.perform(books.ctx, "finance.receipt", receipt, "allocate", {"allocations": rows})

    results = _together(fresh_company, [work(x, a, b), work(y, b, a)] * 4)
    assert [r for r in results if isinstance(r, Exception)] == []
    left = _prepare(fresh_company, lambda books: [OpenItem.objects.get(pk=i).remaining for i in (a, b, x, y)])
    assert left == [20, 20, 20, 20]


@pytest.mark.requirement("P10")
def test_credit_is_counted_once_each(fresh_company: Any):
    party = _prepare(fresh_company, lambda books: books.customer(credit_limit="100"))
    results = _together(fresh_company, [lambda books: expose(books.ctx, party, Decimal(30), "TWD", DAY)] * 8)
    assert sorted(state.used for state in results) == [30 * n for n in range(1, 9)]
    assert _prepare(fresh_company, lambda books: CreditLine.objects.get().exposure) == 240


@pytest.mark.requirement("F2")
def test_closing_a_period_waits_for_those_who_post(fresh_company: Any):
    """Whoever comes first wins, but never is a voucher in a period that was closed before it."""
    _prepare(fresh_company, lambda books: post(books.ctx, books.posting(("receivable", 1), ("revenue", 1))))

    def close(books: Books) -> Any:
        return gate.perform(books.ctx, "calendars.period", Period.objects.get(code="2026-03").pk, "close").record

    def work(books: Books) -> Any:
        return post(books.ctx, books.posting(("receivable", 1), ("revenue", 1)))

    results = _together(fresh_company, [work, work, close, work, work, work])
    errors = [r for r in results if isinstance(r, Exception)]
    assert {getattr(e, "code", repr(e)) for e in errors} <= {"period_closed"}

    def look(books: Books) -> None:
        assert Voucher.objects.count() == 1 + 5 - len(errors)
        assert Period.objects.get(code="2026-03").ledger == "closed"

    _prepare(fresh_company, look)
