"""Any order of operations keeps counters, stock, ledger and credit in step."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.sales.models import Invoice, InvoiceLine, Order, OrderLine
from suite.sales.processing import count_goods, count_invoiced
from tests.sales import trade

which, number = st.integers(0, 5), st.integers(1, 6)
DEEDS = (
    "order", "order", "supply", "supply", "deliver", "deliver", "ship", "ship", "invoice", "invoice", "post", "post",
    "drop", "credit", "deposit", "take_back", "receive",
    "credit_return", "pay", "cancel", "close", "amend", "forget",
)  # fmt: skip
step = st.tuples(st.sampled_from(DEEDS), which, number)


class _Undone(Exception):
    """Ends an example."""


class World:
    """A customer, two products, and what is done with them; refusals are part of life."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.customer = trade.customer(ctx)
        self.products = [trade.goods(ctx, price="33.3", stock="20", cost="7.77"), trade.goods(ctx, price="10")]
        self.orders: list[Any] = []
        self.deliveries: list[Any] = []
        self.returns: list[Any] = []

    def do(self, what: str, i: int, n: int) -> bool:
        try:
            with transaction.atomic():
                getattr(self, what)(i, n)
        except Refused:
            return False
        return True

    def _one(self, rows: list[Any], i: int, state: str = "") -> Any:
        """One of them, of those in a state unless the draw is five: then any, to be refused."""
        found = [trade.fresh(row) for row in rows]
        found = [row for row in found if i == 5 or not state or row.state == state]
        if not found:
            raise Refused("nothing there")
        return found[i % len(found)]

    def _invoice(self, i: int, **where: Any) -> Invoice:
        return self._one(list(Invoice.objects.filter(**where).order_by("-pk")), i)

    def order(self, i: int, n: int) -> None:
        a, b = self.products
        rows = [(a, str(n)), (b, str(1 + i))] if i % 2 else [(a, str(n))]
        given = {"customer": str(self.customer.pk), "freight": "13" if i % 3 == 0 else "0"}
        self.orders.append(trade.confirmed(self.ctx, *rows, **given))

    def supply(self, i: int, n: int) -> None:
        trade.put_in(self.ctx, self.products[i % 2], str(n), "9.1")

    def deliver(self, i: int, n: int) -> None:
        order = self._one(self.orders, i, "confirmed")
        line = trade.lines(order)[0]
        body = {"lines": [{"line": str(line.pk), "quantity": str(n)}]} if n % 2 else {}
        self.deliveries.append(trade.do(self.ctx, order, "deliver", body))

    def ship(self, i: int, n: int) -> None:
        delivery = self._one(self.deliveries, i, "draft")
        found = inventory.operation(self.ctx, delivery.pk).lines
        body = {"lines": [{"line": str(found[0].id), "quantity": "1"}]} if n % 3 == 0 and found else {}
        trade.do(self.ctx, delivery, "ship", body)

    def drop(self, i: int, n: int) -> None:
        trade.do(self.ctx, self._one(self.deliveries, i, "draft"), "cancel")

    def invoice(self, i: int, n: int) -> None:
        trade.do(
            self.ctx,
            self._one(*((self.deliveries, i, "shipped") if n % 2 else (self.orders, i, "confirmed"))),
            "invoice",
        )

    def post(self, i: int, n: int) -> None:
        trade.do(self.ctx, self._invoice(i, state="draft"), "post")

    def credit(self, i: int, n: int) -> None:
        invoice = self._invoice(i, state="posted")
        line = trade.lines(invoice)[0]
        rows = {"lines": [{"line": str(line.pk), "quantity": "1"}]} if n % 2 else {}
        trade.do(self.ctx, invoice, "credit", {"reason": "x", **rows})

    def deposit(self, i: int, n: int) -> None:
        trade.do(
            self.ctx, self._one(self.orders, i, "confirmed"), "invoice", {"kind": "deposit", "amount": str(n * 10)}
        )

    def take_back(self, i: int, n: int) -> None:
        self.returns.append(trade.do(self.ctx, self._one(self.deliveries, i, "shipped"), "take_back"))

    def receive(self, i: int, n: int) -> None:
        trade.do(
            self.ctx, self._one(self.returns, i, "draft"), "receive", {"into": "scrap" if n % 3 == 0 else "usable"}
        )

    def credit_return(self, i: int, n: int) -> None:
        trade.do(self.ctx, self._one(self.returns, i, "received"), "credit")

    def pay(self, i: int, n: int) -> None:
        invoice = self._invoice(i, state="posted", open_amount__gt=0)
        if invoice.kind == "credit":
            raise Refused("no")
        trade.receipt(self.ctx, invoice, str(min(invoice.open_amount, D(n * 20)).normalize()))

    def cancel(self, i: int, n: int) -> None:
        trade.do(self.ctx, self._one(self.orders, i, "confirmed"), "cancel", {"reason": "x"})

    def close(self, i: int, n: int) -> None:
        trade.do(self.ctx, self._one(self.orders, i, "confirmed"), "close")

    def amend(self, i: int, n: int) -> None:
        order = self._one(self.orders, i, "confirmed")
        first, *others = trade.lines(order)
        rows = [{"id": str(first.pk), "product": str(first.product_id), "quantity": str(n)}]
        rows += [{"id": str(x.pk), "product": str(x.product_id), "quantity": str(x.quantity)} for x in others]
        gate.update(self.ctx, "sales.order", order.pk, {"lines": rows})

    def forget(self, i: int, n: int) -> None:
        gate.delete(self.ctx, "sales.invoice", self._invoice(i, state="draft").pk)


def check(world: World) -> None:
    """What must be true whatever was done."""
    ctx = world.ctx
    assert inventory.prove(ctx) == []
    assert sum(trade.ledger().values()) == 0
    orders = list(Order.objects.all())
    lines = {o.pk: trade.lines(o) for o in orders}
    kept = {x.pk: (x.delivered, x.invoiced, x.returned) for rows in lines.values() for x in rows}
    count_goods(ctx, orders, lines)
    count_invoiced(orders, lines)
    again = {x.pk: (x.delivered, x.invoiced, x.returned) for x in OrderLine.objects.all()}
    assert kept == again
    for i in Invoice.objects.exclude(state="draft"):
        assert i.total == i.net + i.freight + i.tax
        item = finance.items_of(ctx, [i.pk]).get(i.pk)
        assert i.open_amount == (item.remaining if item else 0), i.number
    for order in orders:
        bound = Invoice.objects.filter(order=order, state__in=("posted", "reversed"))
        claimed = bound.exclude(kind="credit").aggregate(n=Sum(F("total") - F("advance") - F("credited")))["n"] or 0
        assert claimed >= 0
    owed = sum(
        (i.open_amount * (-1 if i.kind == "credit" else 1) for i in Invoice.objects.exclude(state="draft")), D(0)
    )
    waiting = sum((o.exposure for o in orders), D(0))
    assert finance.credit(ctx, world.customer.pk).used == owed + waiting
    net = InvoiceLine.objects.filter(document__state__in=("posted", "reversed"), product__isnull=False)
    revenue = sum((x.amount * (-1 if x.document.kind == "credit" else 1) for x in net.select_related("document")), D(0))
    books = trade.ledger()
    assert revenue == -books.get("4111", D(0)) - books.get("4711", D(0))  # revenue, returns


@pytest.mark.requirement("S2", "S7", "S8", "F2", "C7")
@pytest.mark.slow("Hypothesis tries many orders of deeds")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=6, max_size=25))
def test_any_order_of_operations(ctx: Context, steps: list[tuple[str, int, int]]):
    try:
        with transaction.atomic():
            ctx.cache.clear()
            world = World(ctx)
            world.do("order", 1, 4)
            for what, i, n in steps:
                world.do(what, i, n)
            check(world)
            raise _Undone
    except _Undone:
        pass
