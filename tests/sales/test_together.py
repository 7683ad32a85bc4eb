"""Many orders done at once end as if they were done one after the other; one refused stops none of the others."""

from __future__ import annotations

import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.each import perform_each
from kontor.errors import Refused
from suite.finance import api as finance
from suite.finance.models import OpenItem, Voucher
from suite.inventory import api as inventory
from suite.inventory.models import Balance, CostLayer, Move, PlannedMove, StockLevel
from suite.sales.models import Invoice, Order, OrderLine
from tests.sales import trade

CHAIN = (("sales.order", "confirm"), ("sales.order", "deliver"), ("sales.delivery", "ship"),
         ("sales.delivery", "invoice"), ("sales.invoice", "post"))  # fmt: skip


def _world(ctx: Context) -> list[Order]:
    """Four orders of three customers over goods and a service: one with freight, one with a product twice."""
    a, b = trade.goods(ctx, price="33.3", stock="20", cost="7.77"), trade.goods(ctx, price="10", stock="5", cost="3")
    work = trade.goods(ctx, price="250", kind="service")
    first, second, third = (trade.customer(ctx) for _i in range(3))
    return [
        trade.order(ctx, (a, "3"), (b, "2"), customer=str(first.pk), freight="50"),
        trade.order(ctx, (a, "4"), (b, "2"), customer=str(second.pk)),
        trade.order(ctx, (a, "5"), (a, "1"), (work, "2"), customer=str(first.pk)),
        trade.order(ctx, (b, "1"), customer=str(third.pk)),
    ]


def _through(ctx: Context, orders: list[Order], *, together: bool) -> list[Any]:
    """The chain to the posted invoice, as one call a step or as a call a record."""
    ids = [order.pk for order in orders]
    for resource, action in CHAIN:
        if together:
            told = gate.perform_many(ctx, resource, ids, action)
        else:
            told = [gate.perform(ctx, resource, pk, action) for pk in ids]
        if told[0].made is not None:
            ids = [outcome.made.pk for outcome in told]
    return ids


def _facts(ctx: Context, orders: list[Order]) -> dict[str, Any]:
    """What stands in the books, without ids and moments."""
    ids = [order.pk for order in orders]
    lines = OrderLine.of(ids)
    invoices = Invoice.objects.filter(order_id__in=ids).order_by("number")
    vouchers = Voucher.objects.order_by("number")
    return {
        "orders": [
            (o.state, o.number, o.delivery_state, o.invoice_state, o.exposure, o.cost, o.margin, o.version)
            for o in Order.objects.filter(pk__in=ids).order_by("number")
        ],
        "lines": [(x.delivered, x.invoiced, x.cost) for pk in ids for x in lines[pk]],
        "moves": sorted((m.quantity, str(m.product_id), m.on) for m in Move.objects.all()),
        "planned": sorted((p.quantity, p.done, p.reserved, p.is_open) for p in PlannedMove.objects.all()),
        "balances": sorted((str(b.product_id), b.on_hand, b.reserved) for b in Balance.objects.all()),
        "levels": sorted((str(s.product_id), s.on_hand, s.reserved, s.value) for s in StockLevel.objects.all()),
        "layers": sorted((str(x.remaining), str(x.remaining_value)) for x in CostLayer.objects.all()),
        "invoices": [(i.number, i.total, i.advance, i.open_amount, i.payment_state, i.due_on) for i in invoices],
        "items": sorted((i.number, i.amount, i.remaining, i.side) for i in OpenItem.objects.all()),
        "vouchers": [(v.number, v.event, v.total, v.line_count) for v in vouchers],
        "ledger": trade.ledger(),
        "credit": sorted(str(finance.credit(ctx, o.customer_id).used) for o in orders),
        "proof": inventory.prove(ctx),
    }


@pytest.mark.requirement("S2", "S6", "S8")
def test_together_is_the_same_as_one_after_the_other(ctx: Context) -> None:
    orders = _world(ctx)[:2]
    counted = {}
    for together in (False, True):
        with transaction.atomic():
            _through(ctx, orders, together=together)
            counted[together] = _facts(ctx, orders)
            transaction.set_rollback(True)
        ctx.cache.clear()
    for what, expected in counted[False].items():
        assert counted[True][what] == expected, what
    assert counted[True]["proof"] == []
    assert [row[0] for row in counted[True]["orders"]] == ["closed", "closed"]


@pytest.mark.requirement("S6", "S8")
def test_goods_services_and_freight_of_several_customers_together(ctx: Context) -> None:
    orders = _world(ctx)
    gate.perform_many(ctx, "sales.order", [o.pk for o in orders], "confirm")
    told = gate.perform_many(ctx, "sales.order", [orders[0].pk, orders[2].pk, orders[3].pk], "deliver")
    deliveries = [x.made for x in told]
    assert [d.owner_ref_id for d in deliveries] == [orders[0].pk, orders[2].pk, orders[3].pk]
    gate.perform_many(ctx, "sales.delivery", [d.pk for d in deliveries], "ship")
    invoices = [x.made for x in gate.perform_many(ctx, "sales.delivery", [d.pk for d in deliveries], "invoice")]
    assert [(i.freight, i.net) for i in invoices] == [(D(50), D("119.9").quantize(D(1))), (D(0), D(200)), (D(0), D(10))]
    services = gate.perform(ctx, "sales.order", orders[2].pk, "invoice").made
    gate.perform_many(ctx, "sales.invoice", [*(i.pk for i in invoices), services.pk], "post")
    states = {o.pk: trade.fresh(o).state for o in orders}
    assert [states[o.pk] for o in orders] == ["closed", "confirmed", "closed", "closed"]
    numbers = list(Invoice.objects.order_by("number").values_list("number", flat=True))
    assert [n[-4:] for n in numbers] == ["0001", "0002", "0003", "0004"]
    assert inventory.prove(ctx) == []


@pytest.mark.requirement("S2", "S3")
def test_two_deliveries_of_one_order_invoiced_at_once_bill_each_line_once(ctx: Context) -> None:
    product = trade.goods(ctx, price="10", stock="10")
    order = trade.confirmed(ctx, (product, "10"), freight="5")
    line = trade.lines(order)[0]
    parts = [trade.do(ctx, order, "deliver", {"lines": [{"line": str(line.pk), "quantity": q}]}) for q in ("4", "6")]
    gate.perform_many(ctx, "sales.delivery", [p.pk for p in parts], "ship")
    made = [x.made for x in gate.perform_many(ctx, "sales.delivery", [p.pk for p in parts], "invoice")]
    assert [(i.net, i.freight) for i in made] == [(D(40), D(5)), (D(60), D(0))]
    gate.perform_many(ctx, "sales.invoice", [i.pk for i in made], "post")
    assert (trade.lines(order)[0].invoiced, trade.fresh(order).state) == (D(10), "closed")


@pytest.mark.requirement("S5")
def test_credit_is_counted_order_by_order(ctx: Context) -> None:
    product = trade.goods(ctx, price="100", stock="100")
    customer = trade.customer(ctx, credit_limit="250")
    orders = [trade.order(ctx, (product, "1"), customer=str(customer.pk)) for _i in range(4)]
    with pytest.raises(Refused) as error:
        gate.perform_many(ctx, "sales.order", [o.pk for o in orders], "confirm")
    assert error.value.code == "credit_exceeded"
    assert {trade.fresh(o).state for o in orders} == {"draft"}
    assert finance.credit(ctx, customer.pk).used == 0
    told = perform_each(ctx, "sales.order", [o.pk for o in orders], "confirm")
    refused = [t for t in told if isinstance(t, Refused)]
    assert [isinstance(t, Refused) for t in told] == [False, False, True, True]
    assert {r.code for r in refused} == {"credit_exceeded"}
    assert [trade.fresh(o).state for o in orders] == ["confirmed", "confirmed", "draft", "draft"]
    assert finance.credit(ctx, customer.pk).used == sum(o.total for o in orders[:2])


@pytest.mark.requirement("S6")
def test_what_lacks_goods_stops_nobody_else(ctx: Context) -> None:
    plenty, scarce = trade.goods(ctx, stock="50"), trade.goods(ctx, stock="3")
    orders = [trade.confirmed(ctx, (p, "3")) for p in (plenty, scarce, plenty, scarce)]
    told = perform_each(ctx, "sales.order", [o.pk for o in orders], "deliver")
    assert [isinstance(t, Refused) for t in told] == [False, False, False, True]
    assert [p.number for p in [trade.fresh(orders[3])]] == [orders[3].number]
    assert PlannedMove.objects.filter(owner_ref_id=orders[3].pk, operation__isnull=False).count() == 0
    twice = perform_each(ctx, "sales.order", [orders[0].pk, orders[0].pk], "deliver")
    assert [isinstance(t, Refused) for t in twice] == [True, True]  # all of it is drawn up already


def test_statements_do_not_grow_with_the_orders(ctx: Context) -> None:
    product = trade.goods(ctx, price="10", stock="1000")
    customer = str(trade.customer(ctx).pk)
    trade.confirmed(ctx, (product, "1"), customer=customer)

    def count(n: int) -> int:
        orders = [trade.order(ctx, (product, "1"), customer=customer) for _i in range(n)]
        with CaptureQueriesContext(connection) as seen:
            _through(ctx, orders, together=True)
        return sum(1 for q in seen.captured_queries if not re.search("numbercounter", q["sql"]))

    assert count(12) <= count(3) + 2
