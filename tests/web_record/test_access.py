"""Accessibility: axe (WCAG 2.2 A and AA, best practice) finds nothing on the record pages, in three languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import Site, picture
from tests.web.test_accessible import axe

__all__ = ["axe"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RUN = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const told = await axe.run(document, { runOnly: tags });
  return told.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(" ")}`));
}"""


@pytest.fixture(scope="module")
def business(site: Site) -> dict[str, str]:
    """An order half delivered, invoiced and open; a draft; goods that run short."""
    from kontor.documents import gate
    from tenants.provisioning import in_tenant
    from tests.conftest import context_of

    with in_tenant(site.name):
        ctx = context_of("admin")
        contacts = [{"name": "蔡明哲", "title": "協理", "phone": "03-578-2210", "email": "tsai@example.com"}]
        addresses = [{"kind": "main", "city": "新竹市", "street": "力行六路 18 號"}]
        who = {"name": "鼎曜自動化股份有限公司", "grade": "A", "credit_limit": "90000"}
        customer = gate.create(ctx, "parties.customer", {**who, "contacts": contacts, "addresses": addresses})
        supplier = gate.create(ctx, "parties.supplier", {"name": "上銀傳動", "contacts": contacts})
        product = gate.create(ctx, "catalog.product", {"code": "LG-20H", "name": "線性滑軌組", "list_price": "4850"})
        lines = [{"product": "LG-20H", "quantity": "5", "unit_cost": "3100"}]
        opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
        gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
        data = {"customer": str(customer.pk), "lines": [{"product": str(product.pk), "quantity": "8"}]}
        order = gate.create(ctx, "sales.order", {**data, "promised_on": "2026-12-01", "customer_reference": "PO-1"})
        gate.perform(ctx, "sales.order", order.pk, "confirm", {})
        delivery = gate.perform(ctx, "sales.order", order.pk, "deliver", {}).made
        gate.perform(ctx, "sales.delivery", delivery.pk, "ship", {})
        invoice = gate.perform(ctx, "sales.delivery", delivery.pk, "invoice", {}).made
        gate.perform(ctx, "sales.invoice", invoice.pk, "post", {})
        draft = gate.create(ctx, "sales.order", data)
    return {
        "customer": f"/parties/customers/{customer.pk}/", "people": f"/parties/customers/{customer.pk}/?tab=1",
        "supplier": f"/parties/suppliers/{supplier.pk}/", "product": f"/catalog/products/{product.pk}/",
        "order": f"/sales/orders/{order.pk}/", "delivery": f"/sales/deliveries/{delivery.pk}/",
        "invoice": f"/sales/invoices/{invoice.pk}/", "edit": f"/sales/orders/{draft.pk}/edit/",
        "new-order": "/sales/orders/new/", "new-customer": "/parties/customers/new/",
        "draft": f"/sales/orders/{draft.pk}/",
    }  # fmt: skip


@pytest.mark.requirement("K26")
@pytest.mark.parametrize(
    ("language", "width", "theme"), [("en", 1440, "light"), ("zh-hant", 375, "light"), ("zh-hans", 1440, "dark")]
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Callable[..., Any], site: Site, business: dict[str, str], axe: str, language: str, width: int, theme: str
) -> None:
    from kontor.identity.models import User
    from tenants.provisioning import in_tenant

    with in_tenant(site.name):
        User.objects.filter(username="admin").update(language=language)
    page = browser(width=width)
    page.set_viewport_size({"width": width, "height": 2400})  # nothing lies under the bar of actions
    page.context.add_cookies([{"name": "kontor_theme", "value": theme, "url": site.url}])
    found: list[str] = []
    for name, path in business.items():
        page.goto(path)
        page.wait_for_selector("html[data-ready]")
        if name == "draft":  # the panel of an action with its preview
            page.locator("[href$='/do/confirm/']:visible").first.click()
            page.wait_for_selector("dialog [data-preview] .k-foreseen")
        page.evaluate(axe)
        found += [f"{name} {said}" for said in page.evaluate(RUN)]
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{name} sticks out")
        picture(page, f"record-{name}-{language}-{width}-{theme}")
    assert found == []
