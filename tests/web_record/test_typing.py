"""In a real browser: dates as people write them, entries that survive, look-alikes, wrong rows, the way back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.conftest import Site, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def goods(site: Site) -> dict[str, str]:
    """Customers and goods in the served company, committed."""
    from kontor.documents import gate
    from tenants.provisioning import in_tenant
    from tests.conftest import context_of

    with in_tenant(site.name):
        ctx = context_of("admin")
        rows = [{"name": f"鼎曜自動化 {n}", "code": f"DY{n}", "phone": f"03-578-221{n}"} for n in range(3)]
        customers = gate.create_many(ctx, "parties.customer", rows)
        gate.create_many(ctx, "catalog.product", [{"code": f"CP-{n}", "name": f"聯軸器 {n}"} for n in range(3)])
        today = ctx.today
    return {"customer": str(customers[0].pk), "today": today.isoformat()}


@pytest.mark.requirement("S2")
def test_dates_are_taken_as_people_write_them(browser: Callable[..., Any], goods: dict[str, str]) -> None:
    page = browser(path="/sales/orders/new/")
    page.wait_for_selector("#f-customer:focus")
    today = dt.date.fromisoformat(goods["today"])
    assert page.get_attribute("#f-ordered_on", "placeholder") == goods["today"]  # what is taken if nothing is typed
    month_end = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    friday = today + dt.timedelta(days=(4 - today.weekday()) % 7 or 7)
    written = {
        "+7": today + dt.timedelta(days=7), "明天": today + dt.timedelta(days=1), "today": today,
        "-1w": today - dt.timedelta(days=7), "月底": month_end, "fri": friday,
        "２０２６／９／３０": dt.date(2026, 9, 30), "115/9/30": dt.date(2026, 9, 30),
        "20260930": dt.date(2026, 9, 30), "2026年9月30日": dt.date(2026, 9, 30),
    }  # fmt: skip
    for text, meant in written.items():
        page.fill("#f-promised_on", text)
        page.press("#f-promised_on", "Tab")
        assert page.input_value("#f-promised_on") == meant.isoformat(), text
    page.fill("#f-promised_on", "0930")
    page.press("#f-promised_on", "Tab")
    taken = dt.date.fromisoformat(page.input_value("#f-promised_on"))
    assert (taken.month, taken.day) == (9, 30) and abs((taken - today).days) <= 184
    page.press("#f-promised_on", "ArrowUp")
    assert page.input_value("#f-promised_on") == (taken + dt.timedelta(days=1)).isoformat()
    page.fill("#f-promised_on", "sometime")
    page.press("#f-promised_on", "Tab")
    assert page.input_value("#f-promised_on") == "sometime"  # the server names it at its field
    page.keyboard.press("Control+s")
    page.wait_for_selector("[aria-invalid=true]#f-promised_on")
    assert "2026-11-22" in page.inner_text("#h-promised_on") and page.input_value("#f-promised_on") == "sometime"


@pytest.mark.requirement("S2")
def test_what_was_typed_survives_and_goes_when_saved(
    browser: Callable[..., Any], site: Site, goods: dict[str, str]
) -> None:
    page = browser(path="/sales/orders/new/")
    page.wait_for_selector("#f-customer:focus")
    page.keyboard.type("DY1")
    page.wait_for_selector(".k-combo:popover-open [aria-selected=true]")
    page.keyboard.press("Tab")
    page.fill("#f-customer_reference", "PO-77")
    page.keyboard.press("Alt++")
    page.wait_for_selector(".is-edit [role=combobox]:focus")
    page.keyboard.type("CP-1")
    page.wait_for_selector(".k-combo:popover-open [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("td[data-c=quantity] input:focus")  # straight to the quantity
    page.keyboard.type("4")
    page.wait_for_timeout(900)
    page.context.clear_cookies()  # the session is gone
    page.once("dialog", lambda d: d.accept())
    page.goto("/sales/orders/new/")
    assert "/accounts/login/" in page.url
    page.fill("input[name=login]", "admin")
    page.fill("input[name=password]", site.users["admin"])
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[data-kept]:not([hidden])")
    page.click("[data-kept-take]")
    assert page.input_value("#f-customer_reference") == "PO-77" and "鼎曜自動化 1" in page.input_value("#f-customer")
    until(page, lambda: "CP-1" in page.inner_text("tbody tr:first-child td[data-c=product]"))
    assert page.inner_text("tbody tr:first-child td[data-c=quantity]").strip() == "4"
    page.keyboard.press("Control+s")
    page.wait_for_url("**/sales/orders/*-*/")
    page.goto("/sales/orders/new/")
    page.wait_for_selector("#f-customer:focus")
    assert page.locator("[data-kept]:not([hidden])").count() == 0


@pytest.mark.requirement("P4")
def test_look_alikes_are_shown_while_a_customer_is_typed(browser: Callable[..., Any], goods: dict[str, str]) -> None:
    page = browser(path="/parties/customers/new/")
    page.wait_for_selector("#f-name:focus")
    page.keyboard.type("某某公司")
    page.fill("#f-phone", "(03) 578-2212")
    page.wait_for_selector("[data-similar-box] a:has-text('鼎曜自動化 2')")
    href = page.get_attribute("[data-similar-box] a", "href")
    assert href.startswith("/parties/customers/")
    page.fill("#f-phone", "")
    page.fill("#f-name", "完全不同的名字")
    until(page, lambda: page.locator("[data-similar-box] a").count() == 0)
    page.on("dialog", lambda d: d.accept())


@pytest.mark.requirement("S2")
def test_wrong_pasted_rows_are_named_and_lead_to_their_cells(
    browser: Callable[..., Any], goods: dict[str, str]
) -> None:
    page = browser(path=f"/sales/orders/new/?customer={goods['customer']}")
    page.click("[data-add]")
    page.evaluate(
        """text => { const data = new DataTransfer(); data.setData('text/plain', text);
        const how = {clipboardData: data, bubbles: true, cancelable: true};
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', how)); }""",
        "CP-1\t3\nNO-SUCH\t1\nCP-2\t2",
    )
    page.wait_for_selector("[data-wrongs]:not([hidden]) button")
    told = page.inner_text("[data-wrongs]")
    assert "1 lines are not right" in told and "Line 2 (NO-SUCH)" in told
    assert page.inner_text("tbody tr:nth-child(1) td[data-c=product]").startswith("CP-1")
    page.click("[data-wrongs] button")
    page.wait_for_selector("tbody tr:nth-child(2).is-edit [role=combobox]:focus")
    page.fill("tbody tr:nth-child(2) [role=combobox]", "")
    page.keyboard.type("CP-0")
    page.wait_for_selector(".k-combo:popover-open [aria-selected=true]")
    page.keyboard.press("Enter")
    until(page, lambda: page.locator("[data-wrongs]:not([hidden])").count() == 0)
    page.on("dialog", lambda d: d.accept())


@pytest.mark.requirement("K20")
def test_the_way_back_leads_to_the_list_as_it_was_left(browser: Callable[..., Any], goods: dict[str, str]) -> None:
    page = browser(path="/parties/customers/?q=鼎曜")
    page.wait_for_selector("tbody tr[data-id]")
    first, second = page.eval_on_selector_all("tbody tr[data-id]", "rows => rows.slice(0, 2).map(r => r.dataset.id)")
    page.click("tbody tr:first-child a")
    page.wait_for_url(f"**/{first}/")
    assert "q=" in page.get_attribute(".k-crumb a", "href")
    page.locator("body").press("j")
    page.wait_for_url(f"**/{second}/")
    page.click("[data-key=edit]")
    page.wait_for_url("**/edit/")
    page.wait_for_selector("html[data-ready]")
    page.click(".k-crumb a >> nth=0")
    page.wait_for_selector("tr.is-at")
    assert page.get_attribute("tr.is-at", "data-id") == second and "q=" in page.url
