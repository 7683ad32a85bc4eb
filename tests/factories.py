"""What the contract suite creates of each resource: the smallest data that the API takes.

A new resource that can be created brings one line here; ``tests/contract/test_coverage.py`` fails
until it does.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.resources import registry
from suite.inventory import api as inventory

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


def _day() -> str:
    """A date that no other rate has."""
    return str(dt.date(2000, 1, 1) + dt.timedelta(days=n()))


def order(ctx: Context, **given: Any) -> Any:
    """A draft order of two pieces of a product in stock."""
    data = {"customer": customer(ctx), "lines": [{"product": stocked(ctx), "quantity": "2"}], **given}
    return gate.create(ctx, "sales.order", data)


def first(resource: str, **where: Any) -> str:
    """The id of the first record of a resource that every company brings."""
    return str(
        registry.spec(resource).model._default_manager.filter(**where).order_by("pk").values_list("pk", flat=True)[0]
    )


def account(role: str = "") -> str:
    """The id of a postable account that needs no party."""
    return first("finance.account", kind="expense" if role == "expense" else "asset", postable=True, open_item=False)


def unused_currency() -> str:
    """A currency pair that no other made rate has."""
    return f"X{chr(65 + n() % 26)}{chr(65 + n() % 26)}"


def delivered_line(ctx: Context) -> Any:
    """The id of a shipped delivery's line of two pieces."""
    sold = order(ctx)
    gate.perform(ctx, "sales.order", sold.pk, "confirm", {})
    made = gate.perform(ctx, "sales.order", sold.pk, "deliver", {}).made
    gate.perform(ctx, "sales.delivery", made.pk, "ship", {})
    return inventory.operation(ctx, made.pk).lines[0].id


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
    "catalog.price_list": lambda ctx: {"code": f"L{n()}", "name": "A price list", "rules": [{"price": "90"}]},
    "catalog.price_rule": lambda ctx: {
        "price_list": str(make(ctx, "catalog.price_list", rules=[]).pk),
        "product": product(ctx),
        "price": "80",
    },
    "catalog.tax": lambda ctx: {"code": f"X{n()}", "name": "A tax", "rate": "0.1"},
    "catalog.tax_rule": lambda ctx: {"name": "A rule", "product_class": f"k{n()}", "taxes": []},
    "catalog.exchange_rate": lambda ctx: {"source": "EUR", "target": "GBP", "on": _day(), "rate": "0.85"},
    "fields.dictionary_item": lambda ctx: {"dictionary": "colour", "code": f"c{n()}", "name": "A colour"},
    "purchasing.supplier_item": lambda ctx: {
        "supplier": str(make(ctx, "parties.supplier").pk),
        "product": product(ctx),
        "price": "55",
    },
    "finance.account": lambda ctx: {"code": f"9{n():05}", "name": "An account", "kind": "expense"},
    "finance.journal": lambda ctx: {"code": f"J{n()}", "name": "A journal"},
    "finance.voucher": lambda ctx: {
        "date": "2026-03-02",
        "journal": first("finance.journal"),
        "lines": [{"account": account(), "debit": "100"}, {"account": account("expense"), "credit": "100"}],
    },
    "finance.posting_rule": lambda ctx: {
        "event": f"test.event{n()}",
        "name": "A rule",
        "valid_from": "2026-01-01",
        "journal": first("finance.journal"),
        "lines": [
            {"side": "debit", "role": "stock", "amount": "cost"},
            {"side": "credit", "role": "money", "amount": "cost"},
        ],
    },
    "finance.account_rule": lambda ctx: {
        "role": "stock",
        "posting_class": f"class{n()}",
        "valid_from": "2026-01-01",
        "account": account(),
    },
    "finance.money_account": lambda ctx: {"code": f"MA{n()}", "name": "A bank", "account": account()},
    "finance.receipt": lambda ctx: {
        "party": customer(ctx),
        "account": first("finance.money_account"),
        "amount": "100",
        "currency": "TWD",
    },
    "finance.refund": lambda ctx: {
        "party": customer(ctx),
        "account": first("finance.money_account"),
        "amount": "100",
        "currency": "TWD",
    },
    "inventory.location": lambda ctx: {"code": f"L{n()}", "name": "A bin", "warehouse": first("inventory.warehouse")},
    "inventory.lot": lambda ctx: {"product": product(ctx), "number": f"LOT{n()}"},
    "sales.order": lambda ctx: {
        "customer": customer(ctx),
        "lines": [{"product": product(ctx), "quantity": "2", "unit_price": "100"}],
    },
    "sales.invoice": lambda ctx: {
        "customer": customer(ctx),
        "lines": [{"product": product(ctx), "quantity": "2", "unit_price": "100"}],
    },
    "sales.return": lambda ctx: {
        "lines": [{"origin": str(delivered_line(ctx)), "quantity": "1"}],
        "reason": "wrong colour",
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
