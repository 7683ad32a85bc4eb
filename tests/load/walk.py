"""Orders on their way from creating to the posted invoice: through the services, one by one or many at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

PRODUCTS, CUSTOMERS, LINES = 100, 50, 5
STEPS = ("create", "confirm", "deliver", "ship", "invoice", "post")


def fill() -> tuple[list[str], list[str]]:
    """Customers and goods in stock, as ids."""
    from kontor.documents import gate
    from kontor.identity.api import system_context

    ctx = system_context("bench")
    made = gate.create_many(
        ctx, "catalog.product", [{"code": f"B{i:03}", "name": f"B {i}", "list_price": "100"} for i in range(PRODUCTS)]
    )
    lines = [{"product": str(p.pk), "quantity": "1000000", "unit_cost": "60"} for p in made]
    opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    names = [{"name": f"Customer {i}"} for i in range(CUSTOMERS)]
    customers = gate.create_many(ctx, "parties.customer", names)
    return [str(c.pk) for c in customers], [str(p.pk) for p in made]


class Walk:
    """Orders on their way: one at a time step by step, or many at once."""

    def __init__(self, tenant: Any, customers: list[str], products: list[str]) -> None:
        self.tenant, self.customers, self.products = tenant, customers, products
        with self.scope():
            from kontor.identity.api import context_for
            from kontor.identity.models import User

            self.base = context_for(User.objects.get(username="admin"))
        self.made: list[Any] = []

    def scope(self) -> Any:
        """The company's transaction."""
        from kontor.database.tenancy import tenant_scope

        return tenant_scope(self.tenant)

    def data(self, i: int) -> dict[str, Any]:
        """The body of the i-th order."""
        lines = [{"product": self.products[(i * 7 + k * 13) % PRODUCTS], "quantity": "2"} for k in range(LINES)]
        return {"customer": self.customers[i % CUSTOMERS], "lines": lines}

    def one(self, i: int, told: Callable[[str], Any] = lambda _step: None) -> None:
        """A whole order: six calls, six transactions."""
        from kontor.documents import gate

        def call(step: str, deed: Callable[[Any], Any]) -> Any:
            told(step)
            with self.scope():
                return deed(replace(self.base, cache={}, effects={}))

        order = call("create", lambda ctx: gate.create(ctx, "sales.order", self.data(i))).pk
        call("confirm", lambda ctx: gate.perform(ctx, "sales.order", order, "confirm"))
        delivery = call("deliver", lambda ctx: gate.perform(ctx, "sales.order", order, "deliver")).made.pk
        call("ship", lambda ctx: gate.perform(ctx, "sales.delivery", delivery, "ship"))
        invoice = call("invoice", lambda ctx: gate.perform(ctx, "sales.delivery", delivery, "invoice")).made.pk
        call("post", lambda ctx: gate.perform(ctx, "sales.invoice", invoice, "post"))
        told("end")
        self.made.append(invoice)

    def confirmed(self, i: int) -> None:
        """The first two of them: created and confirmed, goods reserved."""
        from kontor.documents import gate

        with self.scope():
            order = gate.create(replace(self.base, cache={}, effects={}), "sales.order", self.data(i)).pk
        with self.scope():
            gate.perform(replace(self.base, cache={}, effects={}), "sales.order", order, "confirm")

    def many(self, start: int, n: int) -> dict[str, float]:
        """n orders at once: six calls in all; the CPU seconds of each."""
        from kontor.documents import gate

        took: dict[str, float] = {}

        def call(step: str, deed: Callable[[Any], Any]) -> Any:
            begun = time.process_time()
            with self.scope():
                out = deed(replace(self.base, cache={}, effects={}))
            took[step] = time.process_time() - begun
            return out

        bodies = [self.data(start + i) for i in range(n)]
        orders = [r.pk for r in call("create", lambda ctx: gate.create_many(ctx, "sales.order", bodies))]
        call("confirm", lambda ctx: gate.perform_many(ctx, "sales.order", orders, "confirm"))
        told = call("deliver", lambda ctx: gate.perform_many(ctx, "sales.order", orders, "deliver"))
        deliveries = [o.made.pk for o in told]
        call("ship", lambda ctx: gate.perform_many(ctx, "sales.delivery", deliveries, "ship"))
        told = call("invoice", lambda ctx: gate.perform_many(ctx, "sales.delivery", deliveries, "invoice"))
        call("post", lambda ctx: gate.perform_many(ctx, "sales.invoice", [o.made.pk for o in told], "post"))
        return took
