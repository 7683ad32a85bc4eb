"""A new standard cost revalues the stock by a voucher; report, layers and ledger stay one sum."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import NotAllowed, Refused
from suite.inventory import api as inventory
from suite.inventory.models import CostEntry, ProductCost, StockLevel
from tests.sales import trade

D = Decimal


def _category(ctx: Context) -> str:
    body = {"code": "STD", "name": "Standard", "cost_method": "standard", "posting_class": "goods"}
    return str(gate.create(ctx, "catalog.category", body).pk)


@pytest.mark.requirement("C7", "N7")
def test_a_new_standard_revalues_what_is_on_hand(ctx: Context) -> None:
    goods = trade.goods(ctx, stock="10", cost="60", category=_category(ctx))
    before = trade.ledger()
    gate.perform(ctx, "catalog.product", goods.pk, "set_standard", {"standard": "75", "reason": "new year"})
    cost = ProductCost.objects.get(product_id=goods.pk)
    assert (cost.standard, cost.quantity, cost.value) == (D(75), D(10), D(750))
    entry = CostEntry.objects.get(product_cost=cost, kind="revalue")
    assert (entry.move_id, entry.quantity, entry.amount) == (None, D(0), D(150))
    assert StockLevel.objects.get(product_id=goods.pk).value == D(750)
    after = trade.ledger()
    moved = {code: after.get(code, D(0)) - before.get(code, D(0)) for code in {*after, *before}}
    assert sorted(n for n in moved.values() if n) == [D(-150), D(150)]
    assert inventory.prove(ctx) == []
    order = trade.confirmed(ctx, (goods, "4"))
    delivery = trade.shipped(ctx, order)
    assert set(inventory.cost_of(ctx, delivery.pk).values()) == {D(300)}
    trade.put_in(ctx, goods, "5", cost="80")  # dearer than the standard: the difference is a variance
    assert ProductCost.objects.get(pk=cost.pk).value == D(11 * 75)
    gate.perform(ctx, "catalog.product", goods.pk, "set_standard", {"standard": "70"})
    assert ProductCost.objects.get(pk=cost.pk).value == D(770)
    assert inventory.prove(ctx) == []


@pytest.mark.requirement("C7")
def test_under_an_average_the_standard_is_only_told(ctx: Context) -> None:
    goods = trade.goods(ctx, stock="10", cost="60")
    before = trade.ledger()
    gate.perform(ctx, "catalog.product", goods.pk, "set_standard", {"standard": "75"})
    cost = ProductCost.objects.get(product_id=goods.pk)
    assert (cost.standard, cost.value) == (D(75), D(600))
    assert trade.ledger() == before


@pytest.mark.requirement("C7")
def test_a_standard_before_the_first_receipt_counts_for_it(ctx: Context) -> None:
    goods = trade.goods(ctx, category=_category(ctx))
    gate.perform(ctx, "catalog.product", goods.pk, "set_standard", {"standard": "50"})
    trade.put_in(ctx, goods, "3", cost="60")
    cost = ProductCost.objects.get(product_id=goods.pk)
    assert (cost.value, cost.standard) == (D(150), D(50))


@pytest.mark.requirement("C7")
def test_who_may_and_what_may_not(ctx: Context, as_role: Callable[..., Context]) -> None:
    service = trade.goods(ctx, kind="service")
    with pytest.raises(Refused) as refused:
        gate.perform(ctx, "catalog.product", service.pk, "set_standard", {"standard": "5"})
    assert refused.value.code == "not_stocked"
    goods = trade.goods(ctx, stock="1")
    with pytest.raises(NotAllowed):
        gate.perform(as_role("sales_lead"), "catalog.product", goods.pk, "set_standard", {"standard": "5"})
    gate.perform(as_role("accountant"), "catalog.product", goods.pk, "set_standard", {"standard": "5"})
    assert ProductCost.objects.get(product_id=goods.pk).standard == D(5)
