"""More than ordered within the tolerance, less by closing lines short: stock, credit and counters follow."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.models import Revision
from kontor.errors import Invalid, Refused
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.inventory.models import PlannedMove
from tests.sales import trade

D = Decimal


def _open(order: object) -> list[tuple[Decimal, Decimal]]:
    rows = PlannedMove.objects.filter(owner_ref_id=order.pk, is_open=True)  # type: ignore[attr-defined]
    return [(r.quantity, r.reserved) for r in rows]


@pytest.mark.requirement("S2", "S6")
def test_a_line_is_delivered_beyond_the_order_within_its_tolerance(ctx: Context) -> None:
    goods = trade.goods(ctx, price="100", stock="50", cost="60", over_delivery="0.1")
    order = trade.confirmed(ctx, (goods, "10"))
    line = trade.lines(order)[0]
    assert line.tolerance == D(1)
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "deliver", {"lines": [{"line": str(line.pk), "quantity": "12"}]})
    assert refused.value.errors[0].facts == {"left": "11"}
    draft = trade.do(ctx, order, "deliver", {"lines": [{"line": str(line.pk), "quantity": "11"}]})
    trade.do(ctx, draft, "cancel")
    assert _open(order) == [(D(10), D(10))]  # what was beyond the order is wanted no longer
    delivery = trade.shipped(ctx, order, {"lines": [{"line": str(line.pk), "quantity": "11"}]})
    now = trade.fresh(order)
    assert (now.delivery_state, trade.lines(now)[0].delivered, _open(order)) == ("all", D(11), [])
    invoice = trade.invoiced(ctx, delivery)
    assert (invoice.net, trade.lines(now)[0].invoiced) == (D(1100), D(11))
    assert trade.fresh(order).state == "closed"
    assert finance.credit(ctx, order.customer_id).used == invoice.total
    assert inventory.prove(ctx) == []


@pytest.mark.requirement("S2")
def test_closing_lines_short(ctx: Context) -> None:
    buyer = trade.customer(ctx, credit_limit="100000")
    goods, other = (trade.goods(ctx, price="100", stock="50", cost="60") for _i in range(2))
    order = trade.confirmed(ctx, (goods, "10"), (other, "5"), customer=str(buyer.pk))
    first = trade.lines(order)[0]
    assert finance.credit(ctx, buyer.pk).used == D(1575)
    trade.shipped(ctx, order, {"lines": [{"line": str(first.pk), "quantity": "4"}]})
    trade.do(ctx, order, "shorten", {"lines": [{"line": str(first.pk)}], "reason": "out of production"})
    now = trade.fresh(order)
    assert [(x.quantity, x.base_quantity, x.delivered) for x in trade.lines(now)] == [
        (D(4), D(4), D(4)), (D(5), D(5), D(0)),
    ]  # fmt: skip
    assert (now.net, now.total, now.exposure, now.cost, now.reason) == (
        D(900), D(945), D(945), D(540), "out of production",
    )  # fmt: skip
    assert _open(order) == [(D(5), D(5))]
    assert Revision.objects.get(record_id=order.pk).content["lines"][0]["quantity"] == "10"
    trade.invoiced(ctx, order)
    done = trade.do(ctx, order, "shorten", {"reason": "the rest too"})
    assert (done.state, [x.product_id for x in trade.lines(done)], done.exposure) == ("closed", [goods.pk], D(0))
    assert _open(order) == [] and finance.credit(ctx, buyer.pk).used == D(420)
    assert inventory.prove(ctx) == []


@pytest.mark.requirement("S2")
def test_what_cannot_be_closed_short(ctx: Context) -> None:
    goods = trade.goods(ctx, stock="10")
    order = trade.confirmed(ctx, (goods, "10"))
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "shorten", {"reason": "x"})
    assert refused.value.code == "cancel_instead"
    draft = trade.do(ctx, order, "deliver", {"lines": [{"line": str(trade.lines(order)[0].pk), "quantity": "4"}]})
    trade.do(ctx, draft, "ship")
    trade.do(ctx, order, "deliver")
    with pytest.raises(Refused) as refused:
        trade.do(ctx, order, "shorten", {"reason": "x"})
    assert refused.value.code == "already_drawn_up"
    assert trade.lines(order)[0].quantity == D(10)
    with pytest.raises(Invalid):
        gate.perform(ctx, "sales.order", order.pk, "shorten", {})
