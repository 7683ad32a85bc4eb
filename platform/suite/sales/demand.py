"""What an order asks of the stock: its goods lines as planned moves of inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from kontor.context import Context
from kontor.documents.records import Ref
from suite.inventory import api as inventory
from suite.sales import rules
from suite.sales.models import Order, OrderLine


def ref(order: Order) -> Ref:
    """The order as owner of planned moves."""
    return Ref("sales.order", order.pk)


def _row(order: Order, line: OrderLine, quantity: Decimal) -> inventory.PlanRow:
    assert order.warehouse_id is not None  # given when the order is confirmed
    return inventory.PlanRow(
        line_id=line.pk, product_id=line.product_id, quantity=quantity, kind="out",
        warehouse_id=order.warehouse_id, on=line.promised_on or order.promised_on or order.ordered_on,
        party_id=order.customer_id, unit_id=line.unit_id, entered=rules.entered(
            quantity, line.quantity, line.base_quantity
        ),
    )  # fmt: skip


def plan_and_reserve(
    ctx: Context, orders: Mapping[Order, Iterable[OrderLine]], over: Mapping[UUID, Decimal] | None = None
) -> None:
    """Make inventory's demand equal to the orders' goods lines and hold what can be held.

    ``over`` is wanted on top, within a line's tolerance; what went beyond the order counts.
    """
    more = over or {}
    asked = {}
    for order, lines in orders.items():
        goods = [line for line in lines if line.is_stocked]
        if order.warehouse_id is None and goods:
            order.warehouse_id = inventory.default_warehouse(ctx)
        asked[ref(order)] = [
            _row(order, x, max(x.base_quantity + more.get(x.pk, rules.ZERO), x.delivered)) for x in goods
        ]
    inventory.plan_many(ctx, asked, reserve=True)


def keep_done(ctx: Context, order: Order, lines: Iterable[OrderLine]) -> None:
    """Nothing more is wanted than what has gone: the rest of the demand is dropped."""
    gone = [line for line in lines if line.is_stocked and line.delivered > 0]
    inventory.plan(ctx, ref(order), [_row(order, line, line.delivered) for line in gone])
