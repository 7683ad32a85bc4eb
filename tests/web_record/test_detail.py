"""The page of a record: what it shows, to whom, and what it counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.history import api as history
from tests.web_record.conftest import make_order


def _text(html: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.decode()).split())


@pytest.mark.requirement("S2")
def test_the_page_of_an_order_shows_head_lines_and_sums(visit: Callable[..., Any], order: Any) -> None:
    page = visit().get(f"/sales/orders/{order.pk}/")
    assert page.status_code == 200
    text = _text(page.content)
    for words in (
        "鼎曜自動化",
        "Draft",
        "Confirm",
        "LG-20H",
        "Linear guide",
        "List price",
        "Total NT$ 315",
        "created it",
    ):
        assert words in text, words
    assert "disabled" in page.content.decode()  # "Deliver" is shown, locked, with its reason
    assert "Possible once it is: Confirmed." in text


def test_what_one_may_not_is_not_offered(visit: Callable[..., Any], order: Any) -> None:
    page = visit("viewer").get(f"/sales/orders/{order.pk}/")
    assert page.status_code == 200
    html = page.content.decode()
    assert f"/sales/orders/{order.pk}/edit/" not in html and "/do/confirm/" not in html
    assert "Margin" not in html  # guarded by the right "cost"
    assert visit("viewer").post(f"/sales/orders/{order.pk}/do/confirm/").status_code == 403
    assert visit("viewer").get(f"/sales/orders/{order.pk}/edit/").status_code == 403


def test_out_of_scope_is_not_found(visit: Callable[..., Any], order: Any) -> None:
    client = visit("sales")  # sees its own documents only
    for path in ("", "edit/", "do/confirm/", "timeline/", "why/", "print/order.pdf", "people/"):
        assert client.get(f"/sales/orders/{order.pk}/{path}").status_code == 404, path
    assert client.post(f"/sales/orders/{order.pk}/comment/", {"text": "x"}).status_code == 404


@pytest.mark.requirement("S5")
def test_counts_equal_the_lists_they_open(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    gate.perform(ctx, "sales.order", order.pk, "deliver", {})
    client = visit()
    html = client.get(f"/sales/orders/{order.pk}/").content.decode()
    smart = re.findall(r'<a href="([^"]+)"[^>]*><i class="ti[^>]*></i>(\w+) <b>(\d+)</b>', html)
    counts = {label: (href.replace("&amp;", "&"), int(n)) for href, label, n in smart}
    assert counts["Deliveries"][1] == 1 and counts["Invoices"][1] == 0
    for href, n in counts.values():
        assert client.get(href).content.decode().count("<tr data-id=") == n


@pytest.mark.requirement("K24")
def test_the_trace_leads_from_the_quotation_to_the_invoice(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any
) -> None:
    lines = [{"product": str(product.pk), "quantity": "2"}]
    quotation = gate.create(ctx, "sales.quotation", {"customer": str(customer.pk), "lines": lines})
    gate.perform(ctx, "sales.quotation", quotation.pk, "send", {})
    order = gate.perform(ctx, "sales.quotation", quotation.pk, "accept", {}).made
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    gate.perform(ctx, "sales.order", order.pk, "deliver", {})
    html = visit().get(f"/sales/orders/{order.pk}/").content.decode()
    strip = html[html.index('class="k-trace"') : html.index("</ol>", html.index('class="k-trace"'))]
    kinds = re.findall(r"<li[^>]*><small>([^<]+)</small>", strip)
    assert kinds == ["Quotation", "Sales order", "Delivery", "Invoice"]
    assert "none yet" in strip and f"/sales/quotations/{quotation.pk}/" in strip


def test_comments_files_and_following(visit: Callable[..., Any], ctx: Context, order: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client, at = visit(), f"/sales/orders/{order.pk}/"
    script = {"HTTP_HX_REQUEST": "true"}
    side = client.post(f"{at}comment/", {"text": "<b>@admin</b> 請看", "token": "one"}, **script)
    assert side.status_code == 200 and "&lt;b&gt;" in side.content.decode()
    client.post(f"{at}comment/", {"text": "<b>@admin</b> 請看", "token": "one"}, **script)
    said = [e for e in history.timeline(ctx, "sales.order", order.pk) if e.kind == "comment"]
    assert [e.text for e in said] == ["<b>@admin</b> 請看"]  # sent twice, said once
    sent = {"file": SimpleUploadedFile("../圖 1.html", b"<script>alert(1)</script>", content_type="text/html")}
    assert client.post(f"{at}files/", sent, **script).status_code == 200
    (file,) = history.files_of(ctx, "sales.order", order.pk)
    assert file.name == "圖 1.html"
    got = client.get(f"{at}files/{file.id}/")
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert got["Content-Disposition"].startswith("attachment") and "sandbox" in got["Content-Security-Policy"]
    assert visit("sales").get(f"{at}files/{file.id}/").status_code == 404
    client.post(f"{at}follow/", {"on": "1"}, **script)
    assert "Following" in client.get(at).content.decode()
    client.post(f"{at}files/{file.id}/remove/", {}, **script)
    assert history.files_of(ctx, "sales.order", order.pk) == []


def test_a_draft_is_deleted_once_and_a_numbered_one_never(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any, order: Any
) -> None:
    client = visit()
    done = client.post(f"/sales/orders/{order.pk}/delete/", {"token": "t"})
    assert (done.status_code, done["Location"]) == (302, "/sales/orders/")
    assert client.get(f"/sales/orders/{order.pk}/").status_code == 404
    kept = make_order(ctx, customer, product, "1")
    gate.perform(ctx, "sales.order", kept.pk, "confirm", {})
    refused = client.post(f"/sales/orders/{kept.pk}/delete/", {"token": "u"})
    assert refused.status_code == 409 and "Only a draft can be deleted" in refused.content.decode()
    assert client.get(f"/sales/orders/{kept.pk}/").status_code == 200


@pytest.mark.requirement("K3", "K19")
def test_why_it_is_seen_and_the_print(visit: Callable[..., Any], order: Any) -> None:
    client = visit()
    assert "So the record is shown." in _text(client.get(f"/sales/orders/{order.pk}/why/").content)
    paper = client.get(f"/sales/orders/{order.pk}/print/order.pdf")
    assert paper.status_code == 200 and paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert client.get(f"/sales/orders/{order.pk}/print/nothing.pdf").status_code == 404


def test_every_resource_opens(visit: Callable[..., Any], ctx: Context) -> None:
    """New forms and pages of whatever there is: no resource is without them."""
    from kontor.resources import registry
    from kontor.surfaces.query import Ask, select

    client = visit()
    for spec in registry.specs():
        if spec.creatable:
            assert client.get(f"/{spec.path}/new/").status_code == 200, spec.name
        for row in select(ctx, spec, Ask(fields=[], limit=1)).rows:
            assert client.get(f"/{spec.path}/{row['id']}/").status_code == 200, spec.name
            if spec.editable:
                assert client.get(f"/{spec.path}/{row['id']}/edit/").status_code in (200, 302), spec.name


def test_the_page_asks_no_more_for_more_lines(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(n: int) -> int:
        lines = [{"product": str(product.pk), "quantity": "1"}] * n
        made = gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": lines})
        client = visit()
        client.get(f"/sales/orders/{made.pk}/")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/sales/orders/{made.pk}/").status_code == 200
        return len(seen)

    assert cost(30) <= cost(2) + 1


@pytest.mark.requirement("S6")
def test_the_filled_button_is_what_comes_next(
    visit: Callable[..., Any], ctx: Context, customer: Any, product: Any
) -> None:
    order = make_order(ctx, customer, product, "3")

    def filled() -> list[str]:
        page = visit().get(f"/sales/orders/{order.pk}/")
        return [b.action.name for b in page.context["head"].buttons if b.main]

    assert filled() == ["confirm"]
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    assert filled() == ["deliver"]
    delivery = gate.perform(ctx, "sales.order", order.pk, "deliver", {}).made
    gate.perform(ctx, "sales.delivery", delivery.pk, "ship", {})
    assert filled() == ["invoice"]
