"""Partial deliveries, back orders, shortages, over-conversion, cancelling, closing, changes."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from kontor.context import Context
from kontor.database.constraints import explained
from kontor.documents import gate
from kontor.documents.models import Conversion, Revision
from kontor.errors import Invalid, Refused
from kontor.resources import registry
from kontor.surfaces.query import Ask, one, select
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.sales.models import Invoice, Order, OrderLine
from suite.sales.processing import process
from tests.sales import trade


@pytest.mark.requirement("S2", "S6", "N9")
def test_what_is_there_goes_first_and_the_rest_follows(ctx: Context):
    plenty, few = trade.goods(ctx, stock="10"), trade.goods(ctx, stock="3")
    order = trade.confirmed(ctx, (plenty, "4"), (few, "5"))
    spec = registry.spec("sales.order")
    told = one(ctx, spec, order.pk)["lines"]
    assert [(x["reserved"], x["short"]) for x in told] == [(D(4), D(0)), (D(3), D(2))]
    assert one(ctx, spec, order.pk, ["short"])["short"] is True
    delivery = trade.shipped(ctx, order)
    assert [line.done for line in inventory.operation(ctx, delivery.pk).lines] == [D(4), D(3)]
    order = trade.fresh(order)
    assert (order.delivery_state, order.state) == ("part", "confirmed")
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "deliver")
    assert refused.value.code == "not_enough_stock"
    trade.put_in(ctx, few, "10")
    told = one(ctx, spec, order.pk)["lines"]
    assert [(x["reserved"], x["short"]) for x in told] == [(D(0), D(0)), (D(2), D(0))]
    trade.shipped(ctx, order)
    order = trade.fresh(order)
    assert (order.delivery_state, [line.delivered for line in trade.lines(order)]) == ("all", [D(4), D(5)])
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "deliver")
    assert refused.value.code == "nothing_to_deliver"


def test_a_delivery_ships_in_part_and_the_rest_stays_with_the_order(ctx: Context):
    product = trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (product, "6"))
    delivery = trade.do(ctx, order, "deliver")
    (line,) = inventory.operation(ctx, delivery.pk).lines
    trade.do(ctx, delivery, "ship", {"lines": [{"line": str(line.id), "quantity": "4"}]})
    assert trade.lines(order)[0].delivered == D(4)
    again = trade.shipped(ctx, trade.fresh(order))
    assert [x.done for x in inventory.operation(ctx, again.pk).lines] == [D(2)]


@pytest.mark.requirement("N6")
def test_the_lots_that_go_may_be_named(ctx: Context):
    product = trade.goods(ctx)
    lots = [gate.create(ctx, "inventory.lot", {"product": str(product.pk), "number": f"L{n}"}) for n in (1, 2)]
    rows = [{"product": str(product.pk), "quantity": "4", "unit_cost": "9", "lot": str(x.pk)} for x in lots]
    stock = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": rows})
    gate.perform(ctx, "inventory.adjustment", stock.pk, "post")
    delivery = trade.do(ctx, trade.confirmed(ctx, (product, "5")), "deliver")
    (line,) = inventory.operation(ctx, delivery.pk).lines
    body = {"line": str(line.id), "quantity": "5"}
    with pytest.raises(Invalid) as invalid:
        trade.do(ctx, delivery, "ship", {"lines": [{**body, "lots": [{"lot": "L9", "quantity": "5"}]}]})
    assert invalid.value.errors[0].pointer == "/lines/0/lots/0/lot"
    given = [{"lot": "L2", "quantity": "4"}, {"lot": str(lots[0].pk), "quantity": "1"}]
    trade.do(ctx, delivery, "ship", {"lines": [{**body, "lots": given}]})
    moved = registry.spec("inventory.move").model._default_manager.filter(operation_id=delivery.pk)
    assert dict(moved.values_list("lot__number").annotate(n=Sum("quantity"))) == {"L1": D(1), "L2": D(4)}


def test_given_lines_alone_are_delivered_and_never_too_much(ctx: Context):
    a, b = trade.goods(ctx, stock="10"), trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (a, "4"), (b, "4"))
    first, second = trade.lines(order)
    rows = [{"line": str(first.pk), "quantity": "5"}]
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "deliver", {"lines": rows})
    assert (refused.value.code, refused.value.errors[0].pointer) == ("over_delivery", "/lines/0/quantity")
    with pytest.raises(Refused):
        trade.do(ctx, order, "deliver", {"lines": [{"line": str(order.pk), "quantity": "1"}]})
    trade.shipped(ctx, order, {"lines": [{"line": str(second.pk), "quantity": "3"}]})
    assert [x.delivered for x in trade.lines(order)] == [D(0), D(3)]


def test_a_cancelled_delivery_gives_its_goods_back(ctx: Context):
    product = trade.goods(ctx, stock="5")
    order = trade.confirmed(ctx, (product, "5"))
    delivery = trade.do(ctx, trade.do(ctx, order, "deliver"), "cancel")
    assert (delivery.state, delivery.number) == ("cancelled", "")
    assert inventory.reserved(ctx, [trade.lines(order)[0].pk])[trade.lines(order)[0].pk].reserved == D(5)
    trade.shipped(ctx, trade.fresh(order))
    assert trade.fresh(order).delivery_state == "all"
    with pytest.raises(Refused) as refused:
        trade.do(ctx, delivery, "ship")
    assert refused.value.code == "illegal_state"


@pytest.mark.requirement("K25", "F2")
def test_the_database_refuses_over_conversion(ctx: Context):
    product = trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (product, "5"))
    (line,) = trade.lines(order)
    for column in ("delivered", "invoiced", "returned"):
        with pytest.raises(Refused) as refused, transaction.atomic(), explained():
            OrderLine.objects.filter(pk=line.pk).update(**{column: 6})
        assert refused.value.code == f"sales_orderline_{column}"
    trade.shipped(ctx, order)
    first = trade.do(ctx, trade.fresh(order), "invoice")
    with pytest.raises(Refused) as refused:
        trade.do(ctx, trade.fresh(order), "invoice")
    assert refused.value.code == "nothing_to_invoice"
    copy = trade.fresh(first)
    rows = trade.lines(copy)
    copy.pk = copy.id = registry.spec("sales.invoice").model._meta.pk.get_default()
    copy._state.adding = True
    copy.save()
    for row in rows:
        row.pk, row.document_id = type(row)._meta.pk.get_default(), copy.pk
        row._state.adding = True
        row.save()
    trade.do(ctx, first, "post")
    with pytest.raises(Refused) as refused:
        trade.do(ctx, copy, "post")
    assert refused.value.code == "sales_orderline_invoiced"
    assert (trade.fresh(copy).state, trade.fresh(copy).number) == ("draft", "")
    assert trade.lines(order)[0].invoiced == D(5)


@pytest.mark.requirement("S8")
def test_posted_invoices_stay_as_they_are(ctx: Context):
    product = trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (product, "5"))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, trade.fresh(order))
    with pytest.raises(Refused) as refused:
        trade.do(ctx, invoice, "post")
    assert refused.value.code == "illegal_state"
    assert len(finance.vouchers_of(ctx, [invoice.pk])[invoice.pk]) == 1
    for sql in (
        "UPDATE sales_invoice SET total = 1 WHERE id = %s",
        "UPDATE sales_invoice SET state = 'draft' WHERE id = %s",
        "DELETE FROM sales_invoice WHERE id = %s",
        "UPDATE sales_invoiceline SET amount = 1 WHERE document_id = %s",
        "DELETE FROM sales_invoiceline WHERE document_id = %s",
    ):
        with pytest.raises(Refused), transaction.atomic(), explained(), connection.cursor() as cursor:
            cursor.execute(sql, [invoice.pk])
    assert trade.fresh(invoice).total == invoice.total


def test_several_invoices_of_one_order(ctx: Context):
    product = trade.goods(ctx, stock="10", price="33.3")
    order = trade.confirmed(ctx, (product, "10"), freight="50")
    line = str(trade.lines(order)[0].pk)
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "invoice")
    assert refused.value.code == "nothing_to_invoice"
    first = trade.shipped(ctx, order, {"lines": [{"line": line, "quantity": "4"}]})
    second = trade.shipped(ctx, trade.fresh(order))
    a = trade.invoiced(ctx, first)
    assert (a.net, a.freight, [x.base_quantity for x in trade.lines(a)]) == (D(133), D(50), [D(4)])
    assert trade.fresh(order).invoice_state == "part"
    rows = [{"line": line, "quantity": "7"}]
    with pytest.raises(Refused) as refused:
        trade.do(ctx, trade.fresh(order), "invoice", {"lines": rows})
    assert refused.value.code == "over_invoiced"
    b = trade.invoiced(ctx, second)
    assert (b.net, b.freight) == (D(200), D(0))
    assert trade.fresh(order).state == "closed"


def test_services_are_invoiced_as_ordered(ctx: Context):
    service = trade.goods(ctx, kind="service", price="1200")
    order = trade.confirmed(ctx, (service, "2"))
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "deliver")
    assert refused.value.code == "nothing_to_deliver"
    invoice = trade.invoiced(ctx, order)
    assert invoice.net == D(2400)
    order = trade.fresh(order)
    assert (order.state, order.delivery_state, order.invoice_state) == ("closed", "all", "all")


@pytest.mark.requirement("S2")
def test_cancelling_frees_stock_and_credit(ctx: Context):
    product = trade.goods(ctx, stock="5")
    order = trade.confirmed(ctx, (product, "5"))
    trade.do(ctx, order, "deliver")
    assert finance.credit(ctx, order.customer_id).used == D(525)
    order = trade.do(ctx, order, "cancel", {"reason": "changed their mind"})
    assert (order.state, order.reason, order.exposure) == ("cancelled", "changed their mind", D(0))
    assert finance.credit(ctx, order.customer_id).used == D(0)
    trade.shipped(ctx, trade.confirmed(ctx, (product, "5")))


@pytest.mark.requirement("S2")
def test_cancelling_names_what_hangs_on_the_order(ctx: Context):
    product = trade.goods(ctx, stock="5")
    order = trade.confirmed(ctx, (product, "5"))
    delivery = trade.shipped(ctx, order)
    with pytest.raises(Refused) as refused:
        trade.do(ctx, trade.fresh(order), "cancel", {"reason": "no"})
    assert refused.value.code == "documents_hang"
    assert refused.value.facts["documents"] == [delivery.number]
    assert trade.fresh(order).state == "confirmed"


def test_closing_by_hand_drops_the_rest(ctx: Context):
    product = trade.goods(ctx, stock="5")
    order = trade.confirmed(ctx, (product, "5"))
    line = str(trade.lines(order)[0].pk)
    trade.shipped(ctx, order, {"lines": [{"line": line, "quantity": "2"}]})
    invoice = trade.invoiced(ctx, trade.fresh(order))
    order = trade.do(ctx, trade.fresh(order), "close")
    assert (order.state, order.delivery_state) == ("closed", "part")
    assert finance.credit(ctx, order.customer_id).used == invoice.total == D(210)
    trade.shipped(ctx, trade.confirmed(ctx, (product, "3")))


@pytest.mark.requirement("S2", "P10")
def test_credit_is_checked_and_may_be_exceeded_by_right(ctx: Context, as_role):
    product = trade.goods(ctx, stock="50")
    customer = str(trade.customer(ctx, credit_limit="1000").pk)
    trade.confirmed(ctx, (product, "5"), customer=customer)
    order = trade.order(ctx, (product, "6"), customer=customer)
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "confirm")
    assert refused.value.code == "credit_exceeded"
    assert (refused.value.facts["limit"], refused.value.facts["excess"]) == ("1000", "155")
    assert (trade.fresh(order).state, finance.credit(ctx, order.customer_id).used) == ("draft", D(525))
    assert not as_role("sales").rights.can("sales.order", "override_credit")
    order = trade.do(ctx, order, "override_credit", {"reason": "the owner vouches"})
    assert (order.state, finance.credit(ctx, order.customer_id).free) == ("confirmed", D(-155))


def test_a_customer_on_hold_gets_nothing_confirmed(ctx: Context):
    customer = str(trade.customer(ctx, on_hold=True).pk)
    order = trade.order(ctx, (trade.goods(ctx), "1"), customer=customer)
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "confirm")
    assert refused.value.code == "customer_on_hold"
    empty = gate.create(ctx, "sales.order", {"customer": str(trade.customer(ctx).pk)})
    with pytest.raises(Refused) as refused:
        trade.do(ctx, empty, "confirm")
    assert refused.value.code == "no_lines"


@pytest.mark.requirement("S2")
def test_a_confirmed_order_changes_with_a_version_kept(ctx: Context):
    product, other = trade.goods(ctx, stock="10"), trade.goods(ctx, stock="10", price="50")
    order = trade.confirmed(ctx, (product, "4"))
    (line,) = trade.lines(order)
    trade.shipped(ctx, order, {"lines": [{"line": str(line.pk), "quantity": "3"}]})
    row = {"id": str(line.pk), "product": str(product.pk)}
    with pytest.raises(Refused) as refused:
        gate.update(ctx, "sales.order", order.pk, {"lines": [{**row, "quantity": "2"}]})
    assert (refused.value.code, refused.value.errors[0].pointer) == ("frozen", "/lines/0/quantity")
    with pytest.raises(Refused):
        gate.update(ctx, "sales.order", order.pk, {"lines": [{**row, "quantity": "4", "unit_price": "1"}]})
    with pytest.raises(Refused) as refused:
        gate.update(ctx, "sales.order", order.pk, {"lines": []})
    assert refused.value.code == "line_in_use"
    with pytest.raises(Refused):
        gate.update(ctx, "sales.order", order.pk, {"customer": str(trade.customer(ctx).pk)})
    rows = [{**row, "quantity": "6"}, {"product": str(other.pk), "quantity": "2"}]
    gate.update(ctx, "sales.order", order.pk, {"lines": rows, "promised_on": "2030-01-01"})
    order = trade.fresh(order)
    assert (order.net, order.total, order.exposure) == (D(700), D(735), D(735))
    revision = Revision.objects.get(record_id=order.pk)
    assert (revision.number, revision.content["document"]["total"]) == (1, "420")
    assert [x["quantity"] for x in revision.content["lines"]] == ["4"]
    assert finance.credit(ctx, order.customer_id).used == D(735)
    trade.shipped(ctx, order)
    assert [x.delivered for x in trade.lines(order)] == [D(6), D(2)]


def test_processing_twice_is_the_same_as_once(ctx: Context):
    product = trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (product, "4"))
    trade.shipped(ctx, order)
    OrderLine.objects.filter(document=order).update(delivered=0)
    Order.objects.filter(pk=order.pk).update(delivery_state="none")
    for _n in range(2):
        order = trade.do(ctx, order, "process")
        assert (order.delivery_state, trade.lines(order)[0].delivered) == ("all", D(4))
    trade.invoiced(ctx, order)
    order = trade.fresh(order)
    process(ctx, order)
    assert (trade.lines(order)[0].invoiced, order.invoice_state) == (D(4), "all")


def test_a_deleted_draft_leaves_no_trace(ctx: Context):
    product = trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (product, "4"))
    trade.shipped(ctx, order)
    invoice = trade.do(ctx, trade.fresh(order), "invoice")
    gate.delete(ctx, "sales.invoice", invoice.pk)
    assert not Conversion.objects.filter(target_id=invoice.pk).exists()
    assert trade.invoiced(ctx, trade.fresh(order)).total == D(420)


def test_late_and_open_orders_are_found(ctx: Context):
    product = trade.goods(ctx, stock="1")
    late = trade.confirmed(ctx, (product, "2"), ordered_on="2026-01-05", promised_on="2026-01-20")
    trade.confirmed(ctx, (product, "2"), promised_on="2099-01-20")
    spec = registry.spec("sales.order")
    for filters in ({"late": "true"}, {"promised_on__lt": "2026-02-01", "delivery_state": "none"}):
        assert [r["id"] for r in select(ctx, spec, Ask(("number",), filters)).rows] == [late.pk]
    assert len(select(ctx, spec, Ask(("number",), {"short": "true"})).rows) == 2


def test_an_invoice_without_an_order(ctx: Context):
    product = trade.goods(ctx, price="70")
    body = {"customer": str(trade.customer(ctx).pk), "lines": [{"product": str(product.pk), "quantity": "2"}]}
    invoice = trade.do(ctx, gate.create(ctx, "sales.invoice", body), "post")
    assert (invoice.total, invoice.open_amount, invoice.state) == (D(147), D(147), "posted")
    assert finance.credit(ctx, invoice.customer_id).used == D(147)
    with pytest.raises((Refused, Invalid)):
        gate.update(ctx, "sales.invoice", invoice.pk, {"note": "late"})
    assert Invoice.objects.get().note == ""
