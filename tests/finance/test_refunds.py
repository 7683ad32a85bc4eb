"""Refunds pay back what a receipt left over or a credit note owes; nothing else, and exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from kontor.resources import registry
from suite.finance import api as finance
from suite.finance.models import OpenItem
from tests.sales import trade

D = Decimal


def _account() -> str:
    return str(registry.spec("finance.money_account").model._default_manager.order_by("code").first().pk)


def _money(ctx: Context, resource: str, party: Any, amount: str, **given: Any) -> Any:
    made = gate.create(ctx, resource, {"party": str(party), "amount": amount, "account": _account(), **given})
    gate.perform(ctx, resource, made.pk, "post", {})
    return made


def _moved(before: dict[str, Decimal]) -> list[Decimal]:
    after = trade.ledger()
    return sorted(n for c in {*after, *before} if (n := after.get(c, D(0)) - before.get(c, D(0))))


@pytest.mark.requirement("F4", "S9")
def test_an_overpayment_is_paid_back_and_taken_back(ctx: Context) -> None:
    buyer = trade.customer(ctx, credit_limit="1000")
    receipt = _money(ctx, "finance.receipt", buyer.pk, "500")
    used = finance.credit(ctx, buyer.pk).used
    before = trade.ledger()
    refund = _money(ctx, "finance.refund", buyer.pk, "200")
    assert finance.items_of(ctx, [receipt.pk])[receipt.pk].remaining == D(300)
    assert finance.items_of(ctx, [refund.pk])[refund.pk].state == "settled"
    assert _moved(before) == [D(-200), D(200)]
    assert finance.credit(ctx, buyer.pk).used == used + 200
    (voucher,) = finance.vouchers_of(ctx, [refund.pk])[refund.pk]
    assert voucher.event == "finance.refunded"
    gate.perform(ctx, "finance.refund", refund.pk, "reverse", {"reason": "wrong account"})
    assert trade.ledger() == before
    assert finance.items_of(ctx, [receipt.pk])[receipt.pk].remaining == D(500)
    assert finance.credit(ctx, buyer.pk).used == used


@pytest.mark.requirement("F4", "S8")
def test_a_credit_note_on_a_paid_invoice_is_paid_back(ctx: Context) -> None:
    goods = trade.goods(ctx, price="100", stock="10")
    order = trade.confirmed(ctx, (goods, "4"))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, order)
    trade.receipt(ctx, invoice, "420")
    note = trade.do(ctx, trade.do(ctx, invoice, "credit", {"reason": "spoilt"}), "post")
    assert note.open_amount == D(420)
    rows = [{"invoice": str(note.pk), "amount": "420"}]
    _money(ctx, "finance.refund", order.customer_id, "420", allocations=rows)
    paid = trade.fresh(note)
    assert (paid.open_amount, paid.payment_state) == (D(0), "all")
    assert not OpenItem.objects.filter(party_id=order.customer_id).exclude(remaining=0).exists()
    assert finance.credit(ctx, order.customer_id).used == D(0)


@pytest.mark.requirement("F4")
def test_no_more_than_is_owed_to_the_customer(ctx: Context) -> None:
    buyer, other = trade.customer(ctx), trade.customer(ctx)
    receipt = _money(ctx, "finance.receipt", buyer.pk, "100")
    before = trade.ledger()
    for body in (
        {"amount": "150"},
        {"amount": "150", "allocations": [{"invoice": str(receipt.pk), "amount": "150"}]},
        {"amount": "50", "allocations": [{"invoice": str(receipt.pk), "amount": "20"}]},
    ):
        made = gate.create(ctx, "finance.refund", {"party": str(buyer.pk), "account": _account(), **body})
        with pytest.raises(Refused):
            gate.perform(ctx, "finance.refund", made.pk, "post", {})
    made = gate.create(ctx, "finance.refund", {"party": str(other.pk), "account": _account(), "amount": "10"})
    with pytest.raises(Refused) as refused:
        gate.perform(ctx, "finance.refund", made.pk, "post", {})
    assert refused.value.code == "nothing_to_refund"
    assert trade.ledger() == before
    assert finance.items_of(ctx, [receipt.pk])[receipt.pk].remaining == D(100)


@pytest.mark.requirement("F4", "F13")
def test_the_exchange_difference_of_a_refund(ctx: Context) -> None:
    buyer = trade.customer(ctx)
    dollars = {"currency": "USD"}
    receipt = _money(ctx, "finance.receipt", buyer.pk, "100", rate="30", **dollars)
    before = trade.ledger()
    _money(ctx, "finance.refund", buyer.pk, "100", rate="32", **dollars)
    assert _moved(before) == [D(-3200), D(200), D(3000)]  # the bank gave 3,200 for what was worth 3,000
    assert finance.items_of(ctx, [receipt.pk])[receipt.pk].remaining == D(0)
    assert finance.credit(ctx, buyer.pk).used == D(0)
