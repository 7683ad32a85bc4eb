"""What was shipped, posted, received and invoiced is taken back exactly: stock, cost, ledger, credit, counters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.inventory.models import ProductCost, StockLevel
from tests.sales import trade

D = Decimal


def _picture(ctx: Context, product: Any, party: Any) -> tuple[Any, ...]:
    level = StockLevel.objects.get(product_id=product.pk)
    cost = ProductCost.objects.get(product_id=product.pk)
    ledger = {code: n for code, n in trade.ledger().items() if n}
    return (
        level.on_hand, level.reserved, level.value, cost.quantity, cost.value, finance.credit(ctx, party).used,
        sum(ledger.values(), D(0)), ledger,
    )  # fmt: skip


@pytest.mark.requirement("S7", "S8", "N2", "N7", "F2", "P10")
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_a_whole_order_taken_back(ctx: Context, method: str) -> None:
    body = {"code": f"M-{method}", "name": method, "cost_method": method, "posting_class": "goods"}
    goods = trade.goods(ctx, stock="3", cost="60", category=str(gate.create(ctx, "catalog.category", body).pk))
    trade.put_in(ctx, goods, "4", cost="71")
    buyer = trade.customer(ctx, credit_limit="10000")
    before = _picture(ctx, goods, buyer.pk)
    order = trade.confirmed(ctx, (goods, "5"), customer=str(buyer.pk))
    delivery = trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, delivery)
    assert _picture(ctx, goods, buyer.pk) != before
    back = trade.do(ctx, trade.do(ctx, delivery, "take_back", {"reason": "all of it"}), "receive")
    trade.do(ctx, trade.do(ctx, back, "credit"), "post")
    after = _picture(ctx, goods, buyer.pk)
    assert after[:7] == before[:7]
    changed = {code for code in {*after[7], *before[7]} if after[7].get(code) != before[7].get(code)}
    assert len(changed) == 2  # revenue and what was credited of it stand on accounts of their own
    assert sum(after[7].get(c, D(0)) - before[7].get(c, D(0)) for c in changed) == 0
    line = trade.lines(trade.fresh(order))[0]
    assert (line.delivered, line.returned, line.invoiced) == (D(5), D(5), D(0))
    assert (trade.fresh(invoice).state, trade.fresh(back).state) == ("reversed", "closed")
    assert inventory.prove(ctx) == []


@pytest.mark.requirement("N2", "N7", "F2")
def test_an_adjustment_and_a_receipt_reversed(ctx: Context) -> None:
    goods = trade.goods(ctx, price="100", stock="4", cost="60")
    buyer = trade.customer(ctx, credit_limit="10000")
    before = _picture(ctx, goods, buyer.pk)
    lines = [{"product": str(goods.pk), "quantity": "3", "unit_cost": "65"}]
    count = gate.create(ctx, "inventory.adjustment", {"kind": "count", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", count.pk, "post", {})
    gate.perform(ctx, "inventory.adjustment", count.pk, "reverse", {"reason": "counted twice"})
    assert _picture(ctx, goods, buyer.pk) == before
    order = trade.confirmed(ctx, (goods, "2"), customer=str(buyer.pk))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, order)
    owed = _picture(ctx, goods, buyer.pk)
    receipt = trade.receipt(ctx, invoice, "210")
    assert trade.fresh(invoice).payment_state == "all"
    gate.perform(ctx, "finance.receipt", receipt.pk, "reverse", {"reason": "bounced"})
    assert _picture(ctx, goods, buyer.pk) == owed
    again = trade.fresh(invoice)
    assert (again.open_amount, again.payment_state) == (D(210), "none")
    assert inventory.prove(ctx) == []
