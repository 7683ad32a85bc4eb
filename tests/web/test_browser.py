"""What only a browser can tell: keys, pop-overs, swaps, the way back, phones, and that the content policy holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Site, picture, until

pytestmark = pytest.mark.browser
PEOPLE = (
    "鼎曜自動化股份有限公司",
    "德昇包裝機械",
    "Pacific Motion Pte. Ltd.",
    "东莞市博睿智能装备有限公司",
    "Ohmori Seiki K.K.",
)


@pytest.fixture(scope="module", autouse=True)
def goods(site: Site, django_db_blocker: Any) -> Iterator[None]:
    """Sixty customers and eight orders, made through the gate."""
    from kontor.documents import gate
    from kontor.identity.api import context_for
    from kontor.identity.models import User
    from tenants.provisioning import in_tenant

    with django_db_blocker.unblock(), in_tenant(site.name):
        ctx = context_for(User.objects.get(username="admin"))
        rows = [
            {"name": f"{PEOPLE[i % 5]} {i:02}", "grade": "ABC"[i % 3], "phone": f"03-578-{2200 + i}"} for i in range(60)
        ]
        customers = gate.create_many(ctx, "parties.customer", rows)
        product = gate.create(
            ctx, "catalog.product", {"code": "LG-20H-640", "name": "線性滑軌組", "list_price": "4850"}
        )
        for i in range(8):
            lines = [{"product": str(product.pk), "quantity": str(i + 1), "unit_price": "4850"}]
            order = gate.create(ctx, "sales.order", {"customer": str(customers[i].pk), "lines": lines})
            if i % 2:
                gate.perform(ctx, "sales.order", order.pk, "confirm")
    yield


def _status(page: Any) -> str:
    return str(page.locator("#list .k-foot [role=status]").inner_text())


def test_the_list_by_keyboard(browser: Any) -> None:
    page = browser("admin", path="/parties/customers/")
    page.wait_for_selector("tbody tr")
    assert _status(page) == "1–50 of 60"
    until(page, lambda: page.locator("[data-view-count=mine]").inner_text() != "")
    page.keyboard.press("/")
    page.keyboard.type("鼎曜")
    page.keyboard.press("Enter")
    until(page, lambda: "q=" in page.url)
    assert _status(page) == "1–12 of 12"
    page.locator("body").press("Escape")
    page.evaluate("document.activeElement.blur()")
    for key in ("j", "j", "x", "j", "Shift+X"):
        page.keyboard.press(key)
    assert page.locator("tr.is-picked").count() == 2
    assert page.locator(".k-bulk [data-picked]").inner_text() == "2"
    page.keyboard.press("Escape")
    assert page.locator("tr.is-picked").count() == 0
    title = page.locator("tr.is-here .k-id a").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/parties/customers/*-*/")
    assert title in page.content()
    page.go_back()
    page.wait_for_selector("tr.is-at")
    assert page.locator("tr.is-at .k-id a").inner_text() == title


def test_filter_sort_view_and_pages_stand_in_the_address(browser: Any) -> None:
    page = browser("admin", path="/parties/customers/")
    page.click("[popovertarget=menu-filter]")
    page.click("#menu-filter [data-filter=grade]")
    page.select_option("#filter-box select[name=op]", "")
    page.fill("#filter-box input[name=v]", "A")
    page.click("#filter-box button.is-main")
    until(page, lambda: page.url.endswith("?grade=A"))
    page.wait_for_selector(".k-chip")
    assert page.locator(".k-chip").inner_text() == "Grade is A"
    assert _status(page) == "1–20 of 20"
    page.click("thead th:nth-child(3) a")
    page.wait_for_selector("thead th:nth-child(3)[aria-sort]")
    assert "sort=" in page.url
    page.click("[popovertarget=menu-view]")
    page.fill("#view-name", "A 級客戶")
    page.check("#menu-view input[name=view_star]")
    page.click("#menu-view button.is-main")
    page.wait_for_selector(".k-nav-title + ul >> text=A 級客戶")
    assert page.locator(".k-tabs [aria-current=page]").inner_text().startswith("A 級客戶")
    page.click(".k-chip-x")
    until(page, lambda: "grade" not in page.url)
    page.click("a[rel=next]")
    until(page, lambda: "cursor" in page.url)
    assert _status(page) == "51–60 of 60"
    page.go_back()
    until(page, lambda: "cursor" not in page.url)
    until(page, lambda: _status(page).startswith("1–50"))


def test_columns_are_chosen_and_ordered_by_keyboard(browser: Any) -> None:
    page = browser("admin", path="/parties/customers/")
    page.click("[popovertarget=menu-columns]")
    box = page.locator("#menu-columns [data-shown] li").nth(2)
    name = box.get_attribute("data-name")
    box.locator("input").focus()
    page.keyboard.press("Alt+ArrowUp")
    assert page.locator("#menu-columns [data-shown] li").nth(1).get_attribute("data-name") == name
    page.locator("#menu-columns [data-hidden] li[data-name=currency] input").check()
    page.click("[data-apply-columns]")
    until(page, lambda: "columns=" in page.url)
    page.wait_for_selector("thead >> text=Currency")
    heads = page.locator("thead th").all_inner_texts()
    assert heads[-1] == "Currency"


def test_the_palette_finds_and_opens(browser: Any) -> None:
    page = browser("admin")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open]")
    page.keyboard.type("德昇 01")
    page.wait_for_selector("#found [role=option] >> text=德昇包裝機械 01")
    picture(page, "palette-1440")
    page.keyboard.press("Enter")
    page.wait_for_url("**/parties/customers/*-*/")


def test_a_card_is_moved_by_key_and_a_lane_counts(browser: Any) -> None:
    page = browser("admin", path="/sales/orders/?show=board")
    draft = page.locator("[data-lane=draft] [data-cards] > li")
    assert draft.count() == 4
    draft.first.focus()
    page.keyboard.press("m")
    page.wait_for_selector("#menu-move:popover-open")
    page.click("#menu-move >> text=Confirmed")
    until(page, lambda: draft.count() == 3)
    assert page.locator("[data-lane=confirmed] [data-cards] > li").count() == 5
    picture(page, "board-1440")


@pytest.mark.parametrize(
    "path", ["/", "/sales/orders/", "/sales/orders/?show=board", "/reports/", "/me/keys/", "/settings/users/"]
)
def test_nothing_is_wider_than_a_phone(browser: Any, path: str) -> None:
    page = browser("admin", width=375, height=812, path=path)
    page.wait_for_selector(".k-tabbar")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    small = page.evaluate(
        "[...document.querySelectorAll('.k-top button, .k-tabbar a, .k-btn')].filter(e => e.offsetParent !== null)"
        ".filter(e => e.getBoundingClientRect().height < 28).map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []
    picture(page, f"phone-{path.strip('/').replace('/', '-').replace('?show=', '-') or 'workbench'}")


def test_the_drawer_opens_and_closes_on_a_phone(browser: Any) -> None:
    page = browser("admin", width=375, height=812)
    page.click(".k-tabbar [data-drawer]")
    page.wait_for_selector(".k-shell.is-open")
    page.click(".k-nav [data-fold=sales]")
    page.click(".k-nav a[href='/sales/quotations/']")
    page.wait_for_url("**/sales/quotations/")
    assert page.locator(".k-shell.is-open").count() == 0


@pytest.mark.requirement("K26")
def test_twenty_five_rows_and_three_languages_in_two_looks(browser: Any) -> None:
    page = browser("admin", path="/parties/customers/")
    whole = page.evaluate(
        "(() => { const box = document.querySelector('[data-rows]').getBoundingClientRect();"
        "const inside = row => row.getBoundingClientRect().bottom <= box.bottom;"
        "return [...document.querySelectorAll('tbody tr')].filter(inside).length })()"
    )
    assert whole >= 25
    for code, lang in (("zh-hant", "zh-Hant"), ("zh-hans", "zh-Hans"), ("en", "en")):
        page.click("[popovertarget=menu-language]")
        page.click(f"#menu-language [value={code}]")
        page.wait_for_selector(f"html[lang={lang}]")
    page.click("[data-theme-switch]")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    picture(page, "list-1440-dark")


def test_a_second_key_is_shown_once_on_the_page(browser: Any) -> None:
    page = browser("sales", path="/me/keys/")
    page.fill("#name", "scales")
    page.click("main button.is-main")
    key = page.locator("[data-fresh-key]").inner_text()
    assert key.startswith("kk_")
    page.goto("/me/keys/")
    assert key not in page.content()
