"""The page in the round: what modules tell of a customer and a product, to whom, and at which cost."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kontor.context import Context
from kontor.documents import gate
from kontor.surfaces import query
from kontor.web.record.dossier import Dossier, dossier_of
from suite.sales.models import Order
from tests.web_record.conftest import make_order


def _dossier(ctx: Context, resource: str, pk: Any) -> Dossier:
    from kontor.resources import registry

    found = dossier_of(ctx, resource, query.one(ctx, registry.spec(resource), pk, titles=True))
    assert found is not None
    return found


def _figures(found: Dossier) -> dict[str, tuple[str, str]]:
    return {str(f.label): (f.value, f.note) for f in found.figures}


@pytest.fixture
def invoiced(ctx: Context, customer: Any, product: Any) -> Any:
    """Three pieces at 100 (cost 60) ordered, shipped and invoiced: 300 net, 315 gross."""
    gate.update(ctx, "parties.customer", customer.pk, {"credit_limit": "10000"})
    order = make_order(ctx, customer, product, "3")
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    delivery = gate.perform(ctx, "sales.order", order.pk, "deliver", {}).made
    gate.perform(ctx, "sales.delivery", delivery.pk, "ship", {})
    invoice = gate.perform(ctx, "sales.delivery", delivery.pk, "invoice", {}).made
    gate.perform(ctx, "sales.invoice", invoice.pk, "post", {})
    return invoice


@pytest.mark.requirement("P2")
def test_the_customers_figures_are_right(ctx: Context, customer: Any, product: Any, invoiced: Any) -> None:
    make = make_order(ctx, customer, product, "2")
    gate.perform(ctx, "sales.order", make.pk, "confirm", {})
    ctx.cache.clear()
    found = _dossier(ctx, "parties.customer", customer.pk)
    figures = _figures(found)
    assert figures["Sales this year"] == ("NT$ 300", "none last year")
    assert figures["Margin this year"][0] == "40.0%"
    assert figures["To be received"] == ("NT$ 315", "1 document")
    assert figures["Open orders"][0] == "NT$ 200" and figures["Open orders"][1].startswith("1 order")
    meter = found.meter
    assert meter is not None
    assert (meter.used, meter.limit, meter.right) == ("NT$ 525", "NT$ 10,000", "free NT$ 9,475")
    assert sum(share for share, _look in meter.shares) == pytest.approx(0.0525)
    titles = [str(card.title) for card in found.main]
    assert titles[:3] == ["Sales by month", "Open items", "Orders"]
    chart = found.main[0].chart
    assert chart is not None and len(chart.bars) == 12
    assert chart.bars[ctx.today.month - 1].now == 1.0
    people = next(card for card in found.side if str(card.title) == "Contacts")
    assert [p.name for p in people.people] == ["蔡明哲"]
    assert [s.href for s in found.shortcuts if s.main] == [f"/sales/orders/new/?customer={customer.pk}"]


def test_overdue_is_told_first(ctx: Context, customer: Any, invoiced: Any) -> None:
    from suite.finance.models import OpenItem

    OpenItem.objects.filter(pk=invoiced.pk).update(due_on=ctx.today - dt.timedelta(days=9))
    found = _dossier(ctx, "parties.customer", customer.pk)
    (owed,) = [f for f in found.figures if str(f.label) == "To be received"]
    assert (owed.note, owed.look) == ("overdue NT$ 315", "bad")
    assert found.meter is not None and found.meter.left == "overdue NT$ 315"
    card = next(c for c in found.main if str(c.title) == "Open items")
    assert card.table is not None and card.table.rows[0][1].note == "9 days late"


@pytest.mark.requirement("K2", "K4")
def test_each_reader_is_told_what_he_may_see(
    ctx: Context, as_role: Callable[..., Context], customer: Any, product: Any, invoiced: Any
) -> None:
    warehouse = _dossier(as_role("warehouse"), "parties.customer", customer.pk)
    labels = set(_figures(warehouse))
    assert "Margin this year" not in labels and "To be received" not in labels
    assert warehouse.meter is None
    assert not [c for c in warehouse.main if str(c.title) == "Open items"]
    mine = as_role("sales")
    gate.update(ctx, "parties.customer", customer.pk, {"owner": str(mine.employee_id)})
    told = _dossier(mine, "parties.customer", customer.pk)
    # the customer is his own now, the invoice and the order are another's
    assert _figures(told)["Sales this year"][0] == "NT$ 0"
    orders = next(c for c in told.main if str(c.title) == "Orders")
    assert orders.table is None and str(orders.empty) == "No orders yet."


@pytest.mark.requirement("C2")
def test_the_products_page_shows_the_arithmetic_by_warehouse(
    ctx: Context, customer: Any, product: Any, invoiced: Any
) -> None:
    order = make_order(ctx, customer, product, "50")
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    ctx.cache.clear()
    found = _dossier(ctx, "catalog.product", product.pk)
    figures = _figures(found)
    assert figures["Available"][0].startswith("−13")  # 40 − 3 shipped − 50 ordered
    assert figures["On hand"][0].startswith("37")
    assert figures["Cost"][0] == "NT$ 60" and figures["Cost"][1] == "40% margin at list price"
    assert figures["Sold, 12 months"][0].startswith("3")
    card = next(c for c in found.main if str(c.title) == "Availability by warehouse")
    assert card.table is not None
    assert [str(cell.text) for cell in card.table.rows[0][1:]] == ["37", "0", "0", "50", "−13", "0"]
    sales = next(c for c in found.main if str(c.title) == "Last sales")
    assert sales.table is not None
    assert [str(c.text) for c in sales.table.rows[0][1:3]] == ["鼎曜自動化", sales.table.rows[0][2].text]
    wanted = next(c for c in found.main if str(c.title) == "Demand and supply")
    assert wanted.table is not None and wanted.table.rows[0][2].text == "−50"


def test_cost_is_for_those_with_the_right(as_role: Callable[..., Context], product: Any) -> None:
    figures = _figures(_dossier(as_role("sales"), "catalog.product", product.pk))
    assert "Cost" not in figures and "Stock value" not in figures and "Available" in figures


def test_the_page_in_the_round_costs_few_queries_however_much_there_is(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any, invoiced: Any
) -> None:
    def cost() -> int:
        ctx.cache.clear()
        with CaptureQueriesContext(connection) as seen:
            _dossier(ctx, "parties.customer", customer.pk)
        return len(seen)

    before = cost()
    for _n in range(5):
        order = make_order(ctx, customer, product, "1")
        gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    assert cost() <= before <= 24
    page = visit().get(f"/parties/customers/{customer.pk}/")
    html = page.content.decode()
    assert page.status_code == 200 and "Sales by month: NT$ 300" in html and "蔡明哲" in html


@pytest.mark.requirement("S3", "S5")
def test_confirming_tells_beforehand_what_is_reserved_and_what_is_short(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any
) -> None:
    gate.update(ctx, "parties.customer", customer.pk, {"credit_limit": "100000"})
    order = make_order(ctx, customer, product, "50")
    at = f"/sales/orders/{order.pk}/do/confirm/"
    html = visit().post(at, {"preview": "1"}, HTTP_HX_REQUEST="true").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "LG-20H Linear guide" in text and "40 reserved now" in text and "10 " in text and "short" in text
    assert "nothing is on the way: it has to be bought" in text
    assert "NT$ 5,250 of NT$ 100,000 used with this order" in text
    order.refresh_from_db()
    assert order.state == Order.State.DRAFT
    from suite.inventory import api as inventory

    assert inventory.reserved(ctx, [order.lines.get().pk]) == {}


@pytest.mark.requirement("S5")
def test_the_steps_say_what_is_done_and_what_is_missing(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any
) -> None:
    def steps(pk: Any) -> list[tuple[str, str]]:
        html = visit().get(f"/sales/orders/{pk}/").content.decode()
        bar = html[html.index('class="k-steps"') : html.index("</ol>", html.index('class="k-steps"'))]
        found = re.findall(r'<li class="([^"]*)"[^>]*>(.*?)</li>', bar, re.S)
        return [(look, " ".join(re.sub(r"<[^>]+>", " ", inside).split())) for look, inside in found]

    order = make_order(ctx, customer, product, "50")
    draft = steps(order.pk)
    assert [look for look, _t in draft] == ["is-done", "is-now", "", "", "", ""]
    assert "no delivery date" in draft[1][1]
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    confirmed = steps(order.pk)
    assert confirmed[2][0] == "is-now" and "1 line short" in confirmed[2][1]
    gate.perform(ctx, "sales.order", order.pk, "cancel", {"reason": "no"})
    assert "Cancelled" in steps(order.pk)[-1][1]


@pytest.mark.requirement("S2")
def test_the_type_ahead_tells_availability_price_city_and_credit(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any, invoiced: Any
) -> None:
    address = {"kind": "main", "city": "新竹市", "street": "力行六路 18 號"}
    gate.update(ctx, "parties.customer", customer.pk, {"grade": "A", "addresses": [address]})
    client = visit()
    (row,) = client.get("/pick/catalog.product/", {"q": "LG", "customer": str(customer.pk)}).json()["results"]
    texts = [f["text"] for f in row["facts"]]
    assert texts[0].startswith("37 ") and texts[0].endswith("available") and texts[1] == "NT$ 100"
    (plain,) = client.get("/pick/catalog.product/", {"q": "LG"}).json()["results"]
    assert len(plain["facts"]) == 1  # no customer, no price
    (who,) = client.get("/pick/parties.customer/", {"q": "鼎曜"}).json()["results"]
    assert who["mark"] == "A" and who["extra"].startswith("新竹市 · ")
    assert who["facts"] == [{"text": "free NT$ 9.7K", "look": ""}]
    (unseen,) = visit("warehouse").get("/pick/parties.customer/", {"q": "鼎曜"}).json()["results"]
    assert "facts" not in unseen  # credit is not told without the right
