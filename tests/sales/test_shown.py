"""What people see of selling: prints, panels, line facts, prefilled actions, cards, reports, rights."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as D

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import NotAllowed, NotFound
from kontor.reports.api import run
from kontor.resources import registry
from kontor.surfaces.line_facts import facts_for
from kontor.surfaces.prefill import filled
from kontor.surfaces.printing import printouts, render_pdf
from kontor.surfaces.query import one
from kontor.web.workbench import cards_for, figures_for
from suite.sales import api, prints
from suite.sales.models import Order
from suite.sales.panels.notices import credit_state, order_notice
from tests.sales import trade

ACTIONS = ("deliver", "invoice")


def test_every_document_prints_in_the_customers_language(ctx: Context):
    product = trade.goods(ctx, price="333", stock="10")
    customer = str(trade.customer(ctx, language="zh-hant").pk)
    body = {"customer": customer, "freight": "77", "lines": [{"product": str(product.pk), "quantity": "2"}]}
    quotation = gate.create(ctx, "sales.quotation", body)
    order = trade.confirmed(ctx, (product, "2"), customer=customer, freight="77")
    delivery = trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, trade.fresh(order))
    note = trade.do(ctx, invoice, "credit", {"reason": "x"})
    for record in (quotation, order, delivery, invoice, note):
        spec = registry.spec(trade.resource(record))
        (paper,) = printouts(spec.name)
        assert render_pdf(ctx, spec, record.pk, paper.name).startswith(b"%PDF")
    sheet = prints.invoice(ctx, invoice.pk)
    assert (sheet.language, sheet.number, sheet.in_words) == ("zh-hant", invoice.number, "新臺幣柒佰捌拾元整")
    assert [t.value for t in sheet.totals] == ["666", "77", "37", "NT$ 780"]
    assert prints.invoice(ctx, note.pk).mark
    with pytest.raises(NotFound):
        prints.order(ctx, invoice.pk)


@pytest.mark.requirement("S3")
def test_availability_stands_beside_a_line_with_its_arithmetic(ctx: Context):
    product, service = trade.goods(ctx, stock="10"), trade.goods(ctx, kind="service")
    trade.confirmed(ctx, (product, "4"))
    facts = facts_for("sales.order")
    assert facts is not None
    rows = [
        {"product": product.pk, "unit": product.unit_id, "quantity": D(8), "_record": {}},
        {"product": service.pk, "unit": service.unit_id, "quantity": D(1), "_record": {}},
        {"product": None, "quantity": None, "_record": {}},
    ]
    short, nothing, empty = facts.look(ctx, rows)
    assert (short["text"], short["look"], nothing, empty) == ("6", "short", {}, {})
    assert {t["name"]: t["quantity"] for t in short["terms"] if t["quantity"] != "0"} == {
        "On hand": "10", "Ordered, not delivered": "-4"
    }  # fmt: skip
    (link,) = next(t["links"] for t in short["terms"] if t["quantity"] == "-4")
    assert link["href"].startswith("/sales/orders/")
    assert "2" in short["note"]


def test_an_order_says_what_is_short_and_what_credit_is_left(ctx: Context, as_role: Callable[..., Context]):
    product = trade.goods(ctx, stock="3")
    customer = str(trade.customer(ctx, credit_limit="10000").pk)
    order = trade.confirmed(ctx, (product, "5"), customer=customer)
    row = one(ctx, registry.spec("sales.order"), order.pk)
    drawn = order_notice(ctx, row)
    assert drawn is not None
    assert [(x["code"], x["short"].split()[0]) for x in drawn[1]["short"]] == [(product.code, "2")]
    told = credit_state(ctx, row)
    assert told is not None
    assert (told[1]["limit"], told[1]["used"], told[1]["free"]) == ("10,000", "525", "9,475")
    assert credit_state(as_role("warehouse"), row) is None
    trade.put_in(ctx, product, "5")
    assert order_notice(ctx, row) is None


def test_actions_come_filled_with_what_is_left(ctx: Context):
    product = trade.goods(ctx, stock="3")
    order = trade.confirmed(ctx, (product, "5"))
    spec = registry.spec("sales.order")
    body = filled(ctx, "sales.order", "deliver", one(ctx, spec, order.pk))
    assert [(D(x["quantity"]), x["_label"].split()[0]) for x in body["lines"]] == [(D(3), product.code)]
    delivery = trade.shipped(ctx, order)
    assert [D(x["quantity"]) for x in filled(ctx, spec.name, "invoice", one(ctx, spec, order.pk))["lines"]] == [D(3)]
    row = one(ctx, registry.spec("sales.delivery"), delivery.pk)
    assert [D(x["quantity"]) for x in filled(ctx, "sales.delivery", "take_back", row)["lines"]] == [D(3)]
    invoice = trade.invoiced(ctx, trade.fresh(order))
    row = one(ctx, registry.spec("sales.invoice"), invoice.pk)
    assert [D(x["quantity"]) for x in filled(ctx, "sales.invoice", "credit", row)["lines"]] == [D(3)]


def test_the_workbench_of_the_day(ctx: Context):
    product = trade.goods(ctx, stock="30")
    late = trade.confirmed(ctx, (product, "2"), ordered_on="2026-01-05", promised_on="2026-01-20")
    trade.do(ctx, trade.confirmed(ctx, (product, "1")), "deliver")
    trade.invoiced(ctx, trade.shipped(ctx, trade.confirmed(ctx, (product, "3"))))
    cards = {str(c.card.title): c.card for column in cards_for(ctx).values() for c in column}
    assert late.number in cards["Late orders"].rows[0].title
    assert cards["To ship"].count == "1"
    figures = {str(f.label): f for f in figures_for(ctx)}
    assert figures["Orders this month"].value.endswith("400")
    assert "Overdue receivables" in figures


@pytest.mark.requirement("S11")
def test_sales_are_compared(ctx: Context, as_role: Callable[..., Context]):
    product = trade.goods(ctx, price="100", stock="50", cost="60")
    customer = str(trade.customer(ctx).pk)
    for day, quantity in (("2025-03-05", "4"), ("2026-03-06", "6"), ("2026-04-01", "5")):
        trade.put_in(ctx, product, quantity, on=day)
        order = trade.confirmed(ctx, (product, quantity), customer=customer, ordered_on=day)
        trade.do(ctx, trade.do(ctx, order, "deliver"), "ship", {"shipped_on": day})
        invoice = trade.do(ctx, trade.do(ctx, trade.fresh(order), "invoice"), "post", {"posted_on": day})
    note = trade.do(ctx, invoice, "credit", {"reason": "x", "lines": [
        {"line": str(trade.lines(invoice)[0].pk), "quantity": "1"}]})  # fmt: skip
    trade.do(ctx, note, "post", {"posted_on": "2026-04-02"})
    span = {"from": "2026-01-01", "to": "2026-06-30"}
    table = run(ctx, "sales", span).table
    ((_name, net, margin, share, before, change),) = [tuple(r.values) for r in table.rows]
    assert (net, margin, share, before, change) == (D(1000), D(400), D("0.4"), D(400), D("1.5"))
    months = run(ctx, "sales", {**span, "by": "month"}).table
    assert [(r.values[0], r.values[1], r.values[4]) for r in months.rows] == [
        ("2026-03", D(600), D(400)), ("2026-04", D(400), D(0))
    ]  # fmt: skip
    products = run(ctx, "sales", {**span, "by": "product", "compare": "none"}).table
    assert [tuple(r.values)[1:3] for r in products.rows] == [(D(10), D(1000))]
    assert run(ctx, "sales", {**span, "by": "owner"}).table.totals[1] == D(1000)
    mine = run(as_role("sales"), "sales", span).table
    assert (mine.rows, [c.name for c in mine.columns]) == ([], ["name", "net", "before", "change"])
    with pytest.raises(NotAllowed):
        run(as_role("warehouse"), "sales", span)


def test_open_orders_tell_what_is_still_to_come(ctx: Context):
    product = trade.goods(ctx, price="100", stock="2")
    order = trade.confirmed(ctx, (product, "5"))
    trade.shipped(ctx, order)
    table = run(ctx, "open-orders").table
    (row,) = table.rows
    assert (row.values[0], row.values[6], row.values[7]) == (order.number, D(500), D(300))
    assert list(table.totals)[-2:] == [D(500), D(300)]


@pytest.mark.requirement("K2", "C7")
def test_who_may_do_what(ctx: Context, as_role: Callable[..., Context]):
    def may(role: str, resource: str) -> set[str]:
        return set(as_role(role).rights.verbs(f"sales.{resource}"))

    assert may("sales", "order") >= {"view", "create", "edit", "confirm", "deliver", "invoice"}
    assert not may("sales", "order") & {"cancel", "close", "override_credit"}
    assert may("sales_lead", "order") >= {"cancel", "close", "override_credit", "confirm"}
    assert may("warehouse", "delivery") >= {"ship", "cancel", "take_back"}
    assert "ship" not in may("sales", "delivery")
    assert may("accountant", "invoice") >= {"post", "credit"}
    assert not may("sales", "invoice") & {"post", "credit"}
    assert may("viewer", "order") == {"view", "export"}
    seller = as_role("sales")
    order = trade.order(ctx, (trade.goods(ctx, stock="2"), "2"), owner=str(seller.employee_id))
    row = one(seller, registry.spec("sales.order"), order.pk)
    assert not {"cost", "margin", "margin_share"} & set(row)
    assert not {"cost", "margin", "unit_cost"} & set(row["lines"][0])
    assert "margin" in one(ctx, registry.spec("sales.order"), order.pk)
    with pytest.raises(NotFound):
        one(as_role("sales"), registry.spec("sales.order"), order.pk)


def test_a_seller_carries_an_order_as_far_as_the_warehouse(ctx: Context, as_role: Callable[..., Context]):
    product = trade.goods(ctx, stock="5")
    seller = as_role("sales")
    customer = str(trade.customer(ctx, owner=str(seller.employee_id)).pk)
    order = trade.confirmed(seller, (product, "2"), customer=customer)
    delivery = trade.do(seller, order, "deliver")
    with pytest.raises(NotAllowed):
        trade.do(seller, delivery, "ship")
    trade.do(as_role("warehouse"), delivery, "ship")
    invoice = trade.do(seller, trade.fresh(order), "invoice")
    with pytest.raises(NotAllowed):
        trade.do(seller, invoice, "post")
    assert trade.do(as_role("accountant"), invoice, "post").state == "posted"
    assert Order.objects.get(pk=order.pk).state == "closed"


def test_prices_below_the_floor_need_the_right_to_see_cost(ctx: Context, as_role: Callable[..., Context]):
    from kontor.errors import Invalid

    product = trade.goods(ctx, price="100")
    rules = [{"kind": "fixed", "product": str(product.pk), "price": "100", "floor": "80"}]
    gate.create(ctx, "catalog.price_list", {"code": "P", "name": "List", "currency": "TWD", "rules": rules})
    seller = as_role("sales")
    customer = str(trade.customer(ctx, owner=str(seller.employee_id)).pk)
    row = {"product": str(product.pk), "quantity": "1", "unit_price": "90", "discount": "0.2"}
    with pytest.raises(Invalid) as invalid:
        trade.order(seller, row, customer=customer)
    assert [(e.pointer, e.code) for e in invalid.value.errors] == [("/lines/0/unit_price", "below_floor")]
    assert trade.order(ctx, row, customer=customer).net == D(72)
    assert trade.order(seller, {**row, "discount": "0.1"}, customer=customer).net == D(81)


def test_the_facade_tells_in_one_query(ctx: Context, django_assert_num_queries: Callable[[int], object]):
    product = trade.goods(ctx, stock="5")
    orders = [trade.confirmed(ctx, (product, "1")) for _n in range(2)]
    trade.shipped(ctx, orders[0])
    invoice = trade.invoiced(ctx, trade.fresh(orders[0]))
    ids = [o.pk for o in orders]
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        told, lines, bills = api.orders(ctx, ids), api.order_lines(ctx, ids), api.invoices(ctx, [invoice.pk])
    assert [told[pk].delivery_state for pk in ids] == ["all", "none"]
    assert [lines[pk][0].open for pk in ids] == [D(0), D(1)]
    assert bills[invoice.pk].order_id == ids[0]


@pytest.mark.requirement("S3")
def test_a_service_does_not_hide_the_margin_of_the_goods(ctx: Context) -> None:
    goods = trade.goods(ctx, price="100", stock="5", cost="60")
    visit = trade.goods(ctx, price="50", kind="service")
    unknown = trade.goods(ctx, price="50")
    assert trade.order(ctx, (goods, "1"), (visit, "1")).margin == D(90)
    assert trade.order(ctx, (goods, "1"), (unknown, "1")).margin is None
