"""What an order's page says beside its facts: shortages and the customer's credit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kontor.context import Context
from kontor.resources.registry import panel
from kontor.surfaces.printing.wording import date, money, percent, quantity
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.sales.models import Order, OrderLine


@panel("sales.order_notice")
def order_notice(ctx: Context, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The goods of a confirmed order that are not in stock, and when they can be there."""
    short: list[dict[str, Any]] = []
    if row["state"] == Order.State.CONFIRMED:
        lines = [
            line for line in OrderLine.objects.filter(document_id=row["id"], is_stocked=True).order_by("position")
            if line.delivered < line.base_quantity
        ]  # fmt: skip
        told = inventory.reserved(ctx, [line.pk for line in lines])
        products = catalog.products(ctx, {line.product_id for line in lines})
        missing = [(line, told[line.pk]) for line in lines if line.pk in told and told[line.pk].short > 0]
        asks = [
            inventory.AvailabilityAsk(
                line.product_id, row["warehouse"], line.base_quantity - line.delivered, ctx.today, owner_id=row["id"]
            ) for line, _r in missing
        ]  # fmt: skip
        for (line, r), found in zip(missing, inventory.availability(ctx, asks) if asks else [], strict=True):
            info = products[line.product_id]
            short.append(
                {
                    "code": info.code, "name": info.name, "short": quantity(r.short, info.unit_name),
                    "expected": quantity(r.expected, info.unit_name) if r.expected else "",
                    "promise_on": date(found.promise_on),
                }
            )  # fmt: skip
    return ("sales/order_notice.html", {"short": short}) if short else None


@panel("sales.credit_state")
def credit_state(ctx: Context, row: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The customer's limit and what is used of it, for those who may see credit."""
    if not ctx.rights.sees("credit"):
        return None
    state = finance.credit(ctx, row["customer"])
    share = state.used / state.limit if state.limit else None
    return "sales/credit_state.html", {
        "limit": money(state.limit, ctx.currency), "used": money(state.used, ctx.currency),
        "free": money(state.free, ctx.currency), "over": state.free is not None and state.free < 0,
        "share": percent(share.quantize(Decimal("0.01"))) if share is not None else "", "currency": ctx.currency,
    }  # fmt: skip
