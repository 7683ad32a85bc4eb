"""What comes next for an order: confirm it, deliver what is open, then invoice it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kontor.context import Context
from kontor.web.nextsteps import next_step
from suite.sales import rules
from suite.sales.models import Order


@next_step("sales.order", needs="delivery_state invoice_state")
def order_step(ctx: Context, row: Mapping[str, Any]) -> str:
    """Who may not deliver may invoice what is there, and the other way round."""
    if row.get("state") == Order.State.DRAFT:
        return "confirm"
    if row.get("state") != Order.State.CONFIRMED:
        return ""
    if row.get("delivery_state") != rules.ALL and ctx.rights.can("sales.order", "deliver"):
        return "deliver"
    return "invoice" if row.get("invoice_state") != rules.ALL else ""
