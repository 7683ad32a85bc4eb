"""What the contract suite creates of each resource: the smallest data that the API takes.

A new resource that can be created brings one line here; ``tests/contract/test_coverage.py`` fails
until it does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from kontor.context import Context
from kontor.documents import gate

_count = itertools.count(1)


def n() -> int:
    """A number that no other made record has."""
    return next(_count)


def make(ctx: Context, resource: str, **given: Any) -> Any:
    """A stored record of the resource, through the gate."""
    return gate.create(ctx, resource, {**FACTORIES[resource](ctx), **given})


def customer(ctx: Context, **given: Any) -> str:
    """The id of a customer; one a call, as many tests need only one."""
    if given or "factory customer" not in ctx.cache:
        made = str(make(ctx, "parties.customer", **given).pk)
        if given:
            return made
        ctx.cache["factory customer"] = made
    return str(ctx.cache["factory customer"])


def product(ctx: Context, **given: Any) -> str:
    """The id of a product with stock to sell."""
    made = make(ctx, "catalog.product", list_price="100", **given)
    return str(made.pk)


def stocked(ctx: Context, quantity: str = "10", unit_cost: str = "60", **given: Any) -> str:
    """The id of a product of which so many lie in the default warehouse."""
    pk = product(ctx, **given)
    stock = make(
        ctx,
        "inventory.adjustment",
        kind="opening",
        lines=[{"product": pk, "quantity": quantity, "unit_cost": unit_cost}],
    )
    gate.perform(ctx, "inventory.adjustment", stock.pk, "post", {})
    return pk


def order(ctx: Context, **given: Any) -> Any:
    """A draft order of two pieces of a product in stock."""
    data = {"customer": customer(ctx), "lines": [{"product": stocked(ctx), "quantity": "2"}], **given}
    return gate.create(ctx, "sales.order", data)


FACTORIES: dict[str, Callable[[Context], dict[str, Any]]] = {
    "organization.branch": lambda ctx: {"code": f"B{n()}", "name": "A branch"},
    "organization.department": lambda ctx: {"code": f"D{n()}", "name": "A department"},
    "organization.position": lambda ctx: {"code": f"P{n()}", "name": "A position"},
    "organization.employee": lambda ctx: {"number": f"E{n()}", "name": "林怡君"},
    "parties.customer": lambda ctx: {"name": f"鼎曜自動化 {n()}"},
    "parties.supplier": lambda ctx: {"name": f"Supplier {n()}"},
    "parties.contact": lambda ctx: {"organisation": customer(ctx), "name": f"Contact {n()}"},
    "parties.payment_term": lambda ctx: {"code": f"T{n()}", "name": "30 days", "payload": {"days": 30}},
    "catalog.unit": lambda ctx: {"code": f"u{n()}", "name": "A unit"},
    "catalog.category": lambda ctx: {"code": f"CAT{n()}", "name": "A category"},
    "catalog.product": lambda ctx: {"code": f"LG-{n()}", "name": "Linear guide"},
    "sales.order": lambda ctx: {
        "customer": customer(ctx),
        "lines": [{"product": product(ctx), "quantity": "2", "unit_price": "100"}],
    },
    "sales.quotation": lambda ctx: {
        "customer": customer(ctx),
        "lines": [{"product": product(ctx), "quantity": "2", "unit_price": "100"}],
    },
    "inventory.warehouse": lambda ctx: {"code": f"W{n()}", "name": "A warehouse"},
    "inventory.adjustment": lambda ctx: {
        "kind": "opening",
        "lines": [{"product": product(ctx), "quantity": "5", "unit_cost": "60"}],
    },
}
