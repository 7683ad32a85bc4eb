"""Confirming an order: terms and addresses freeze, credit is taken, stock is put aside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Refused
from kontor.values.money import amount_text, round_amount
from suite.finance import api as finance
from suite.parties import api as parties
from suite.sales.addresses import frozen_address
from suite.sales.demand import plan_and_reserve
from suite.sales.models import Order

BEFORE_DEAL = ("prospect", "intention", "lapsed")


def confirm(ctx: Context, order: Order, *, beyond_credit: bool = False) -> None:
    """Check customer and credit, freeze the copies, plan and reserve the goods; refused as a whole or not at all."""
    lines = list(order.lines.order_by("position"))
    if not lines:
        raise Refused(_("An order needs at least one line."), code="no_lines")
    customer = parties.customers(ctx, [order.customer_id])[order.customer_id]
    if customer.on_hold:
        raise Refused(
            _("%(name)s is on hold: no order is confirmed until that is lifted on the customer's page.")
            % {"name": customer.name},
            code="customer_on_hold", customer=customer.code,
        )  # fmt: skip
    take_credit(ctx, order, order.total, beyond=beyond_credit)
    order.bill_to = order.bill_to or frozen_address(ctx, order.customer_id, "invoice")
    order.ship_to = order.ship_to or frozen_address(ctx, order.customer_id, "delivery")
    plan_and_reserve(ctx, order, lines)
    if customer.life_stage in BEFORE_DEAL:
        parties.reach_stage(ctx, [order.customer_id], "deal")


def take_credit(ctx: Context, order: Order, exposure: Decimal, *, beyond: bool = False) -> None:
    """Count the order with ``exposure`` (document currency) against the customer's limit, or refuse."""
    delta = round_amount(exposure - order.exposure, order.currency)
    order.exposure += delta
    if not delta:
        return
    state = finance.expose(ctx, order.customer_id, delta, order.currency, order.ordered_on)
    if delta > 0 and state.free is not None and state.free < 0 and not beyond:
        words: dict[str, Any] = {
            "limit": amount_text(state.limit or Decimal(0), ctx.currency),
            "used": amount_text(state.used, ctx.currency),
            "excess": amount_text(-state.free, ctx.currency),
            "currency": ctx.currency,
        }
        raise Refused(
            _(
                "The credit limit of %(limit)s %(currency)s would be exceeded by %(excess)s. Collect open "
                "receivables, take a smaller order, or ask somebody who may confirm above the limit."
            ) % words,
            code="credit_exceeded", order=amount_text(order.total, order.currency), **words,
        )  # fmt: skip
