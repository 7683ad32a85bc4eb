"""Confirming orders: terms and addresses freeze, credit is taken, stock is put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Refused
from kontor.values.money import amount_text, round_amount
from suite.finance import api as finance
from suite.parties import api as parties
from suite.sales.addresses import frozen_address, keep_addresses
from suite.sales.demand import plan_and_reserve
from suite.sales.models import Order, OrderLine

BEFORE_DEAL = ("prospect", "intention", "lapsed")


def confirm(ctx: Context, orders: Sequence[Order], *, beyond_credit: bool = False) -> None:
    """Check customers and credit, freeze the copies, plan and reserve the goods; refused as a whole or not at all."""
    lines = OrderLine.of([order.pk for order in orders])
    if not all(lines.values()):
        raise Refused(_("An order needs at least one line."), code="no_lines")
    customers = parties.customers(ctx, {order.customer_id for order in orders})
    for order in orders:
        customer = customers[order.customer_id]
        if customer.on_hold:
            raise Refused(
                _("%(name)s is on hold: no order is confirmed until that is lifted on the customer's page.")
                % {"name": customer.name},
                code="customer_on_hold", customer=customer.code,
            )  # fmt: skip
    take_credit(ctx, {order: order.total for order in orders}, beyond=beyond_credit)
    keep_addresses(ctx, [order for order in orders if not (order.bill_to and order.ship_to)])
    for order in orders:
        order.bill_to = order.bill_to or frozen_address(ctx, order.customer_id, "invoice")
        order.ship_to = order.ship_to or frozen_address(ctx, order.customer_id, "delivery")
    plan_and_reserve(ctx, {order: lines[order.pk] for order in orders})
    dealt = [pk for pk, customer in customers.items() if customer.life_stage in BEFORE_DEAL]
    if dealt:
        parties.reach_stage(ctx, dealt, "deal")


def take_credit(ctx: Context, exposures: Mapping[Order, Decimal], *, beyond: bool = False) -> None:
    """Count orders with their exposure (document currency) against their customers' limits, or refuse."""
    moved: list[tuple[Order, Decimal]] = []
    for order, exposure in exposures.items():
        delta = round_amount(exposure - order.exposure, order.currency)
        order.exposure += delta
        if delta:
            moved.append((order, delta))
    if not moved:
        return
    states = finance.expose_many(
        ctx, [finance.Exposure(o.customer_id, delta, o.currency, o.ordered_on) for o, delta in moved]
    )
    for (order, delta), state in zip(moved, states, strict=True):
        if delta > 0 and state.free is not None and state.free < 0 and not beyond:
            raise _exceeded(ctx, order, state)


def _exceeded(ctx: Context, order: Order, state: finance.CreditState) -> Refused:
    words: dict[str, Any] = {
        "limit": amount_text(state.limit or Decimal(0), ctx.currency),
        "used": amount_text(state.used, ctx.currency),
        "excess": amount_text(-(state.free or Decimal(0)), ctx.currency),
        "currency": ctx.currency,
    }
    return Refused(
        _(
            "The credit limit of %(limit)s %(currency)s would be exceeded by %(excess)s. Collect open "
            "receivables, take a smaller order, or ask somebody who may confirm above the limit."
        ) % words,
        code="credit_exceeded", order=amount_text(order.total, order.currency), **words,
    )  # fmt: skip
