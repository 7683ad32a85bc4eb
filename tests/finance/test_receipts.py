"""Receipts settle invoices; what is left is an advance; everything can be undone."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from kontor.documents import gate
from kontor.errors import Invalid, Refused
from suite.finance.api import (
    NewItem,
    allocate,
    cancel_item,
    credit,
    expose,
    items_of,
    open_item,
    unallocate,
    vouchers_of,
)
from suite.finance.models import Allocation, OpenItem, Payment, Voucher

from .conftest import DAY, Books


def _rest(item: Any) -> Decimal:
    return OpenItem.objects.get(pk=item).remaining


def _pay(item: Any, amount: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"invoice": str(item), "amount": str(amount), **more}]


@pytest.mark.requirement("S9", "F4")
def test_a_receipt_settles_and_keeps_an_advance(books: Books):
    party = books.customer()
    item = books.invoice(party, 1000)
    receipt = books.receipt(party, 1500, allocations=_pay(item, 1000))
    assert (receipt.state, receipt.number[:3], receipt.rate) == ("posted", "RC-", 1)
    voucher = vouchers_of(books.ctx, [receipt.id])[receipt.id]
    assert len(voucher) == 1
    money = books.money().account.code
    assert books.lines(voucher[0].id) == {
        money: 1500, books.code("receivable"): -1000, books.code("customer_advance"): -500}  # fmt: skip
    assert (_rest(item), _rest(receipt.id)) == (0, 500)
    assert items_of(books.ctx, [item])[item].state == "settled"


@pytest.mark.requirement("S9")
def test_an_invoice_may_be_named_by_number(books: Books):
    party = books.customer()
    item = books.invoice(party, 10, number="IV-2603-0777")
    receipt = books.receipt(party, 10, allocations=_pay("IV-2603-0777", 10))
    assert receipt.allocations.get().invoice_id == item and _rest(item) == 0


@pytest.mark.requirement("S9")
def test_allocating_later_moves_the_advance(books: Books):
    party = books.customer()
    item = books.invoice(party, 1000)
    receipt = books.receipt(party, 990)
    assert books.balance("customer_advance") == -990
    body = {"allocations": _pay(item, 990, discount="8", write_off="2")}
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "allocate", body)
    assert (_rest(item), _rest(receipt.pk)) == (0, 0)
    assert books.balance("customer_advance") == books.balance("receivable") == 0
    assert (books.balance("discount"), books.balance("write_off")) == (8, 2)
    row = Allocation.objects.get()
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "unallocate", {"allocation": str(row.pk)})
    assert (_rest(item), _rest(receipt.pk)) == (1000, 990)
    assert (books.balance("receivable"), books.balance("customer_advance")) == (1000, -990)
    assert books.balance("discount") == books.balance("write_off") == 0
    with pytest.raises(Refused) as error:
        unallocate(books.ctx, row.pk)
    assert error.value.code == "illegal_state"


@pytest.mark.requirement("S9")
def test_undoing_what_the_receipt_itself_settled(books: Books):
    party = books.customer()
    item = books.invoice(party, 100)
    receipt = books.receipt(party, 98, allocations=_pay(item, 98, discount="2"))
    assert books.balance("receivable") == 0
    row = receipt.allocations.get()
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "unallocate", {"allocation": str(row.pk)})
    assert (books.balance("receivable"), books.balance("customer_advance"), books.balance("discount")) == (100, -98, 0)
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "reverse", {"reason": "bounced"})
    assert (books.balance("receivable"), books.balance("customer_advance")) == (100, 0)
    assert books.total(account=books.money().account) == 0
    assert _rest(item) == 100 and _rest(receipt.pk) == 0


@pytest.mark.requirement("S9")
@pytest.mark.parametrize("later", [False, True])
def test_reversing_a_receipt_undoes_everything(books: Books, later: bool):
    party = books.customer()
    item = books.invoice(party, 100)
    receipt = books.receipt(party, 60, **({} if later else {"allocations": _pay(item, 60, discount="5")}))
    if later:
        body = {"allocations": _pay(item, 60, discount="5")}
        gate.perform(books.ctx, "finance.receipt", receipt.pk, "allocate", body)
    done = gate.perform(books.ctx, "finance.receipt", receipt.pk, "reverse", {"reason": "bounced"}).record
    assert done.state == "reversed"
    assert (_rest(item), _rest(receipt.pk)) == (100, 0)
    assert books.balance("receivable") == 100
    for role in ("customer_advance", "discount"):
        assert books.balance(role) == 0
    assert books.total(account=books.money().account) == 0
    assert Allocation.objects.filter(state="active", cover_id=receipt.pk).count() == 0
    with pytest.raises(Refused) as error:
        gate.perform(books.ctx, "finance.receipt", receipt.pk, "allocate", {"allocations": _pay(item, 1)})
    assert error.value.code == "illegal_state"


@pytest.mark.requirement("S9")
@pytest.mark.parametrize(
    ("amount", "rows", "pointer"),
    [
        ("100.5", [], "/amount"), ("0", [], "/amount"), ("-3", [], "/amount"), ("x", [], "/amount"),
        ("50", [("60", "0")], "/allocations"), ("50", [("0.5", "0")], "/allocations/0/amount"),
        ("50", [("10", "-1")], "/allocations/0/discount"),
    ],
)  # fmt: skip
def test_wrong_values_are_named(books: Books, amount: str, rows: list[tuple[str, str]], pointer: str):
    party = books.customer()
    item = books.invoice(party, 100)
    given = [{"invoice": str(item), "amount": a, "discount": d} for a, d in rows]
    with pytest.raises(Invalid) as error:
        books.receipt(party, amount, allocations=given, post=False)
    assert pointer in [e.pointer for e in error.value.errors]
    assert Payment.objects.count() == 0


def test_an_invoice_of_somebody_else(books: Books):
    item = books.invoice(books.customer("Birch"), 100)
    with pytest.raises(Invalid) as error:
        books.receipt(books.customer("Cedar"), 100, allocations=_pay(item, 100), post=False)
    assert error.value.errors[0].code == "wrong_party"


@pytest.mark.requirement("S9")
def test_more_than_is_open_is_refused_and_nothing_happens(books: Books):
    party = books.customer()
    item = books.invoice(party, 100)
    receipt = books.receipt(party, 500)
    before = books.counts()
    for body in (_pay(item, 101), _pay(item, 100, discount="1"), _pay(item, 60) + _pay(item, 60)):
        with pytest.raises(Refused) as error:
            gate.perform(books.ctx, "finance.receipt", receipt.pk, "allocate", {"allocations": body})
        assert error.value.code == "overdrawn"
    assert (_rest(item), _rest(receipt.pk), Allocation.objects.count()) == (100, 500, 0)
    assert books.counts() == before


@pytest.mark.requirement("F13")
@pytest.mark.parametrize(("then", "now", "gain"), [("30", "31", 100), ("31", "30", -100), ("30", "30", 0)])
def test_the_exchange_difference_is_realised(books: Books, then: str, now: str, gain: int):
    party = books.customer()
    item = books.invoice(party, 100, rate=then, currency="USD")
    receipt = books.receipt(party, 100, currency="USD", rate=now, allocations=_pay(item, 100))
    assert books.balance("exchange") == -gain
    assert books.balance("receivable") == books.balance("customer_advance") == 0
    assert books.total(account=books.money().account) == 100 * int(now)
    assert Allocation.objects.get().exchange == gain
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "reverse", {"reason": "x"})
    assert books.balance("exchange") == 0 and books.balance("receivable") == 100 * int(then)


@pytest.mark.requirement("F13")
def test_parts_in_foreign_currency_leave_no_cents(books: Books):
    party = books.customer()
    item = books.invoice(party, "100.00", rate="31.337", currency="USD")
    for part in ("33.33", "33.33", "33.34"):
        books.receipt(party, part, currency="USD", rate="31.337", allocations=_pay(item, part))
    found = OpenItem.objects.get(pk=item)
    assert (found.remaining, found.book_remaining) == (0, 0)
    assert books.balance("receivable") == 0


@pytest.mark.requirement("S9")
def test_money_before_the_invoice(books: Books):
    """Planned on a receipt of an earlier date: an advance first, settled on the invoice's day."""
    party = books.customer()
    item = books.invoice(party, 100, on=dt.date(2026, 4, 5))
    receipt = books.receipt(party, 100, allocations=_pay(item, 100))
    assert receipt.allocations.get().allocated_on == dt.date(2026, 4, 5)
    march = books.total(account=books.account("customer_advance"), voucher__date__lte=dt.date(2026, 3, 31))
    assert (march, books.balance("customer_advance"), books.balance("receivable")) == (-100, 0, 0)


@pytest.mark.requirement("S9")
def test_a_credit_note_settles_an_invoice_without_a_voucher(books: Books):
    party = books.customer()
    item = books.invoice(party, 100)
    from kontor.documents.records import Ref
    from kontor.values.columns import new_id

    note = open_item(
        books.ctx, NewItem(
            Ref("sales.invoice", new_id()), number="CN-1", kind="credit", party_id=party, side="credit",
            amount=Decimal(30), currency="TWD", rate=Decimal(1), on=DAY, due_on=DAY))  # fmt: skip
    before = books.counts()
    made = allocate(books.ctx, item, note, Decimal(30), DAY)
    assert books.counts() == before and (_rest(item), _rest(note)) == (70, 0)
    unallocate(books.ctx, made)
    assert (_rest(item), _rest(note)) == (100, 30)
    with pytest.raises(Refused) as error:
        allocate(books.ctx, note, item, Decimal(1), DAY)
    assert error.value.code == "wrong_side"


@pytest.mark.requirement("S9")
def test_cancelling_an_item(books: Books):
    party = books.customer()
    item = OpenItem.objects.get(pk=books.invoice(party, 100))
    from kontor.documents.records import Ref

    cancel_item(books.ctx, Ref(item.source_resource, item.source_id), DAY)
    assert _rest(item.pk) == 0
    second = OpenItem.objects.get(pk=books.invoice(party, 100))
    books.receipt(party, 10, allocations=_pay(second.pk, 10))
    with pytest.raises(Refused) as error:
        cancel_item(books.ctx, Ref(second.source_resource, second.source_id), DAY)
    assert error.value.code == "allocated"


def test_the_same_bank_reference_twice_is_refused(books: Books):
    party = books.customer()
    books.receipt(party, 10, reference="TX-9")
    with pytest.raises(Refused):
        books.receipt(party, 10, reference="TX-9")
    assert Payment.objects.count() == 1


@pytest.mark.requirement("P10")
def test_credit_is_used_and_freed(books: Books):
    party = books.customer(credit_limit="1000")
    assert credit(books.ctx, party).free == 1000
    assert expose(books.ctx, party, Decimal(700), "TWD", DAY).free == 300
    item = books.invoice(party, 700)
    receipt = books.receipt(party, 500, allocations=_pay(item, 500, write_off="50"))
    state = credit(books.ctx, party)
    assert (state.limit, state.used, state.free) == (1000, 150, 850)
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "reverse", {"reason": "x"})
    assert credit(books.ctx, party).used == 700
    assert credit(books.ctx, books.customer("No limit")).free is None


@pytest.mark.requirement("S9")
def test_a_draft_can_be_changed_and_deleted_a_posted_one_not(books: Books):
    party = books.customer()
    item = books.invoice(party, 100)
    draft = books.receipt(party, 50, post=False, allocations=_pay(item, 20))
    changed = gate.update(books.ctx, "finance.receipt", draft.pk, {"amount": "40", "allocations": _pay(item, 40)})
    assert changed.amount == 40 and Allocation.objects.get(payment=draft.pk).amount == 40
    assert _rest(item) == 100
    gate.delete(books.ctx, "finance.receipt", draft.pk)
    assert Allocation.objects.count() == 0
    posted = books.receipt(party, 50)
    with pytest.raises(Refused):
        gate.update(books.ctx, "finance.receipt", posted.pk, {"amount": "1"})
    with pytest.raises(Refused):
        gate.delete(books.ctx, "finance.receipt", posted.pk)


def test_a_dry_run_shows_the_voucher_and_keeps_nothing(books: Books):
    party = books.customer()
    draft = books.receipt(party, 50, post=False)
    seen = gate.dry_run(
        books.ctx, lambda c: gate.perform(c, "finance.receipt", draft.pk, "post"), lambda o: {"state": o.record.state}
    )
    assert seen["state"] == "posted"
    assert [x["total"] for x in seen["effects"]["vouchers"]] == ["50"]
    assert Voucher.objects.count() == 0 and Payment.objects.get().state == "draft"


@pytest.mark.requirement("K2")
def test_who_may_do_what_with_receipts(books: Books, as_role: Any):
    party = books.customer()
    draft = books.receipt(party, 50, post=False)
    for role in ("sales", "warehouse", "viewer", "purchasing", "sales_lead"):
        with pytest.raises(Refused) as error:
            gate.perform(as_role(role), "finance.receipt", draft.pk, "post")
        assert error.value.status == 403
    assert Payment.objects.get().state == "draft"
    assert gate.perform(as_role("accountant"), "finance.receipt", draft.pk, "post").record.state == "posted"
