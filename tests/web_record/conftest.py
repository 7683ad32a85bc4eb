"""The served company and the browser of the screens' tests, and a small business to show."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from tests.web.conftest import browser, chromium, site, visit

__all__ = ["browser", "chromium", "site", "visit"]


@pytest.fixture
def customer(ctx: Context) -> Any:
    """A customer with a contact."""
    data = {"name": "鼎曜自動化", "phone": "03-578-2210", "contacts": [{"name": "蔡明哲", "title": "協理"}]}
    return gate.create(ctx, "parties.customer", data)


@pytest.fixture
def product(ctx: Context) -> Any:
    """Goods at 100, forty of them in stock."""
    made = gate.create(ctx, "catalog.product", {"code": "LG-20H", "name": "Linear guide", "list_price": "100"})
    stock(ctx, made, "40")
    return made


@pytest.fixture
def order(ctx: Context, customer: Any, product: Any) -> Any:
    """A draft order of three pieces."""
    return make_order(ctx, customer, product, "3")


def stock(ctx: Context, product: Any, quantity: str) -> None:
    """Opening stock at a cost of 60."""
    body = {"kind": "opening", "lines": [{"product": str(product.pk), "quantity": quantity, "unit_cost": "60"}]}
    made = gate.create(ctx, "inventory.adjustment", body)
    gate.perform(ctx, "inventory.adjustment", made.pk, "post", {})


def make_order(ctx: Context, customer: Any, product: Any, quantity: str) -> Any:
    """A draft order of one line."""
    lines = [{"product": str(product.pk), "quantity": quantity}]
    return gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": lines})
