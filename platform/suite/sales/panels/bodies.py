"""What an action's panel holds before anybody types: the quantities that are left."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kontor.context import Context
from kontor.surfaces.prefill import prefill
from suite.catalog import api as catalog
from suite.inventory import api as inventory
from suite.sales import rules


@prefill("sales.order", "deliver")
def deliver_body(ctx: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """What is reserved and not drawn up, line by line."""
    told = inventory.reserved(ctx, [line["id"] for line in row["lines"]])
    lines = [
        {"line": str(line["id"]), "quantity": str(part), "_label": _label(ctx, line)}
        for line in row["lines"]
        if line["id"] in told and (part := _own(told[line["id"]].reserved, line)) > 0
    ]
    return {"lines": lines}


@prefill("sales.order", "invoice")
def invoice_body(ctx: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """What may be invoiced now, line by line."""
    lines = []
    for line in row["lines"]:
        free = rules.invoiceable(
            rules.Counters(
                line["base_quantity"], line["delivered"], line["invoiced"], line["returned"], line["is_stocked"]
            )
        )  # fmt: skip
        if free > 0:
            lines.append({"line": str(line["id"]), "quantity": str(_own(free, line)), "_label": _label(ctx, line)})
    return {"lines": lines, "kind": "invoice"}


@prefill("sales.invoice", "credit")
def credit_body(ctx: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """What is not credited yet, line by line."""
    return {
        "lines": [
            {"line": str(line["id"]), "quantity": str(_own(rest, line)), "_label": _label(ctx, line)}
            for line in row["lines"]
            if (rest := line["base_quantity"] - line["credited"]) > 0
        ]
    }


@prefill("sales.delivery", "ship", "take_back")
def delivery_body(ctx: Context, row: Mapping[str, Any]) -> dict[str, Any]:
    """All of the lines: planned ones to ship, delivered ones to take back."""
    lines = []
    for line in row["lines"]:
        part = line["done"] - line["returned"] if row["state"] == "shipped" else line["quantity"]
        if part > 0:
            lines.append({"line": str(line["id"]), "quantity": str(part), "_label": _label(ctx, line)})
    return {"lines": lines}


def _own(base: Decimal, line: Mapping[str, Any]) -> Decimal:
    return rules.entered(base, line["quantity"], line["base_quantity"])


def _label(ctx: Context, line: Mapping[str, Any]) -> str:
    if not line.get("product"):
        return str(line.get("description") or "")
    info = catalog.products(ctx, [line["product"]])[line["product"]]
    return f"{info.code} {info.name}"
