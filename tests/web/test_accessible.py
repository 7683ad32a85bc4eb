"""Every kind of page, in three languages, light, dark and on a phone: axe finds nothing (WCAG 2.2 A and AA)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Site

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "/",
    "/?arrange=1",
    "/parties/customers/",
    "/parties/customers/?grade=A&name__contains=zzz",
    "/sales/orders/",
    "/sales/orders/?group=state",
    "/sales/orders/?show=board",
    "/sales/orders/?nonsense=1",
    "/sales/orders/new/",
    "{order}",
    "{order}do/deliver/",
    "{customer}",
    "{customer}edit/",
    "/reports/",
    "/reports/trial-balance/",
    "/reports/income-statement/",
    "/reports/ageing/",
    "/settings/",
    "/settings/company/",
    "/settings/users/",
    "/settings/users/new/",
    "/settings/roles/",
    "{role}",
    "/settings/why/",
    "/settings/numbers/",
    "/settings/audit/",
    "/me/",
    "/me/keys/",
    "/jobs/",
    "/x/import/parties.customer/",
    "/x/export/parties.customer/",
    "/no/such/page/",
)


@pytest.fixture(scope="module")
def known(site: Site, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """A customer with an order that waits for its delivery, and a role."""
    from kontor.access.models import Role
    from kontor.documents import gate
    from kontor.identity.api import context_for
    from kontor.identity.models import User
    from tenants.provisioning import in_tenant

    with django_db_blocker.unblock(), in_tenant(site.name):
        ctx = context_for(User.objects.get(username="admin"))
        customer = gate.create(ctx, "parties.customer", {"name": "鼎曜自動化", "grade": "A", "phone": "03-578-2210"})
        product = gate.create(ctx, "catalog.product", {"code": "AX-1", "name": "線性滑軌組", "list_price": "4850"})
        lines = [{"product": str(product.pk), "quantity": "2", "unit_price": "4850"}]
        order = gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": lines})
        gate.perform(ctx, "sales.order", order.pk, "confirm")
        role = Role.objects.get(code="sales").pk
    yield {
        "order": f"/sales/orders/{order.pk}/",
        "customer": f"/parties/customers/{customer.pk}/",
        "role": f"/settings/roles/{role}/",
    }


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe; it goes in by the driver, past the content policy."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__path__[0]) / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Any, axe: str) -> list[str]:
    """What axe finds on the page as it stands, a line each."""
    page.evaluate(axe)
    told = page.evaluate(f"axe.run(document, {{runOnly: {RULES}, resultTypes: ['violations']}})")
    return [
        f"{page.url.partition('/')[2]} {v['id']}: {n['target']} {n['html'][:150]}"
        for v in told["violations"]
        for n in v["nodes"][:3]
    ]


def _speak(page: Any, language: str) -> None:
    page.evaluate(
        "async language => { const f = new FormData(); f.set('language', language);"
        "f.set('csrfmiddlewaretoken', document.querySelector('input[name=csrfmiddlewaretoken]').value);"
        "await fetch('/me/preference/', {method: 'POST', body: f}); }",
        language,
    )


def _visit(page: Any, axe: str, known: dict[str, str]) -> list[str]:
    out = []
    for path in PAGES:
        page.goto(path.format(**known))
        page.wait_for_selector("html[data-ready]")
        out += findings(page, axe)
    return out


@pytest.mark.requirement("K26")
@pytest.mark.parametrize("language", ["en", "zh-hant", "zh-hans"])
def test_no_page_keeps_anybody_out(browser: Any, axe: str, known: dict[str, str], language: str) -> None:
    page = browser("admin")
    _speak(page, language)
    assert _visit(page, axe, known) == []


def test_nor_in_the_dark_nor_on_a_phone(browser: Any, axe: str, known: dict[str, str]) -> None:
    page = browser("admin", width=375, height=812)
    page.click(".k-tabbar [data-drawer]")
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'; document.cookie = 'kontor_theme=dark; path=/'")
    assert _visit(page, axe, known) == []


def test_nor_where_something_is_open(browser: Any, axe: str, known: dict[str, str]) -> None:
    page = browser("admin", path="/sales/orders/")
    found = []
    for button in ("menu-view", "menu-filter", "menu-sort", "menu-group", "menu-columns", "menu-new", "menu-me"):
        page.click(f"[popovertarget={button}]")
        page.wait_for_selector(f"#{button}:popover-open")
        found += findings(page, axe)
        page.keyboard.press("Escape")
    for field in ("state", "customer", "ordered_on", "total"):
        page.click("[popovertarget=menu-filter]")
        page.click(f"#menu-filter [data-filter={field}]")
        page.wait_for_selector("#filter-box:popover-open form")
        found += findings(page, axe)
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("鼎曜")
    page.wait_for_selector("#found mark")
    found += findings(page, axe)
    page.keyboard.press("Escape")
    page.locator("body").press("?")
    page.wait_for_selector("#shortcuts[open]")
    assert found + findings(page, axe) == []


def test_nor_at_the_door(browser: Any, axe: str) -> None:
    page = browser("")
    assert findings(page, axe) == []
    page.fill("input[name=login]", "nobody")
    page.fill("input[name=password]", "wrong")
    page.click("main button.is-main")
    page.wait_for_selector(".k-notice.is-bad, [role=alert]")
    assert findings(page, axe) == []
