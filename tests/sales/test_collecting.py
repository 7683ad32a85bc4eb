"""One invoice over several orders and deliveries; prices that hold their tax; a price list on the document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, Refused
from suite.sales.models import Invoice
from tests.sales import trade

D = Decimal


def _together(ctx: Context, resource: str, records: list[Any]) -> list[Any]:
    told = gate.perform_many(ctx, resource, [r.pk for r in records], "collect")
    return list({o.made.pk: o.made for o in told}.values())


@pytest.mark.requirement("S8")
def test_two_orders_of_a_customer_on_one_invoice(ctx: Context) -> None:
    buyer, other = trade.customer(ctx), trade.customer(ctx)
    goods = trade.goods(ctx, price="100", stock="50", cost="60")
    orders = [
        trade.confirmed(ctx, (goods, "2"), customer=str(buyer.pk), freight="10"),
        trade.confirmed(ctx, (goods, "3"), customer=str(buyer.pk)),
        trade.confirmed(ctx, (goods, "4"), customer=str(other.pk)),
    ]
    for order in orders:
        trade.shipped(ctx, order)
    made = _together(ctx, "sales.order", orders)
    assert len(made) == 2
    joint = trade.fresh(next(i for i in made if i.customer_id == buyer.pk))
    assert (joint.order_id, joint.net, joint.freight, joint.tax, joint.total) == (None, D(500), D(10), D(26), D(536))
    assert [(x.position, x.quantity) for x in trade.lines(joint)] == [(1, D(2)), (2, D(3))]
    with pytest.raises(Refused) as refused:  # what stands on a draft is not billed twice
        trade.do(ctx, orders[0], "collect")
    assert refused.value.code == "nothing_to_invoice"
    with pytest.raises(Refused) as refused:
        trade.do(ctx, orders[0], "cancel", {"reason": "x"})
    assert refused.value.code == "documents_hang"
    posted = trade.do(ctx, joint, "post")
    assert posted.open_amount == D(536)
    for order in orders[:2]:
        now = trade.fresh(order)
        assert (now.state, now.invoice_state, now.exposure) == ("closed", "all", D(0))
    assert trade.fresh(orders[2]).invoice_state == "none"
    note = trade.do(ctx, posted, "credit", {"reason": "all wrong"})
    trade.do(ctx, note, "post")
    assert trade.fresh(posted).state == "reversed"
    assert [line.invoiced for o in orders[:2] for line in trade.lines(o)] == [D(0), D(0)]


@pytest.mark.requirement("S8", "S9")
def test_two_deliveries_and_a_deposit(ctx: Context) -> None:
    goods = trade.goods(ctx, price="100", stock="50", cost="60")
    order = trade.confirmed(ctx, (goods, "10"))
    deposit = trade.do(ctx, trade.do(ctx, order, "invoice", {"kind": "deposit", "amount": "200"}), "post")
    first = trade.shipped(ctx, order, {"lines": [{"line": str(trade.lines(order)[0].pk), "quantity": "4"}]})
    second = trade.shipped(ctx, order)
    (joint,) = _together(ctx, "sales.delivery", [first, second])
    joint = trade.do(ctx, trade.fresh(joint), "post")
    assert (joint.order_id, joint.net, joint.advance, joint.open_amount) == (order.pk, D(1000), D(200), D(850))
    assert trade.fresh(deposit).taken == D(200)


@pytest.mark.requirement("C5")
def test_prices_that_include_tax(ctx: Context) -> None:
    goods = trade.goods(ctx, price="100", stock="50", cost="60")
    order = trade.order(ctx, (goods, "3"), tax_included=True, freight="20")
    line = trade.lines(order)[0]
    assert (line.unit_price, line.amount, line.tax) == (D(105), D(300), D(15))
    assert (order.net, order.freight, order.tax, order.total) == (D(300), D(20), D(16), D(336))
    by_hand = {"product": str(goods.pk), "quantity": "1", "unit_price": "100"}
    gross = trade.order(ctx, by_hand, tax_included=True)
    assert (gross.net, gross.tax, gross.total) == (D(95), D(5), D(100))
    gate.perform(ctx, "sales.order", gross.pk, "confirm")
    trade.shipped(ctx, gross)
    invoice = trade.invoiced(ctx, gross)
    assert (invoice.tax_included, invoice.net, invoice.tax, invoice.total) == (True, D(95), D(5), D(100))
    note = trade.do(ctx, trade.do(ctx, invoice, "credit", {"reason": "x"}), "post")
    assert (note.net, note.tax, note.total) == (D(95), D(5), D(100))


@pytest.mark.requirement("C3", "C4")
def test_the_price_list_of_a_document(ctx: Context) -> None:
    goods, other = trade.goods(ctx, price="100"), trade.goods(ctx, price="80")
    rule = {"product": str(goods.pk), "kind": "fixed", "price": "84"}
    listed = gate.create(
        ctx, "catalog.price_list", {"code": "FAIR", "name": "Fair", "tax_included": True, "rules": [rule]}
    )
    rows = [{"product": str(p.pk), "quantity": "1"} for p in (goods, other)]
    quoted = gate.create(
        ctx, "sales.quotation", {"customer": str(trade.customer(ctx).pk), "lines": rows, "price_list": "FAIR"}
    )
    assert quoted.tax_included
    first, second = trade.lines(quoted)
    assert (first.unit_price, second.unit_price) == (D(84), D(84))  # 84 of the list, 80 and its tax
    assert "Fair" in first.price_rule and "Fair" not in second.price_rule
    body = {"price_list": None, "tax_included": False, "lines": [{"id": str(first.pk), "unit_price": "70"}]}
    changed = gate.update(ctx, "sales.quotation", quoted.pk, body)
    assert [x.unit_price for x in trade.lines(changed)] == [D(70)]
    back = gate.update(ctx, "sales.quotation", quoted.pk, {"price_list": str(listed.pk)})
    assert [x.unit_price for x in trade.lines(back)] == [D(70)]  # set by hand: it stays


@pytest.mark.requirement("C3")
def test_a_list_of_purchase_prices_is_refused(ctx: Context) -> None:
    gate.create(ctx, "catalog.price_list", {"code": "BUY", "name": "Buy", "side": "buy"})
    goods = trade.goods(ctx)
    with pytest.raises(Invalid) as refused:
        trade.order(ctx, (goods, "1"), price_list="BUY")
    assert [e.pointer for e in refused.value.errors] == ["/price_list"]
    assert not Invoice.objects.exists()
