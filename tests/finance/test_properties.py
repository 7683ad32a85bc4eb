"""Whatever happens in whatever order: the ledger balances, nothing is overdrawn, ageing is right."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kontor.documents import gate
from kontor.errors import Refused
from kontor.values.money import digits, round_amount
from suite.finance.api import Fact, cancel_item, credit, expose
from suite.finance.models import Allocation, OpenItem, Voucher, VoucherLine
from suite.finance.reports.ageing import open_as_of
from suite.finance.rules import SHIPPED, entries, most_specific

from .conftest import Books

_QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_DAYS = st.integers(0, 120).map(lambda n: dt.date(2026, 1, 1) + dt.timedelta(days=n))
_STEP = st.tuples(
    st.sampled_from(["invoice", "receipt", "allocate", "allocate", "undo", "reverse"]),
    st.integers(1, 500), st.integers(0, 20), st.integers(0, 9), _DAYS,
)  # fmt: skip


class _End(Exception):
    """Takes an example back."""


def _play(books: Books, steps: list[Any], rate: str) -> list[dt.date]:
    """Do what the steps say; refusals are part of the game."""
    party = books.customer()
    currency = "USD" if rate != "1" else "TWD"
    invoices: list[Any] = []
    receipts: list[Any] = []
    days: list[dt.date] = []
    for n, (what, amount, extra, pick, day) in enumerate(steps):
        days.append(day)
        used = str(Decimal(rate) + n % 3) if rate != "1" else "1"
        try:
            with transaction.atomic():
                if what == "invoice":
                    invoices.append(books.invoice(party, amount, on=day, currency=currency, rate=used))
                    book = OpenItem.objects.get(pk=invoices[-1]).book_amount
                    expose(books.ctx, party, book, books.ctx.currency, day)
                elif what == "receipt":
                    receipts.append(books.receipt(party, amount, on=day, currency=currency, rate=used).pk)
                elif what == "allocate" and invoices and receipts:
                    given = {"discount": extra if pick % 2 else 0, "write_off": extra if pick % 3 else 0}
                    row = {"invoice": str(invoices[pick % len(invoices)]), "amount": amount, **given}
                    receipt = receipts[amount % len(receipts)]
                    gate.perform(books.ctx, "finance.receipt", receipt, "allocate", {"allocations": [row]})
                elif what == "undo":
                    row = Allocation.objects.filter(state="active", payment__isnull=False).order_by("id").first()
                    if row:
                        body = {"allocation": str(row.pk)}
                        gate.perform(books.ctx, "finance.receipt", row.payment_id, "unallocate", body)
                elif what == "reverse" and receipts:
                    gate.perform(
                        books.ctx, "finance.receipt", receipts[pick % len(receipts)], "reverse", {"reason": "x"}
                    )
        except Refused:
            continue
    return days


def _prove(books: Books, days: list[dt.date]) -> None:
    for voucher in Voucher.objects.exclude(state="draft"):
        lines = list(VoucherLine.objects.filter(voucher=voucher))
        assert sum(x.debit for x in lines) == sum(x.credit for x in lines) == voucher.total
    for item in OpenItem.objects.all():
        assert 0 <= item.remaining <= item.amount and 0 <= item.book_remaining <= item.book_amount
        rows = Allocation.objects.filter(state="active")
        settled = sum(
            (r.amount + r.discount + r.write_off for r in rows.filter(invoice=item)), Decimal(0)
        ) + sum((r.amount for r in rows.filter(cover=item)), Decimal(0))  # fmt: skip
        assert item.remaining == item.amount - settled
        assert (item.remaining == 0) <= (item.book_remaining == 0)
    sides = {"debit": 1, "credit": -1}
    for party in OpenItem.objects.values_list("party_id", flat=True).distinct():
        rest = sum(sides[i.side] * i.book_remaining for i in OpenItem.objects.filter(party=party))
        assert credit(books.ctx, party).used == rest
    for day in {*days, books.ctx.today, dt.date(2027, 1, 1)}:
        found = open_as_of(books.ctx, day)
        owed = sum((o.book for o in found if o.item.kind != "receipt"), Decimal(0))
        advance = -sum((o.book for o in found if o.item.kind == "receipt"), Decimal(0))
        assert owed == books.total(account=books.account("receivable"), voucher__date__lte=day)
        assert advance == -books.total(account=books.account("customer_advance"), voucher__date__lte=day)


@pytest.mark.requirement("F2", "F4")
@pytest.mark.parametrize("rate", ["1", "31.337"])
@_QUICK
@given(steps=st.lists(_STEP, min_size=3, max_size=14))
def test_ledger_items_and_ageing_agree_after_any_story(books: Books, rate: str, steps: list[Any]):
    try:
        with transaction.atomic():
            _prove(books, _play(books, steps, rate))
            raise _End
    except _End:
        pass
    books.ctx.cache.clear()


@pytest.mark.requirement("P10")
@_QUICK
@given(parts=st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_credit_returns_to_zero_with_the_last_receipt(books: Books, parts: list[int]):
    try:
        with transaction.atomic():
            party, whole = books.customer(), sum(parts)
            expose(books.ctx, party, Decimal(whole), "TWD", books.ctx.today)
            item = books.invoice(party, whole)
            for part in parts:
                books.receipt(party, part, allocations=[{"invoice": str(item), "amount": str(part)}])
            assert credit(books.ctx, party).used == 0
            assert OpenItem.objects.get(pk=item).remaining == 0
            raise _End
    except _End:
        books.ctx.cache.clear()


_MONEY = st.decimals(-(10**6), 10**6, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.requirement("F2", "F13")
@given(
    revenue=st.lists(_MONEY, min_size=1, max_size=8), tax=_MONEY, rate=st.decimals("0.0001", 2000, places=6),
    book=st.sampled_from(["TWD", "USD", "BHD"]),
)  # fmt: skip
def test_entries_always_balance_in_book_currency(revenue: list[Decimal], tax: Decimal, rate: Decimal, book: str):
    rule = next(r for r in SHIPPED if r.event == "sales.invoiced")
    facts = [Fact("revenue", x) for x in revenue] + [Fact("tax", tax), Fact("receivable", sum(revenue, tax))]
    ids: dict[str, Any] = {}

    def account_of(role: str, fact: Fact) -> Any:
        return ids.setdefault(role, role)

    made = entries(rule, facts, currency="USD", rate=rate, book_currency=book, account_of=account_of,
                   exchange=lambda: account_of("exchange", facts[0]))  # fmt: skip
    assert sum((e.book for e in made), Decimal(0)) == 0
    for e in made:
        assert e.book == round_amount(e.book, book) and e.book != 0
    assert sum((1 for e in made if e.account_id == ids.get("exchange")), 0) <= 1
    assert digits("USD") == 2


def test_most_specific_names_the_row_that_fits_best():
    class Row:
        def __init__(self, name: str, year: int = 2020, **given: Any) -> None:
            self.id, self.role, self.valid_from = name, "revenue", dt.date(year, 1, 1)
            self.posting_class, self.tax_id, self.warehouse_id = "", None, None
            self.__dict__.update(given)

    rows = [Row("any"), Row("newer", 2024), Row("class", posting_class="a"), Row("tax", tax_id=1),
            Row("both", posting_class="a", tax_id=1)]  # fmt: skip

    def pick(**wanted: Any) -> str:
        found = most_specific(rows, "revenue", **{"posting_class": "", "tax_id": None, "warehouse_id": None, **wanted})
        return str(found.id) if found else ""

    assert (pick(), pick(posting_class="a"), pick(tax_id=1), pick(posting_class="a", tax_id=1)) == (
        "newer", "class", "tax", "both")  # fmt: skip
    assert pick(posting_class="z") == "newer"
    assert most_specific(rows, "stock", posting_class="") is None


@pytest.mark.requirement("S9")
def test_a_cancelled_item_is_open_before_and_not_after(books: Books):
    from kontor.documents.records import Ref

    day = dt.date(2026, 5, 1)
    item = OpenItem.objects.get(pk=books.invoice(books.customer(), 10, on=dt.date(2026, 4, 1)))
    cancel_item(books.ctx, Ref(item.source_resource, item.source_id), day)
    assert [o.book for o in open_as_of(books.ctx, day - dt.timedelta(days=1))] == [10]
    assert open_as_of(books.ctx, day) == []
