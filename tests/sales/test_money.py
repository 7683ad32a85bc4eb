"""Returns, credit notes, deposits: amounts to the cent, open items, credit."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.sales.models import Invoice
from tests.sales import trade


def _sold(ctx: Context, quantity: str = "5", **given: Any) -> tuple[Any, Any, Invoice]:
    product = trade.goods(ctx, price="101", stock="20", cost="60")
    order = trade.confirmed(ctx, (product, quantity), **given)
    delivery = trade.shipped(ctx, order)
    return order, delivery, trade.invoiced(ctx, trade.fresh(order))


@pytest.mark.requirement("S7", "S8")
def test_a_return_comes_back_at_its_cost_and_is_credited(ctx: Context):
    order, delivery, invoice = _sold(ctx)
    assert (invoice.net, invoice.tax, invoice.total) == (D(505), D(25), D(530))
    stock = trade.ledger()
    (line,) = inventory.operation(ctx, delivery.pk).lines
    goods = trade.do(
        ctx, delivery, "take_back", {"lines": [{"line": str(line.id), "quantity": "2"}], "reason": "wrong colour"}
    )
    assert (goods.state, goods.number) == ("draft", "")
    with pytest.raises(Refused):
        trade.do(ctx, goods, "credit")
    goods = trade.do(ctx, goods, "receive")
    assert (goods.state, goods.number, goods.into) == ("received", f"RT-{ctx.today:%y%m}-0001", "usable")
    assert trade.lines(order)[0].returned == D(2)
    assert trade.ledger()["5101"] == stock["5101"] - D(120)
    note = trade.do(ctx, goods, "credit")
    assert (note.kind, note.state, note.credits_id, trade.fresh(goods).state) == (
        "credit", "draft", invoice.pk, "closed",
    )  # fmt: skip
    assert (note.net, note.tax, note.total) == (D(202), D(10), D(212))
    note = trade.do(ctx, note, "post")
    assert note.number == f"CN-{ctx.today:%y%m}-0001"
    invoice = trade.fresh(invoice)
    assert (invoice.state, invoice.open_amount, invoice.payment_state, invoice.credited) == (
        "posted", D(318), "part", D(212),
    )  # fmt: skip
    assert (note.open_amount, note.payment_state) == (D(0), "all")
    assert trade.lines(order)[0].invoiced == D(3)
    assert finance.credit(ctx, order.customer_id).used == D(318)
    assert sum(trade.ledger().values()) == 0
    with pytest.raises(Refused) as refused:
        trade.do(ctx, delivery, "take_back", {"lines": [{"line": str(line.id), "quantity": "4"}]})
    assert refused.value.code == "more_than_delivered"


def test_a_return_written_from_delivery_lines(ctx: Context):
    _order, delivery, _invoice = _sold(ctx)
    (line,) = inventory.operation(ctx, delivery.pk).lines
    body = {"delivery": str(delivery.pk), "lines": [{"line": str(line.id), "quantity": "2"}], "reason": "broken"}
    goods = gate.create(ctx, "sales.return", body)
    assert (goods.movement, goods.state, goods.party_id) == ("return", "draft", delivery.party_id)
    goods = trade.do(ctx, goods, "receive", {"into": "scrap"})
    assert goods.into == "scrap"
    note = trade.do(ctx, trade.do(ctx, goods, "credit"), "post")
    assert (note.returned_with, note.total) == (goods.pk, D(212))


def test_a_return_over_two_invoices_is_credited_on_each(ctx: Context):
    product = trade.goods(ctx, price="10", stock="9")
    order = trade.confirmed(ctx, (product, "7"))
    line = str(trade.lines(order)[0].pk)
    delivery = trade.shipped(ctx, order)
    bills = []
    for quantity in ("3", "4"):
        rows = [{"line": line, "quantity": quantity}]
        bills.append(trade.invoiced(ctx, trade.fresh(order), {"lines": rows}))
    goods = trade.do(ctx, trade.do(ctx, delivery, "take_back"), "receive")
    notes = [trade.do(ctx, goods, "credit")]
    assert (notes[0].credits_id, trade.fresh(goods).state) == (bills[1].pk, "received")
    notes.append(trade.do(ctx, trade.fresh(goods), "credit"))
    assert (notes[1].credits_id, trade.fresh(goods).state) == (bills[0].pk, "closed")
    assert [trade.do(ctx, note, "post").total for note in notes] == [b.total for b in reversed(bills)]
    assert {trade.fresh(b).state for b in bills} == {"reversed"}
    assert trade.lines(order)[0].invoiced == 0


def test_goods_that_were_not_invoiced_need_no_credit(ctx: Context):
    product = trade.goods(ctx, stock="5")
    order = trade.confirmed(ctx, (product, "3"))
    delivery = trade.shipped(ctx, order)
    goods = trade.do(ctx, trade.do(ctx, delivery, "take_back"), "receive")
    with pytest.raises(Refused) as refused:
        trade.do(ctx, goods, "credit")
    assert (refused.value.code, trade.fresh(goods).state) == ("nothing_to_credit", "received")
    assert trade.do(ctx, goods, "close").state == "closed"
    with pytest.raises(Refused) as refused:
        trade.do(ctx, trade.fresh(order), "invoice")
    assert refused.value.code == "nothing_to_invoice"


@pytest.mark.requirement("S8")
def test_credits_add_up_to_the_invoice_and_no_further(us_ctx: Context):
    ctx = us_ctx
    product = trade.goods(ctx, price="0.335", stock="20", cost="0.1")
    order = trade.confirmed(ctx, (product, "3"), freight="1.11")
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, trade.fresh(order))
    assert invoice.total == D("2.12")
    line = str(trade.lines(invoice)[0].pk)
    totals = []
    for _n in range(2):
        rows = [{"line": line, "quantity": "1"}]
        note = trade.do(ctx, trade.do(ctx, invoice, "credit", {"lines": rows, "reason": "broken"}), "post")
        totals.append(note.total)
    rest = trade.do(ctx, trade.do(ctx, invoice, "credit", {"reason": "the rest"}), "post")
    assert (totals, rest.total, rest.freight) == ([D("0.34"), D("0.34")], D("1.44"), D("1.11"))
    invoice = trade.fresh(invoice)
    assert (invoice.credited, invoice.state, invoice.open_amount) == (D("2.12"), "reversed", D(0))
    with pytest.raises(Refused):
        trade.do(ctx, invoice, "credit", {"reason": "again"})
    assert trade.lines(order)[0].invoiced == D(0)
    again = trade.invoiced(ctx, trade.fresh(order))
    assert again.total == D("2.12")


@pytest.mark.requirement("S8", "C5")
def test_the_last_credit_takes_the_rest_of_the_tax(ctx: Context):
    product = trade.goods(ctx, price="10", stock="20")
    order = trade.confirmed(ctx, (product, "7"))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, trade.fresh(order))
    assert (invoice.net, invoice.tax) == (D(70), D(4))
    line = str(trade.lines(invoice)[0].pk)
    notes = []
    for quantity in ("1", "3", "3"):
        rows = [{"line": line, "quantity": quantity}]
        notes.append(trade.do(ctx, trade.do(ctx, invoice, "credit", {"lines": rows, "reason": "x"}), "post"))
    assert [(n.net, n.tax) for n in notes] == [(D(10), D(1)), (D(30), D(2)), (D(30), D(1))]
    assert trade.fresh(invoice).state == "reversed"


def test_two_drafts_do_not_credit_the_same(ctx: Context):
    _order, _delivery, invoice = _sold(ctx)
    trade.do(ctx, invoice, "credit", {"reason": "all"})
    with pytest.raises(Refused) as refused:
        trade.do(ctx, invoice, "credit", {"reason": "all again"})
    assert refused.value.code == "nothing_to_credit"
    assert Invoice.objects.filter(kind="credit").count() == 1


def test_a_paid_invoice_credited_leaves_money_to_give_back(ctx: Context):
    _order, _delivery, invoice = _sold(ctx)
    trade.receipt(ctx, invoice, "530")
    note = trade.do(ctx, trade.do(ctx, trade.fresh(invoice), "credit", {"reason": "all"}), "post")
    assert (note.open_amount, note.payment_state) == (D(530), "none")
    assert trade.fresh(invoice).state == "reversed"


@pytest.mark.requirement("S9")
def test_a_deposit_is_taken_up_by_the_final_invoice(ctx: Context):
    product = trade.goods(ctx, price="1000", stock="5")
    order = trade.confirmed(ctx, (product, "2"))
    deposit = trade.do(ctx, order, "invoice", {"kind": "deposit", "amount": "600"})
    assert (deposit.kind, deposit.total, deposit.tax) == ("deposit", D(600), D(0))
    deposit = trade.do(ctx, deposit, "post")
    trade.receipt(ctx, deposit, "600")
    assert trade.fresh(deposit).payment_state == "all"
    with pytest.raises(Refused) as refused:
        trade.do(ctx, trade.fresh(order), "invoice", {"kind": "deposit", "amount": "1600"})
    assert refused.value.code == "deposit_exceeds"
    assert trade.fresh(order).invoice_state == "none"
    trade.shipped(ctx, trade.fresh(order))
    final = trade.do(ctx, trade.fresh(order), "invoice")
    assert (final.total, final.advance, final.open_amount) == (D(2100), D(600), D(1500))
    final = trade.do(ctx, final, "post")
    assert (final.advance, final.open_amount, trade.fresh(deposit).taken) == (D(600), D(1500), D(600))
    assert trade.fresh(order).state == "closed"
    assert finance.credit(ctx, order.customer_id).used == D(1500)
    (voucher,) = finance.vouchers_of(ctx, [final.pk])[final.pk]
    assert sorted(x.debit for x in voucher.lines if x.debit) == [D(600), D(1500)]
    assert sum(trade.ledger().values()) == 0
    with pytest.raises(Refused) as refused:
        trade.do(ctx, trade.fresh(deposit), "credit", {"reason": "no"})
    assert refused.value.code == "nothing_to_credit"


def test_a_deposit_on_two_invoices_and_a_rest_credited(ctx: Context):
    product = trade.goods(ctx, price="100", stock="9")
    order = trade.confirmed(ctx, (product, "8"))
    deposit = trade.do(ctx, trade.do(ctx, order, "invoice", {"kind": "deposit", "amount": "400"}), "post")
    line = str(trade.lines(order)[0].pk)
    for quantity, advance, due in (("2", D(210), D(0)), ("1", D(105), D(0))):
        trade.shipped(ctx, trade.fresh(order), {"lines": [{"line": line, "quantity": quantity}]})
        part = trade.invoiced(ctx, trade.fresh(order))
        assert (part.advance, part.open_amount, part.payment_state) == (advance, due, "all")
    note = trade.do(ctx, trade.do(ctx, trade.fresh(deposit), "credit", {"reason": "the rest"}), "post")
    deposit = trade.fresh(deposit)
    assert (note.total, deposit.taken, deposit.credited, deposit.open_amount) == (D(85), D(315), D(85), D(315))
    trade.shipped(ctx, trade.fresh(order))
    last = trade.invoiced(ctx, trade.fresh(order))
    assert (last.advance, last.open_amount) == (D(0), D(525))
    assert finance.credit(ctx, order.customer_id).used == D(840)
    assert sum(trade.ledger().values()) == 0


def test_the_deposit_of_the_payment_term(ctx: Context):
    term = {"code": "D30", "name": "30 % down", "payload": {"days": 30, "deposit": "0.3"}}
    gate.create(ctx, "parties.payment_term", term)
    customer = str(trade.customer(ctx, payment_term="D30").pk)
    order = trade.confirmed(ctx, (trade.goods(ctx, price="1000"), "2"), customer=customer)
    assert trade.do(ctx, order, "invoice", {"kind": "deposit"}).total == D(630)


@pytest.mark.requirement("S9", "F4")
def test_ageing_counts_what_is_open(ctx: Context):
    from kontor.reports.api import run

    _order, _delivery, invoice = _sold(ctx)
    trade.do(ctx, trade.do(ctx, invoice, "credit", {"reason": "all"}), "post")
    table = run(ctx, "ageing", {}).table
    assert not [row for row in table.rows if any(isinstance(v, D) and v for v in row.values)]
