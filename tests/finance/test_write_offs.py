"""Small differences are written off up to the company's limit, never beyond."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kontor.configuration.api import put
from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from suite.finance import api as finance
from tests.finance.test_refunds import _account
from tests.sales import trade

D = Decimal


@pytest.mark.requirement("S9", "F4")
def test_a_difference_within_the_limit_and_beyond(ctx: Context) -> None:
    put({"finance.write_off_limit": "10"})
    ctx.cache.clear()
    goods = trade.goods(ctx, price="100", stock="10")
    order = trade.confirmed(ctx, (goods, "2"))
    trade.shipped(ctx, order)
    invoice = trade.invoiced(ctx, order)
    body = {"party": str(order.customer_id), "amount": "200", "account": _account()}
    receipt = gate.create(ctx, "finance.receipt", body)
    gate.perform(ctx, "finance.receipt", receipt.pk, "post", {})

    def settle(amount: str, write_off: str) -> None:
        rows = [{"invoice": str(invoice.pk), "amount": amount, "write_off": write_off}]
        gate.perform(ctx, "finance.receipt", receipt.pk, "allocate", {"allocations": rows})

    with pytest.raises(Refused) as refused:
        settle("199", "11")
    assert (refused.value.code, refused.value.errors[0].pointer) == ("write_off_limit", "/allocations/0/write_off")
    assert finance.items_of(ctx, [invoice.pk])[invoice.pk].remaining == D(210)
    settle("200", "10")
    assert trade.fresh(invoice).payment_state == "all"
    assert finance.credit(ctx, order.customer_id).used == D(0)
