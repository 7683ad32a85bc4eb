"""Quotation → order → delivery → invoice → receipt, in three currencies, to the cent."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.conversion import trace
from kontor.documents.records import Ref
from kontor.errors import Invalid, Refused
from suite.finance import api as finance
from suite.sales.models import Order, Quotation
from tests.conftest import context_of
from tests.sales import trade


@pytest.mark.requirement("S1", "S2", "S6", "S8", "S9")
def test_the_whole_thread_in_taiwan_dollars(ctx: Context):
    product = trade.goods(ctx, price="333", stock="100", cost="200")
    body = {
        "customer": str(trade.customer(ctx).pk),
        "freight": "77",
        "lines": [{"product": str(product.pk), "quantity": "7", "discount": "0.05"}],
    }
    quotation = gate.create(ctx, "sales.quotation", body)
    assert (quotation.net, quotation.tax, quotation.total) == (D(2214), D(115), D(2406))
    quotation = trade.do(ctx, quotation, "send", {"to": "buyer@example.com"})
    assert quotation.number == f"QT-{ctx.today:%y%m}-0001"
    order = trade.do(ctx, quotation, "accept")
    assert (order.state, order.number, order.total, trade.fresh(quotation).state) == ("draft", "", D(2406), "accepted")
    assert trade.lines(order)[0].price_rule == trade.lines(quotation)[0].price_rule != ""
    order = trade.do(ctx, order, "confirm")
    assert order.number == f"SO-{ctx.today:%y%m}-0001"
    assert order.bill_to["name"] == order.ship_to["name"] != ""
    delivery = trade.do(ctx, order, "deliver")
    assert (delivery.state, delivery.number) == ("draft", "")
    delivery = trade.do(ctx, delivery, "ship")
    assert (delivery.state, delivery.number) == ("shipped", f"DN-{ctx.today:%y%m}-0001")
    order = trade.fresh(order)
    assert (order.delivery_state, order.invoice_state, order.cost, order.margin) == ("all", "none", D(1400), D(814))
    invoice = trade.do(ctx, order, "invoice")
    assert (invoice.kind, invoice.state, invoice.total, invoice.number) == ("invoice", "draft", D(2406), "")
    invoice = trade.do(ctx, invoice, "post")
    assert (invoice.number, invoice.open_amount) == (f"IV-{ctx.today:%y%m}-0001", D(2406))
    assert trade.fresh(order).state == Order.State.CLOSED
    assert finance.credit(ctx, order.customer_id).used == D(2406)
    trade.receipt(ctx, invoice, "406")
    invoice = trade.fresh(invoice)
    assert (invoice.open_amount, invoice.payment_state) == (D(2000), "part")
    trade.receipt(ctx, invoice, "2000")
    invoice = trade.fresh(invoice)
    assert (invoice.open_amount, invoice.payment_state) == (D(0), "all")
    assert finance.credit(ctx, order.customer_id).used == D(0)
    nodes, _edges = trace(Ref("sales.invoice", invoice.pk))
    assert {n.resource for n in nodes} >= {"sales.quotation", "sales.order", "sales.invoice"}
    nodes, _edges = trace(Ref("sales.order", order.pk))
    assert {n.id for n in nodes} >= {quotation.pk, order.pk, delivery.pk, invoice.pk}
    assert sum(trade.ledger().values()) == 0


@pytest.mark.requirement("C5", "S8")
def test_the_mainland_adds_thirteen_per_cent(cn_company: Any):
    ctx = context_of("admin")
    product = trade.goods(ctx, price="19.99", stock="10", cost="7.77")
    order = trade.confirmed(ctx, (product, "3"))
    assert (order.currency, order.net, order.tax, order.total) == ("CNY", D("59.97"), D("7.80"), D("67.77"))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, trade.fresh(order))
    assert (invoice.net, invoice.tax, invoice.total) == (D("59.97"), D("7.80"), D("67.77"))
    assert trade.fresh(order).cost == D("23.31")


@pytest.mark.requirement("C5")
def test_the_generic_country_has_no_tax(us_ctx: Context):
    product = trade.goods(us_ctx, price="10.005", stock="10", cost="4")
    order = trade.confirmed(us_ctx, (product, "1"), freight="3.25")
    assert (order.net, order.tax, order.freight, order.total) == (D("10.01"), D(0), D("3.25"), D("13.26"))
    trade.shipped(us_ctx, order)
    invoice = trade.invoiced(us_ctx, trade.fresh(order))
    assert (invoice.total, invoice.taxes) == (D("13.26"), [])


def test_old_documents_get_numbers_of_their_month(us_ctx: Context):
    product = trade.goods(us_ctx)
    trade.put_in(us_ctx, product, "10", on="1996-07-01")
    order = trade.do(us_ctx, trade.order(us_ctx, (product, "2"), ordered_on="1996-07-04"), "confirm")
    delivery = trade.do(us_ctx, trade.do(us_ctx, order, "deliver"), "ship", {"shipped_on": "1996-08-02"})
    invoice = trade.do(us_ctx, trade.do(us_ctx, trade.fresh(order), "invoice"), "post", {"posted_on": "1996-08-03"})
    assert [d.number for d in (order, delivery, invoice)] == ["SO-9607-0001", "DN-9608-0001", "IV-9608-0001"]


@pytest.mark.requirement("S1")
def test_versions_of_a_quotation(ctx: Context):
    product = trade.goods(ctx)
    body = {"customer": str(trade.customer(ctx).pk), "lines": [{"product": str(product.pk), "quantity": "2"}]}
    first = trade.do(ctx, gate.create(ctx, "sales.quotation", body), "send")
    second = trade.do(ctx, first, "revise")
    assert (second.number, second.edition, second.state, second.previous_id) == (first.number, 2, "draft", first.pk)
    assert trade.fresh(first).state == "expired"
    with pytest.raises(Refused) as refused:
        trade.do(ctx, first, "revise")
    assert refused.value.code == "already_revised"
    gate.update(ctx, "sales.quotation", second.pk, {"lines": [{"product": str(product.pk), "quantity": "5"}]})
    second = trade.do(ctx, second, "send")
    order = trade.do(ctx, second, "accept")
    assert (order.net, trade.lines(first)[0].quantity) == (D(500), D(2))
    with pytest.raises(Refused):
        trade.do(ctx, first, "revise")
    assert Quotation.objects.filter(number=first.number).count() == 2
    with pytest.raises(Refused) as refused:
        gate.update(ctx, "sales.quotation", second.pk, {"note": "late"})
    assert refused.value.code == "frozen"


def test_a_quotation_past_its_validity_is_not_accepted(ctx: Context):
    product = trade.goods(ctx)
    body = {
        "customer": str(trade.customer(ctx).pk), "quoted_on": "2026-01-05", "valid_until": "2026-01-31",
        "lines": [{"product": str(product.pk), "quantity": "2"}],
    }  # fmt: skip
    quotation = trade.do(ctx, gate.create(ctx, "sales.quotation", body), "send")
    with pytest.raises(Refused) as refused:
        trade.do(ctx, quotation, "accept")
    assert (refused.value.code, Order.objects.count()) == ("expired", 0)
    from suite.sales.quoting import expire_overdue

    assert expire_overdue(ctx) == 1
    assert trade.fresh(quotation).state == "expired"


@pytest.mark.requirement("C4")
def test_prices_explain_themselves_and_hands_win(ctx: Context):
    product = trade.goods(ctx, price="100")
    order = trade.order(ctx, (product, "2"), {"product": str(product.pk), "quantity": "1", "unit_price": "80"})
    auto, manual = trade.lines(order)
    assert (auto.unit_price, auto.price_rule, manual.unit_price) == (D(100), "List price", D(80))
    assert (manual.price_rule, manual.manual_price, auto.manual_price) == ("manual", True, False)
    rows = [{"id": str(x.pk), "product": str(product.pk), "quantity": "3"} for x in (auto, manual)]
    gate.update(ctx, "sales.order", order.pk, {"lines": rows})
    assert [x.amount for x in trade.lines(order)] == [D(300), D(240)]


def test_wrong_values_are_told_at_their_place(ctx: Context):
    product = str(trade.goods(ctx).pk)
    rows = [
        {"product": product, "quantity": "0"},
        {"product": product, "quantity": "1", "discount": "1.2"},
        {"product": product, "quantity": "1", "unit_price": "-1"},
    ]
    with pytest.raises(Invalid) as invalid:
        trade.order(ctx, *rows)
    assert {e.pointer for e in invalid.value.errors} == {
        "/lines/0/quantity", "/lines/1/discount", "/lines/2/unit_price"
    }  # fmt: skip
    assert Order.objects.count() == 0


@pytest.mark.requirement("C1")
def test_units_are_converted_and_counted_in_base(ctx: Context):
    gate.create(ctx, "catalog.unit", {"code": "doz", "name": "dozen", "dimension": "count", "numerator": 12})
    product = trade.goods(ctx, price="5", stock="36")
    order = trade.confirmed(ctx, {"product": str(product.pk), "quantity": "2", "unit": "doz"})
    line = trade.lines(order)[0]
    assert (line.quantity, line.base_quantity, line.unit_price, line.amount) == (D(2), D(24), D(60), D(120))
    trade.do(ctx, trade.do(ctx, order, "deliver", {"lines": [{"line": str(line.pk), "quantity": "1"}]}), "ship")
    assert trade.lines(order)[0].delivered == D(12)
    invoice = trade.do(ctx, trade.fresh(order), "invoice")
    (billed,) = trade.lines(invoice)
    assert (billed.quantity, billed.base_quantity, invoice.net) == (D(1), D(12), D(60))


@pytest.mark.requirement("S8", "F13")
def test_a_foreign_invoice_is_booked_at_its_rate(ctx: Context):
    body = {"source": "USD", "target": "TWD", "on": str(ctx.today), "rate": "32.5"}
    gate.create(ctx, "catalog.exchange_rate", body)
    product = trade.goods(ctx, price="325", stock="5", cost="100")
    order = trade.confirmed(ctx, (product, "2"), currency="USD")
    assert (order.currency, order.net, order.tax, order.total) == ("USD", D("20.00"), D("1.00"), D("21.00"))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, trade.fresh(order))
    assert invoice.rate == D("32.5")
    (voucher,) = finance.vouchers_of(ctx, [invoice.pk])[invoice.pk]
    assert voucher.total == D(683)


def test_the_night_expires_quotations(fresh_company: Any):
    from suite.sales.tasks import expire
    from tenants.provisioning import in_tenant

    name = fresh_company.tenant.name
    with in_tenant(name):
        ctx = context_of("admin")
        row = {"product": str(trade.goods(ctx).pk), "quantity": "2"}
        body = {"customer": str(trade.customer(ctx).pk), "quoted_on": "2026-01-05", "valid_until": "2026-01-31"}
        quotation = trade.do(ctx, gate.create(ctx, "sales.quotation", {**body, "lines": [row]}), "send")
    assert expire(name) == 1
    with in_tenant(name):
        assert trade.fresh(quotation).state == "expired"
    with pytest.raises(Refused):
        expire()
