"""From a quotation to the customer's money, as a clerk goes: two languages, a desk and a phone, once by keys alone.

Ten pieces at 4,850 are 48,500, with five per cent tax 50,925. Stock, ledger and open items are read after.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.e2e.clerk import OPTION, Clerk
from tests.web.conftest import Site, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "en": {"sent": "Sent", "confirmed": "Confirmed", "shipped": "Shipped", "posted": "Posted", "total": "Total"},
    "zh-hant": {"sent": "已送出", "confirmed": "已確認", "shipped": "已出貨", "posted": "已過帳", "total": "合計"},
}


@pytest.mark.requirement("S1", "S3", "S6")
@pytest.mark.parametrize("width", [1440, 375])
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_from_quotation_to_receipt(clerk: Callable[..., Clerk], goods: Site, language: str, width: int) -> None:
    words, one = WORDS[language], clerk(language, width, f"{language}-{width}")
    before = _free(goods)

    one.go("/sales/quotations/new/")
    one.choose("#f-customer", "DS")
    one.line("lines", ("product", "LG-20H"), quantity="10")
    one.page.wait_for_selector("[data-sums] .is-grand:has-text('50,925')")
    one.keep("quotation-new")
    one.save("sales/quotations")
    one.act("send")
    one.answer("quotation-send", to="buyer@example.com")
    one.reached(words["sent"])
    one.keep("quotation")
    one.act("accept")
    one.answer("quotation-accept")

    order = one.arrive("sales/orders")
    assert words["total"] in one.text(".k-totals") and "50,925" in one.text(".k-totals")
    one.act("confirm")
    one.answer("order-confirm")
    one.reached(words["confirmed"])
    one.keep("order")
    one.act("deliver")
    one.answer("order-deliver")

    delivery = one.arrive("sales/deliveries")
    one.act("ship")
    one.answer("delivery-ship")
    one.reached(words["shipped"])
    one.keep("delivery")
    assert _free(goods) == before - 10
    one.act("invoice")

    invoice = one.arrive("sales/invoices")
    one.act("post")
    one.answer("invoice-post")
    one.reached(words["posted"])
    assert "50,925" in one.text(".k-totals")
    one.keep("invoice")

    one.go("/finance/receipts/new/")
    one.choose("#f-party", "DS")
    one.choose("#f-account", _bank(goods))
    one.page.fill("#f-amount", "50925")
    one.line("allocations", ("invoice", _facts(goods, invoice)["number"]), amount="50925")
    one.keep("receipt-new")
    one.save("finance/receipts")
    one.act("post")
    one.answer("receipt-post")
    one.reached(words["posted"])
    one.keep("receipt")

    one.go(f"/sales/orders/{order}/")
    one.keep("order-done")
    _all_is_done(goods, order, delivery, invoice)


@pytest.mark.requirement("S2", "S3")
def test_by_keys_alone(clerk: Callable[..., Clerk], goods: Site) -> None:
    """No click at all: every button is reached by Tab or by its key and pressed with Enter."""
    one = clerk("en", 1440, "keys")
    keys = one.page.keyboard
    one.go("/sales/orders/new/")
    one.page.wait_for_selector("#f-customer:focus")
    keys.type("DS")
    one.page.wait_for_selector(OPTION)
    keys.press("Tab")
    keys.press("Alt++")
    one.page.wait_for_selector(".k-lines .is-edit [role=combobox]:focus")
    keys.type("LG-20H")
    one.page.wait_for_selector(OPTION)
    keys.press("Enter")
    _tab_to(one, "td[data-c=quantity] input")
    keys.type("10")
    one.page.wait_for_selector("[data-sums] .is-grand:has-text('50,925')")
    keys.press("Control+s")
    order = one.arrive("sales/orders")
    _press(one, "confirm")
    one.reached("Confirmed")
    _press(one, "deliver")
    delivery = one.arrive("sales/deliveries")
    _press(one, "ship")
    one.reached("Shipped")
    _tab_to(one, "form[action$='/do/invoice/'] button, [href$='/do/invoice/']")
    keys.press("Enter")
    invoice = one.arrive("sales/invoices")
    _press(one, "post")
    one.reached("Posted")
    one.go("/finance/receipts/new/")
    one.page.wait_for_selector("#f-party:focus")
    keys.type("DS")
    one.page.wait_for_selector(OPTION)
    keys.press("Tab")
    _tab_to(one, "#f-account")
    keys.type(_bank(goods))
    one.page.wait_for_selector(OPTION)
    keys.press("Tab")
    _tab_to(one, "#f-amount")
    keys.type("50925")
    keys.press("Alt++")
    one.page.wait_for_selector(".k-lines .is-edit [role=combobox]:focus")
    keys.type(_facts(goods, invoice)["number"])
    one.page.wait_for_selector(OPTION)
    keys.press("Enter")
    _tab_to(one, "td[data-c=amount] input")
    keys.type("50925")
    keys.press("Control+s")
    one.arrive("finance/receipts")
    _press(one, "post")
    one.reached("Posted")
    one.keep("receipt")
    _all_is_done(goods, order, delivery, invoice)


def _press(one: Clerk, action: str) -> None:
    """Tab to an action, open its panel with Enter, and do it from there."""
    keys = one.page.keyboard
    _tab_to(one, f"[href$='/do/{action}/']")
    keys.press("Enter")
    one.page.wait_for_selector("dialog.k-panel")
    until(one.page, lambda: one.page.locator("dialog [data-preview][aria-busy]").count() == 0)
    _tab_to(one, "dialog footer .is-main")
    keys.press("Enter")


def _tab_to(one: Clerk, place: str) -> None:
    for _step in range(80):
        if one.page.locator(f":focus:is({place})").count():
            return
        one.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {place}")


def _inside(site: Site) -> Any:
    from tenants.provisioning import in_tenant

    return in_tenant(site.name)


def _free(site: Site) -> Decimal:
    """What stands on the shelf."""
    from django.db.models import Sum

    from suite.inventory.models import Balance

    with _inside(site):
        rows = Balance.objects.filter(internal=True, product__code="LG-20H")
        return Decimal(rows.aggregate(n=Sum("on_hand"))["n"] or 0)


def _bank(site: Site) -> str:
    from suite.finance.models import MoneyAccount

    with _inside(site):
        return str(MoneyAccount.objects.filter(currency="TWD").order_by("name").values_list("name", flat=True)[0])


def _facts(site: Site, invoice: UUID) -> dict[str, Any]:
    from suite.sales.models import Invoice

    with _inside(site):
        return dict(Invoice.objects.values("number", "state", "total", "open_amount").get(pk=invoice))


def _all_is_done(site: Site, order: UUID, delivery: UUID, invoice: UUID) -> None:
    """Shipped, invoiced and paid in full; the vouchers are posted and balanced."""
    from django.db.models import Sum

    from suite.finance.models import OpenItem, Voucher, VoucherLine
    from suite.sales.models import Order

    facts = _facts(site, invoice)
    assert (facts["state"], facts["total"], facts["open_amount"]) == ("posted", Decimal(50925), Decimal(0))
    with _inside(site):
        done = Order.objects.get(pk=order)
        assert (done.state, done.delivery_state, done.invoice_state) == ("closed", "all", "all")
        assert OpenItem.objects.get(pk=invoice).remaining == 0
        posted = Voucher.objects.filter(source_id__in=[delivery, invoice], state="posted")
        assert posted.count() == 2
        sums = VoucherLine.objects.filter(voucher__in=posted).aggregate(d=Sum("debit"), c=Sum("credit"))
        assert sums["d"] == sums["c"] == 10 * 3100 + 50925
