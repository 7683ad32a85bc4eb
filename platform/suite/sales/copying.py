"""Carrying a document's own words over to the one that is made of it."""

from __future__ import annotations

from typing import Any

HEADER = (
    "customer_id", "currency", "price_list_id", "tax_included", "payment_term_id", "customer_reference",
    "bill_to", "ship_to", "note", "owner_id", "branch_id", "department_path",
)  # fmt: skip
LINE = (
    "product_id", "description", "quantity", "unit_id", "base_quantity", "unit_price", "discount", "tax_ids",
    "price_rule", "manual_price", "unit_cost", "cost",
)  # fmt: skip


def header(source: Any) -> dict[str, Any]:
    """Customer, terms, addresses and place of a document, for the next one."""
    return {name: getattr(source, name) for name in HEADER}


def line(source: Any) -> dict[str, Any]:
    """Product, quantity and price of a line, for the next one."""
    return {name: getattr(source, name) for name in LINE}
