"""A day of each role that every company has: what it must be able to do, and what it must not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed, NotFound, Refused
from kontor.history.models import AuditEvent
from kontor.organization.models import Employee
from kontor.resources import registry
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("K2", "K3")]
As = Callable[..., Context]


def _may_not(ctx: Context, call: Callable[..., Any], *given: Any) -> None:
    with pytest.raises((NotAllowed, NotFound)):
        call(ctx, *given)


@pytest.fixture
def product(ctx: Context) -> str:
    """Something to sell, ten in stock."""
    return factories.stocked(ctx)


def _order(seller: Context, product: str, quantity: str = "2") -> Any:
    customer = gate.create(seller, "parties.customer", {"name": "Of the day"})
    lines = [{"product": product, "quantity": quantity, "unit_price": "100"}]
    return gate.create(seller, "sales.order", {"customer": str(customer.pk), "lines": lines})


def test_from_order_to_cash_each_does_a_part(ctx: Context, as_role: As, product: str) -> None:
    seller, stockman, bookkeeper = as_role("sales"), as_role("warehouse"), as_role("accountant")
    order = _order(seller, product)
    gate.perform(seller, "sales.order", order.pk, "confirm")
    delivery = gate.perform(seller, "sales.order", order.pk, "deliver").made
    _may_not(seller, gate.perform, "sales.delivery", delivery.pk, "ship")
    _may_not(bookkeeper, gate.perform, "sales.delivery", delivery.pk, "ship")
    gate.perform(stockman, "sales.delivery", delivery.pk, "ship")
    invoice = gate.perform(seller, "sales.order", order.pk, "invoice").made
    _may_not(seller, gate.perform, "sales.invoice", invoice.pk, "post")
    _may_not(stockman, gate.perform, "sales.invoice", invoice.pk, "post")
    gate.perform(bookkeeper, "sales.invoice", invoice.pk, "post")
    data = {"party": str(order.customer_id), "amount": "200", "currency": "TWD"}
    _may_not(seller, gate.create, "finance.receipt", data)
    receipt = gate.create(bookkeeper, "finance.receipt", factories.FACTORIES["finance.receipt"](ctx) | data)
    gate.perform(bookkeeper, "finance.receipt", receipt.pk, "post")


def test_a_seller_sees_only_the_own_and_the_lead_the_departments(ctx: Context, as_role: As, product: str) -> None:
    for code in ("N", "S"):
        gate.create(ctx, "organization.department", {"code": code, "name": code})
    ann, bob = as_role("sales", "N"), as_role("sales", "N")
    lead, other = as_role("sales_lead", "N"), as_role("sales_lead", "S")
    order = _order(ann, product)
    for call in (gate.update, lambda c, r, pk, _d: gate.perform(c, r, pk, "confirm")):
        _may_not(bob, call, "sales.order", order.pk, {})
        _may_not(other, call, "sales.order", order.pk, {})
    gate.perform(lead, "sales.order", order.pk, "confirm")
    gate.perform(lead, "sales.order", order.pk, "cancel", {"reason": "tried"})
    assert not ann.rights.can("sales.order", "cancel")
    assert not ann.rights.sees("cost") and lead.rights.sees("cost")


def test_the_warehouse_books_stock_and_no_money(ctx: Context, as_role: As, product: str) -> None:
    stockman = as_role("warehouse")
    data = {"kind": "count", "lines": [{"product": product, "quantity": "1"}]}
    count = gate.create(stockman, "inventory.adjustment", data)
    gate.perform(stockman, "inventory.adjustment", count.pk, "post", {})
    assert not stockman.rights.sees("cost") and not stockman.rights.sees("credit")
    for resource in ("finance.voucher", "finance.receipt", "finance.account"):
        assert not stockman.rights.can(resource, "create"), resource
    _may_not(stockman, gate.create, "sales.order", {})
    _may_not(stockman, gate.create, "parties.customer", {"name": "No"})


def test_purchasing_keeps_suppliers_and_sells_nothing(ctx: Context, as_role: As) -> None:
    buyer = as_role("purchasing")
    supplier = gate.create(buyer, "parties.supplier", {"name": "Mill"})
    gate.update(buyer, "parties.supplier", supplier.pk, {"lead_days": 5})
    gate.create(buyer, "parties.contact", {"name": "Their man", "organisation": supplier.code})
    assert buyer.rights.can("catalog.product", "view") and buyer.rights.can("inventory.balance", "view")
    assert buyer.rights.can("sales.order", "view") and buyer.rights.sees("cost")
    for verb in ("create", "edit", "confirm"):
        assert not buyer.rights.can("sales.order", verb), verb
    _may_not(buyer, gate.create, "parties.customer", {"name": "No"})


def test_the_accountant_posts_vouchers_and_changes_no_trade(ctx: Context, as_role: As) -> None:
    bookkeeper = as_role("accountant")
    voucher = gate.create(bookkeeper, "finance.voucher", factories.FACTORIES["finance.voucher"](ctx))
    gate.perform(bookkeeper, "finance.voucher", voucher.pk, "post", {})
    for resource in ("sales.order", "sales.quotation"):
        assert bookkeeper.rights.scope(resource) == "all"
        assert not bookkeeper.rights.can(resource, "create") and not bookkeeper.rights.can(resource, "edit")
    assert bookkeeper.rights.can("inventory.balance", "view") and bookkeeper.rights.sees("cost")


def test_the_viewer_sees_all_and_changes_nothing(ctx: Context, as_role: As, product: str) -> None:
    viewer = as_role("viewer")
    order = _order(ctx, product)
    before = AuditEvent.objects.count()
    for spec in registry.specs():
        assert viewer.rights.verbs(spec.name) <= {"view", "export"}, spec.name
        assert viewer.rights.can(spec.name, "view"), spec.name
    _may_not(viewer, gate.update, "sales.order", order.pk, {})
    _may_not(viewer, gate.delete, "sales.order", order.pk)
    _may_not(viewer, gate.perform, "sales.order", order.pk, "confirm")
    assert AuditEvent.objects.count() == before
    assert not viewer.rights.sees("cost")


def test_the_manager_may_do_all_business(ctx: Context, as_role: As, product: str) -> None:
    manager = as_role("manager")
    order = _order(manager, product)
    gate.perform(manager, "sales.order", order.pk, "confirm")
    for spec in registry.specs():
        assert manager.rights.verbs(spec.name) == frozenset(spec.verbs), spec.name
        assert manager.rights.scope(spec.name) == "all"
    assert not manager.rights.everything


@pytest.mark.parametrize("role", ["sales_lead", "sales", "purchasing", "warehouse", "accountant", "viewer"])
def test_nobody_but_the_administrator_hires_himself_rights(as_role: As, role: str) -> None:
    from django.test import Client

    from kontor.identity.models import User

    someone = as_role(role)
    assert Employee.objects.filter(pk=someone.employee_id).exists()
    client = Client(headers={"host": "alpha.localhost"})
    client.force_login(User.objects.get(pk=someone.user_id))
    for path in ("/settings/users/new/", "/settings/roles/", "/settings/company/"):
        answer = client.post(path, {"name": "x"})
        assert answer.status_code in (403, 404, 405), (path, answer.status_code)


def test_refusals_name_the_right_that_is_missing(as_role: As) -> None:
    with pytest.raises(NotAllowed) as refused:
        gate.create(as_role("viewer"), "parties.customer", {"name": "x"})
    assert "parties.customer.create" in str(refused.value.detail)
    assert issubclass(NotAllowed, Refused) and issubclass(Invalid, Refused)
