"""Many at once: real threads and real commits, in a company of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal as D
from functools import partial
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.sales.models import Invoice, Order, OrderLine
from tenants.provisioning import in_tenant
from tests.concurrency import at_once
from tests.conftest import context_of
from tests.sales import trade

Deed = Callable[[Context], Any]


@contextmanager
def desk(name: str) -> Iterator[Context]:
    with in_tenant(name):
        yield context_of("admin")


def together(name: str, deeds: list[Deed]) -> list[Any]:
    return at_once(deeds, partial(desk, name))


def codes(results: list[Any]) -> list[str]:
    """What was refused, and nothing but refusals."""
    wrong = [r for r in results if isinstance(r, Exception) and not isinstance(r, Refused)]
    assert not wrong, wrong
    return sorted(r.code for r in results if isinstance(r, Refused))


@pytest.mark.requirement("S6", "N9")
def test_the_same_delivery_ships_once(fresh_company: Any):
    name = fresh_company.tenant.name
    with in_tenant(name):
        ctx = context_of("admin")
        order = trade.confirmed(ctx, (trade.goods(ctx, stock="5"), "5"))
        delivery = trade.do(ctx, order, "deliver")
    results = together(name, [lambda ctx: trade.do(ctx, delivery, "ship")] * 4)
    assert codes(results) == ["illegal_state"] * 3
    with in_tenant(name):
        ctx = context_of("admin")
        assert OrderLine.objects.get(document=order).delivered == D(5)
        assert trade.fresh(delivery).number.endswith("-0001")
        assert len(finance.vouchers_of(ctx, [delivery.pk])[delivery.pk]) == 1


@pytest.mark.requirement("S8", "K25")
def test_one_delivery_is_invoiced_once(fresh_company: Any):
    name = fresh_company.tenant.name
    with in_tenant(name):
        ctx = context_of("admin")
        order = trade.confirmed(ctx, (trade.goods(ctx, stock="5"), "5"))
        delivery = trade.shipped(ctx, order)
    deeds: list[Deed] = [
        lambda ctx: trade.do(ctx, delivery, "invoice"),
        lambda ctx: trade.do(ctx, trade.fresh(order), "invoice"),
        lambda ctx: trade.do(ctx, delivery, "invoice"),
    ]
    results = together(name, deeds)
    assert codes(results) == ["nothing_to_invoice"] * 2
    with in_tenant(name):
        invoice = Invoice.objects.get()
    results = together(name, [lambda ctx: trade.do(ctx, invoice, "post")] * 4)
    assert codes(results) == ["illegal_state"] * 3
    with in_tenant(name):
        ctx = context_of("admin")
        assert (Order.objects.get().state, OrderLine.objects.get().invoiced) == ("closed", D(5))
        assert finance.items_of(ctx, [invoice.pk])[invoice.pk].amount == D(525)
        assert len(finance.vouchers_of(ctx, [invoice.pk])[invoice.pk]) == 1


@pytest.mark.requirement("S2", "P10")
def test_two_orders_at_once_see_each_others_credit(fresh_company: Any):
    name = fresh_company.tenant.name
    with in_tenant(name):
        ctx = context_of("admin")
        product = trade.goods(ctx, stock="50")
        customer = str(trade.customer(ctx, credit_limit="1000").pk)
        orders = [trade.order(ctx, (product, "6"), customer=customer) for _n in range(4)]
    results = together(name, [lambda ctx, o=o: trade.do(ctx, o, "confirm") for o in orders])  # type: ignore[misc]
    assert codes(results) == ["credit_exceeded"] * 3
    with in_tenant(name):
        assert finance.credit(context_of("admin"), orders[0].customer_id).used == D(630)


@pytest.mark.requirement("S2", "N2", "F2")
@pytest.mark.slow("twelve threads carry out whole orders of the same goods and customer")
def test_whole_orders_side_by_side(fresh_company: Any):
    """The same products in every order, in turning order: nobody waits for ever, and everything adds up."""
    name = fresh_company.tenant.name
    with in_tenant(name):
        ctx = context_of("admin")
        products = [trade.goods(ctx, stock="100") for _n in range(3)]
        customer = str(trade.customer(ctx).pk)

    def whole(at: int) -> Deed:
        def run(ctx: Context) -> Any:
            turned = products[at % 3 :] + products[: at % 3]
            order = trade.confirmed(ctx, *[(p, str(1 + at % 2)) for p in turned], customer=customer)
            delivery = trade.shipped(ctx, order)
            invoice = trade.invoiced(ctx, trade.fresh(order))
            if at % 3 == 0:
                goods = trade.do(ctx, trade.do(ctx, delivery, "take_back"), "receive")
                trade.do(ctx, trade.do(ctx, goods, "credit"), "post")
            else:
                trade.receipt(ctx, invoice, str(invoice.total))
            return invoice

        return run

    results = together(name, [whole(at) for at in range(10)])
    assert set(codes(results)) <= {"busy"}
    with in_tenant(name):
        ctx = context_of("admin")
        assert inventory.prove(ctx) == []
        assert sum(trade.ledger().values()) == 0
        done = [r for r in results if isinstance(r, Invoice)]
        assert done
        numbers = sorted(Invoice.objects.exclude(kind="credit").values_list("number", flat=True))
        assert numbers == [f"IV-{ctx.today:%y%m}-{n:04}" for n in range(1, len(done) + 1)]
        assert finance.credit(ctx, products and done[0].customer_id).used == D(0)
        assert sum(i.open_amount for i in Invoice.objects.all()) == D(0)


@pytest.mark.requirement("S8", "F2")
def test_credit_notes_and_receipts_of_one_invoice_do_not_wait_for_each_other(fresh_company: Any):
    """One of them settles it, the others are told that nothing is open; none is ended by the database as a deadlock."""
    name = fresh_company.tenant.name
    seen: list[str] = []
    for _round in range(3):
        with in_tenant(name):
            ctx = context_of("admin")
            order = trade.confirmed(ctx, (trade.goods(ctx, stock="5"), "5"))
            trade.shipped(ctx, order)
            invoice = trade.do(ctx, trade.do(ctx, trade.fresh(order), "invoice"), "post")
            note = trade.do(ctx, invoice, "credit", {"reason": "test"})
            body = {
                "party": str(invoice.customer_id), "account": "BANK", "amount": "525", "currency": invoice.currency,
                "allocations": [{"invoice": str(invoice.pk), "amount": "525"}],
            }  # fmt: skip
            receipts = [gate.create(ctx, "finance.receipt", body) for _n in range(3)]
        deeds: list[Deed] = [lambda ctx, n=note: trade.do(ctx, n, "post")]  # type: ignore[misc]
        deeds += [lambda ctx, r=r: gate.perform(ctx, "finance.receipt", r.pk, "post") for r in receipts]  # type: ignore[misc]
        seen += codes(together(name, deeds))
        with in_tenant(name):
            assert Invoice.objects.get(pk=invoice.pk).credited in (D(0), D(525))
            assert Invoice.objects.get(pk=invoice.pk).open_amount == 0
    assert set(seen) == {"overdrawn"}
