"""The workbench as people arrange it, the first steps, sessions, being signed out, and the pages around a company."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from kontor.configuration import api as configuration
from kontor.documents import gate
from kontor.identity.models import Session
from kontor.web import agents, errors
from kontor.web.models import Arrangement

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _names(page: Any) -> dict[str, list[str]]:
    return {place: [c.name for c in cards] for place, cards in page.context["columns"]}


def test_cards_are_moved_shortened_and_put_away_for_the_person_alone(visit: Any) -> None:
    client = visit()
    before = _names(client.get("/"))
    assert "web.recent" in before["know"]
    value = {
        "places": {"wide": ["web.states"], "do": ["web.recent", "web.drafts", "no.such"], "know": []},
        "hidden": ["web.notes"],
        "sizes": {"web.recent": "short", "no.such": "short"},
    }
    assert client.post("/", {"value": json.dumps(value)}).status_code == 204
    after = client.get("/")
    assert _names(after)["do"][:2] == ["web.recent", "web.drafts"]
    assert [c.name for c in after.context["wide"]] == ["web.states"]
    shown = [name for names in _names(after).values() for name in names]
    assert "web.notes" not in shown
    again = client.get("/?arrange=1")
    away = [c.name for _place, cards in again.context["columns"] for c in cards if c.hidden]
    assert away == ["web.notes"]
    assert _names(visit("manager").get("/"))["know"] != []
    client.post("/", {"reset": "1"})
    assert _names(client.get("/")) == before


def test_a_role_begins_with_what_an_administrator_arranged(visit: Any) -> None:
    value = {"places": {}, "hidden": ["web.notes"], "sizes": {}}
    seller = visit("sales")
    assert seller.post("/", {"value": json.dumps(value), "role": "sales"}).status_code == 403
    assert not Arrangement.objects.exists()
    visit().post("/", {"value": json.dumps(value), "role": "sales"})
    names = [name for cards in _names(seller.get("/")).values() for name in cards]
    assert "web.notes" not in names
    others = [name for cards in _names(visit("viewer").get("/")).values() for name in cards]
    assert "web.notes" in others
    assert seller.post("/", {"value": "nonsense"}).status_code == 422


def test_a_new_company_is_led_until_everything_is_there(visit: Any, ctx: Any) -> None:
    client = visit()
    card = next(c for c in client.get("/").context["columns"][0][1] if c.name == "web.starting")
    steps = {row.title: row.look for row in card.card.rows}
    assert steps["Customers"] == ""
    gate.create(ctx, "parties.customer", {"name": "First"})
    card = next(c for c in client.get("/").context["columns"][0][1] if c.name == "web.starting")
    assert {row.title: row.look for row in card.card.rows}["Customers"] == "ok"
    assert "web.starting" not in [n for cards in _names(visit("sales").get("/")).values() for n in cards]


def test_a_logo_is_kept_for_papers_and_anything_else_is_refused(visit: Any, ctx: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from kontor.surfaces.printing.letterhead import logo

    client = visit()
    form = client.get("/settings/company/").context
    given = {"company_name": form["firm"].name, "zone": form["firm"].zone, "language": form["firm"].language}
    given["module"] = [m.name for m, _on in form["modules"]]
    wrong = client.post("/settings/company/", {**given, "logo": SimpleUploadedFile("x.png", b"<svg onload=1>")})
    assert wrong.status_code == 422
    assert not configuration.get("company.logo")
    assert client.post("/settings/company/", {**given, "logo": SimpleUploadedFile("x.png", PIXEL)}).status_code == 302
    ctx.cache.clear()
    assert logo(ctx) == PIXEL
    client.post("/settings/company/", {**given, "logo_remove": "on"})
    ctx.cache.clear()
    assert logo(ctx) == b""


@pytest.mark.requirement("K27")
def test_another_device_is_signed_out(visit: Any) -> None:
    one = visit("sales")
    Session.objects.filter(user=one.user).update(agent="Mozilla/5.0 (Windows NT 10.0) Chrome/126.0", address="10.0.0.7")
    from kontor.identity.session_store import SessionStore

    old = Session.objects.get(user=one.user)
    second = SessionStore()
    for name, value in SessionStore(old.session_key).items():
        second[name] = value
    second.save()
    away = Client(HTTP_HOST="alpha.localhost")
    away.cookies["sessionid"] = second.session_key or ""
    assert away.get("/").status_code == 200
    page = one.get("/me/")
    assert [d["here"] for d in page.context["devices"]].count(True) == 1
    assert second.session_key not in page.content.decode()
    other = next(d for d in page.context["devices"] if not d["here"])
    assert visit("viewer").post("/me/devices/", {"device": other["handle"]}).status_code == 404
    assert one.post("/me/devices/", {"device": other["handle"]}).status_code == 302
    assert away.get("/").status_code == 302
    assert one.get("/").status_code == 200


def test_a_browser_in_words() -> None:
    assert agents.name("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36") == (
        "Chrome · Windows"
    )
    assert agents.name("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1") == (
        "Safari · iPhone"
    )
    assert agents.name("curl/8.5") == "curl/8.5"


def test_a_session_that_ended_leaves_the_page_as_it_is(visit: Any) -> None:
    client = visit()
    client.cookies.pop("sessionid")
    part = client.get("/sales/orders/?state=draft", headers={"HX-Request": "true"})
    assert (part.status_code, part["X-Kontor"], part["HX-Reswap"]) == (401, "signed-out", "none")
    assert "HX-Redirect" not in part
    script = client.get("/pick/parties.customer/?q=x", headers={"Sec-Fetch-Mode": "cors"})
    assert script.status_code == 401
    form = client.post(
        "/views/parties/customers/", headers={"Referer": "http://alpha.localhost/parties/customers/?q=x"}
    )
    assert form["Location"] == "/accounts/login/?next=%2Fparties%2Fcustomers%2F%3Fq%3Dx"
    away = client.post("/views/parties/customers/", headers={"Referer": "http://evil.example/x"})
    assert away["Location"] == "/accounts/login/?next=%2F"
    assert json.loads(visit().get("/shell/token/").content)["token"]


def test_an_unknown_host_is_told_in_the_callers_language(company: Any) -> None:
    nobody = Client(HTTP_HOST="nobody.localhost")
    page = nobody.get("/", headers={"Accept": "text/html", "Accept-Language": "zh-Hans"})
    assert page.status_code == 404
    assert '<html lang="zh-Hans"' in page.content.decode()
    assert "nobody.localhost" in page.content.decode()
    assert nobody.get("/api/v1/")["Content-Type"].startswith("text/plain")


def test_what_breaks_is_told_in_the_companys_language(company: Any) -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": "en"})
    request.tenant = company  # type: ignore[attr-defined]
    try:
        raise OperationalError("away")
    except OperationalError:
        gone = errors.server_error(request)
    assert (gone.status_code, gone["Retry-After"]) == (503, "60")
    assert 'lang="zh-Hant"' in gone.content.decode()
    assert errors.server_error(request).status_code == 500


def test_a_missing_slash_is_mended_and_an_unknown_page_is_a_page(visit: Any) -> None:
    client = visit()
    assert client.get("/sales/orders?state=draft")["Location"] == "/sales/orders/?state=draft"
    lost = client.get("/sales/nothing/")
    assert lost.status_code == 404
    assert "<html" in lost.content.decode()
