"""The form: values in, errors at their place, versions, the draft computed, actions from panels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.resources import registry
from kontor.web.record.widgets import widget_of
from suite.sales.models import Order
from tests.factories import make


def _form(html: str) -> dict[str, str]:
    """The hidden values that a browser would send back."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {k: v.replace("&quot;", '"') for k, v in found if k in ("token", "version", "was", "id")}


def test_a_new_order_is_made_once(visit: Callable[..., Any], customer: Any, product: Any) -> None:
    client = visit()
    hidden = _form(client.get("/sales/orders/new/").content.decode())
    lines = json.dumps([{"product": str(product.pk), "quantity": "2", "discount": "5%"}])
    data = {**hidden, "customer": str(customer.pk), "lines.lines": lines}
    first, second = client.post("/sales/orders/new/", data), client.post("/sales/orders/new/", data)
    assert first.status_code == second.status_code == 302 and first["Location"] == second["Location"]
    (order,) = Order.objects.filter(customer_id=customer.pk)
    line = order.lines.get()
    assert (line.quantity, line.discount, line.unit_price, line.amount) == (2, Decimal("0.05"), 100, 190)
    assert first["Location"] == f"/sales/orders/{order.pk}/"


def test_errors_stand_at_fields_and_cells_and_nothing_is_kept(
    visit: Callable[..., Any], customer: Any, product: Any
) -> None:
    client = visit()
    lines = json.dumps([{"product": str(product.pk), "quantity": "many"}, {"product": "no-such", "quantity": "1"}])
    page = client.post("/sales/orders/new/", {"token": "a", "promised_on": "soon", "lines.lines": lines})
    assert page.status_code == 422
    html = page.content.decode()
    assert "Not saved: 3 values are not right." in html
    grid = json.loads(re.search(r'<script type="application/json">(.+?)</script>', html, re.S)[1])  # type: ignore[index]
    assert grid["errors"]["0"] == {"quantity": "A number is expected here."}
    assert "no-such" in grid["errors"]["1"]["product"]
    assert [r["values"]["quantity"] for r in grid["rows"]] == ["many", "1"]
    assert 'value="soon"' in html and "A date like 2026-11-22 is expected here." in html
    assert not Order.objects.filter(customer_id=customer.pk).exists()
    again = client.post(
        "/sales/orders/new/",
        {
            "token": "a",
            "customer": str(customer.pk),
            "lines.lines": json.dumps([{"product": "LG-20H", "quantity": "1"}]),
        },
    )
    assert again.status_code == 302  # the token of a refused form may be used again


@pytest.mark.requirement("S2")
def test_two_people_change_different_fields(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    client, at = visit(), f"/sales/orders/{order.pk}/edit/"
    hidden = _form(client.get(at).content.decode())
    gate.update(ctx, "sales.order", order.pk, {"customer_reference": "PO-1"})
    stale = client.post(at, {**hidden, "customer_reference": "", "note": "careful"})
    html = stale.content.decode()
    assert stale.status_code == 412
    assert "Customer&#x27;s number – → PO-1" in html and "careful" in html
    assert 'name="customer_reference" value="PO-1"' in html  # not touched here, so the other's value
    hidden = _form(html)
    done = client.post(at, {**hidden, "customer_reference": "PO-1", "note": "careful"})
    assert done.status_code == 302
    order.refresh_from_db()
    assert (order.customer_reference, order.note) == ("PO-1", "careful")


def test_frozen_fields_are_locked_with_their_reason(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    client, at = visit(), f"/sales/orders/{order.pk}/edit/"
    html = client.get(at).content.decode()
    assert "Locked while it is: Confirmed." in html and 'name="customer"' not in html
    done = client.post(at, {**_form(html), "note": "later"})
    assert done.status_code == 302
    order.refresh_from_db()
    assert order.note == "later"


@pytest.mark.requirement("S3")
def test_the_draft_is_computed_and_nothing_written(visit: Callable[..., Any], customer: Any, product: Any) -> None:
    client = visit()
    lines = json.dumps([{"product": "LG-20H", "quantity": "50"}, {"product": "unknown", "quantity": "1"}])
    data = {"customer": str(customer.pk), "lines.lines": lines, "sums": "net tax total margin", "turn": "7"}
    told = client.post("/sales/orders/calc/", data).json()
    assert (told["ok"], told["turn"], told["skipped"]) == (True, "7", [1])
    assert "unknown" in told["errors"]["lines"]["1"]["product"]
    (row,) = told["lines"]["lines"]
    assert (row["shown"]["unit_price"], row["notes"]["unit_price"], row["shown"]["amount"]) == (
        "100",
        "List price",
        "5,000",
    )
    assert row["fact"]["text"] == "40" and row["fact"]["look"] == "short"
    assert [s["text"] for s in told["sums"]] == ["5,000", "250", "5,250", "2,000 · 40%"]
    assert told["fields"]["currency"] == "TWD"
    assert not Order.objects.exists()
    needs = client.post("/sales/orders/calc/", {"lines.lines": lines}).json()
    assert (needs["ok"], needs["needs"]) == (False, ["customer"])


def test_margins_are_not_told_to_those_without_the_right(
    visit: Callable[..., Any], as_role: Callable[..., Context], product: Any
) -> None:
    client = visit("sales")
    customer = gate.create(as_role("admin"), "parties.customer", {"name": "Any", "owner": str(client.user.employee_id)})
    data = {
        "customer": str(customer.pk),
        "lines.lines": json.dumps([{"product": "LG-20H", "quantity": "1"}]),
        "sums": "net margin total",
    }
    told = client.post("/sales/orders/calc/", data)
    assert told.json()["ok"] is True
    assert "margin" not in told.content.decode().lower()


def test_quick_forms_answer_what_the_picker_takes(visit: Callable[..., Any]) -> None:
    client = visit()
    page = client.get("/parties/customers/new/?quick=1").content.decode()
    assert "data-quickform" in page and "k-shell" not in page
    made = client.post("/parties/customers/new/?quick=1", {"token": "q", "quick": "1", "name": "新客戶"})
    assert made.status_code == 201 and made.json()["name"] == "新客戶" and made.json()["code"].startswith("C-")
    assert client.post("/parties/customers/new/?quick=1", {"token": "r", "quick": "1"}).status_code == 422


def test_a_copy_begins_with_the_values_but_no_number(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    html = visit().get(f"/sales/orders/new/?copy={order.pk}").content.decode()
    assert "SO-" not in html and "鼎曜自動化" in html
    grid = json.loads(re.search(r'<script type="application/json">(.+?)</script>', html, re.S)[1])  # type: ignore[index]
    assert [r["values"]["quantity"] for r in grid["rows"]] == ["3"] and grid["rows"][0]["id"] == ""


@pytest.mark.requirement("S6")
def test_an_action_with_a_panel_makes_a_document_once(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    client, at = visit(), f"/sales/orders/{order.pk}/do/deliver/"
    panel = client.get(at, HTTP_HX_REQUEST="true").content.decode()
    assert 'value="3"' in panel and "LG-20H" in panel and "k-shell" not in panel
    assert "k-shell" in client.get(at).content.decode()  # the same without a script
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', panel))
    body = {**hidden, "lines.0.quantity": "2"}
    first = client.post(at, body, HTTP_HX_REQUEST="true")
    second = client.post(at, body, HTTP_HX_REQUEST="true")
    assert first.status_code == 200 and first.json() == second.json()
    assert re.fullmatch(r"/sales/deliveries/[0-9a-f-]{36}/", first.json()["go"])
    page = client.get(first.json()["go"]).content.decode()
    assert "Made from SO-" in page


@pytest.mark.requirement("S6", "F3")
def test_a_preview_shows_vouchers_and_moves_and_does_nothing(
    visit: Callable[..., Any], ctx: Context, order: Any
) -> None:
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    delivery = gate.perform(ctx, "sales.order", order.pk, "deliver", {}).made
    shown = visit().post(f"/sales/deliveries/{delivery.pk}/do/ship/", {"preview": "1"}, HTTP_HX_REQUEST="true")
    html = shown.content.decode()
    assert "Voucher" in html and "180" in html  # three pieces at a cost of 60
    delivery.refresh_from_db()
    assert delivery.state == "draft"


def test_refusals_stand_in_the_panel_and_on_the_page(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    client, at = visit(), f"/sales/orders/{order.pk}/do/"
    empty = client.post(f"{at}cancel/", {"token": "c"}, HTTP_HX_REQUEST="true")
    assert empty.status_code == 422 and "A value is needed here." in empty.content.decode()
    wrong = client.post(f"{at}deliver/", {"token": "d"})
    assert wrong.status_code == 409
    assert "is not possible while this sales order is Draft" in wrong.content.decode()
    order.refresh_from_db()
    assert order.state == "draft"
    assert client.get(f"{at}nothing/").status_code == 404


def test_only_the_dates_that_are_declared_begin_with_today(ctx: Context) -> None:
    spec = registry.spec("finance.posting_rule")
    day = spec.fields["valid_from"]
    assert (day.required, spec.today) == (True, ("valid_from",))
    assert widget_of(ctx, spec, day, None, {}, {}).value == str(ctx.today)
    assert widget_of(ctx, spec, day, None, {"valid_from": ""}, {}).value == ""  # what was typed wins
    silent = widget_of(ctx, replace(spec, today=()), day, None, {}, {})
    assert (silent.value, silent.if_empty) == ("", "")
    order = registry.spec("sales.order")
    taken = widget_of(ctx, order, order.fields["ordered_on"], None, {}, {})
    assert (taken.value, taken.if_empty) == ("", str(ctx.today))


def test_a_draft_without_a_number_is_not_called_as_its_list(
    ctx: Context, visit: Callable[..., Any], customer: Any, product: Any
) -> None:
    order = make(ctx, "sales.order")
    page = visit().get(f"/sales/orders/{order.pk}/edit/")
    assert [str(c["label"]) for c in page.context["crumbs"]] == ["Sales orders", "(no number)", "Edit"]
