"""The frame, the palette, type-ahead, workbench, reports, errors and headers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kontor.documents import gate
from kontor.history.models import Notification
from kontor.identity.models import ApiKey
from kontor.resources import registry
from kontor.web.shell import in_order


def test_pages_send_a_strict_policy_and_a_reference(visit: Any) -> None:
    page = visit().get("/")
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page["X-Content-Type-Options"] == "nosniff"
    assert len(page["X-Request-ID"]) >= 8
    kept = visit().get("/", headers={"X-Request-ID": "abcdef-12345"})
    assert kept["X-Request-ID"] == "abcdef-12345"
    assert " style=" not in page.content.decode()
    assert "onclick" not in page.content.decode()


def test_nobody_is_sent_to_the_sign_in_and_back(company: Any, visit: Any) -> None:
    client = visit()
    client.cookies.clear()
    answer = client.get("/sales/orders/?show=board")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=%2Fsales%2Forders%2F%3Fshow%3Dboard"


@pytest.mark.requirement("K2")
def test_the_menu_shows_what_the_role_may_see(visit: Any) -> None:
    everything = {e.resource for g in visit().get("/").context["shell"].groups for e in g.entries}
    warehouse = visit("warehouse").get("/").context["shell"]
    shown = {e.resource for g in warehouse.groups for e in g.entries}
    assert shown < everything
    assert "inventory.warehouse" in shown
    assert "finance.voucher" not in shown


def test_the_menu_follows_the_flow_of_work() -> None:
    names = [s.name for s in in_order([s for s in registry.specs() if s.menu == "sales"])]
    assert names.index("sales.quotation") < names.index("sales.order") < names.index("sales.delivery")
    assert names.index("sales.order") < names.index("sales.invoice")


def test_type_ahead_puts_codes_that_begin_with_the_word_first(visit: Any, ctx: Any) -> None:
    gate.create(ctx, "catalog.product", {"code": "AX-9", "name": "Zeta BX rail", "list_price": "1"})
    gate.create(ctx, "catalog.product", {"code": "BX-1", "name": "Alpha", "list_price": "1"})
    client = visit()
    found = json.loads(client.get("/pick/catalog.product/?q=bx").content)["results"]
    assert [r["code"] for r in found] == ["BX-1", "AX-9"]
    assert found[0]["name"] == "Alpha"
    nothing = json.loads(client.get("/pick/catalog.product/?q=zzzzz").content)
    assert nothing == {"results": [], "none": "Nothing found for “zzzzz”."}
    assert visit("warehouse").get("/pick/finance.receipt/?q=1").status_code == 403


@pytest.mark.requirement("K21")
def test_the_palette_finds_by_chinese_and_offers_what_can_be_made(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "鼎曜自動化股份有限公司", "phone": "03-578-2210"})
    text = visit().get("/find/?q=自動化").content.decode()
    assert "鼎曜<mark>自動化</mark>股份有限公司" in text
    assert f"/sales/orders/new/?customer={customer.pk}" in text
    assert "鼎曜" in visit().get("/find/?q=03-578-2210").content.decode()
    sly = gate.create(ctx, "parties.customer", {"name": "<b>Bold</b> & Sons"})
    assert sly.pk
    assert "&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; &amp; Sons" in visit().get("/find/?q=bold").content.decode()
    assert "鼎曜" not in visit("sales").get("/find/?q=自動化").content.decode()


def test_the_documents_of_a_party_do_not_crowd_it_out(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Crowded Ltd"})
    product = gate.create(ctx, "catalog.product", {"code": "CR-1", "name": "Thing", "list_price": "10"})
    lines = [{"product": str(product.pk), "quantity": "1", "unit_price": "10"}]
    rows = [{"customer": str(customer.pk), "lines": lines} for _ in range(30)]
    gate.create_many(ctx, "sales.order", rows)
    assert f'data-href="/parties/customers/{customer.pk}/"' in visit().get("/find/?q=crowded").content.decode()


@pytest.mark.requirement("K11", part="own drafts")
def test_the_workbench_greets_and_shows_ones_drafts(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Draft Buyer"})
    product = gate.create(ctx, "catalog.product", {"code": "W-1", "name": "Thing", "list_price": "10"})
    lines = [{"product": str(product.pk), "quantity": "1", "unit_price": "10"}]
    gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": lines})
    page = visit().get("/").content.decode()
    assert "My drafts" in page
    assert "Draft Buyer" in page


def test_a_refusal_is_a_page_or_a_notice(visit: Any) -> None:
    client = visit("viewer")
    page = client.get("/settings/users/")
    assert page.status_code == 403
    assert "Only an administrator may open this page." in page.content.decode()
    part = client.get("/settings/users/", headers={"HX-Request": "true"})
    assert part["HX-Retarget"] == "#notices"
    assert "<html" not in part.content.decode()
    assert client.get("/no/such/page/").status_code == 404


def test_notifications_are_counted_followed_and_read(visit: Any) -> None:
    client = visit()
    note = Notification.objects.create(user=client.user, text="Look here", link="/parties/customers/")
    away = Notification.objects.create(user=client.user, text="Elsewhere", link="//evil.example/")
    assert client.get("/").context["shell"].unread == 2
    assert client.get(f"/notifications/{note.pk}/")["Location"] == "/parties/customers/"
    assert client.get(f"/notifications/{away.pk}/")["Location"] == "/"
    assert visit("sales").get(f"/notifications/{note.pk}/").status_code == 404
    note.refresh_from_db()
    assert note.read_at is not None


@pytest.mark.requirement("I14")
def test_a_key_is_shown_once_and_ends_when_revoked(visit: Any) -> None:
    client = visit()
    made = client.post("/me/keys/", {"name": "web shop"})
    key = made.context["fresh"]
    assert key in made.content.decode()
    assert key not in client.get("/me/keys/").content.decode()
    row = ApiKey.objects.get(name="web shop")
    assert visit("sales").post(f"/me/keys/{row.pk}/revoke/").status_code == 404
    client.post(f"/me/keys/{row.pk}/revoke/")
    row.refresh_from_db()
    assert row.revoked_at is not None


def test_language_and_look_are_kept(visit: Any) -> None:
    client = visit()
    answer = client.post("/me/preference/", {"language": "zh-hans", "theme": "dark", "next": "//evil.example/"})
    assert answer["Location"] == "/"
    client.user.refresh_from_db()
    assert client.user.language == "zh-hans"
    page = client.get("/")
    assert 'lang="zh-Hans" data-bs-theme="dark"' in page.content.decode()


def test_a_report_has_its_page_its_file_and_its_right(visit: Any) -> None:
    client = visit("accountant")
    assert client.get("/reports/").status_code == 200
    page = client.get("/reports/trial-balance/")
    assert page.status_code == 200
    file = client.get("/reports/trial-balance/?format=xlsx")
    assert file.content[:2] == b"PK"
    wrong = client.get("/reports/ageing/?as_of=nonsense")
    assert wrong.status_code == 422
    assert visit("warehouse").get("/reports/trial-balance/").status_code == 403
