"""Sessions end on the server: without use, at the latest after the company's hours, and by hand; ASVS 3.3.2."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from kontor.configuration import api as configuration
from kontor.identity import sessions
from kontor.identity.api import invite
from kontor.identity.models import Session
from tests.web.conftest import until

WORD = "correct-horse-77"
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


@pytest.fixture
def mei(visit: Any) -> Client:
    """``mei`` of alpha, signed in at the door."""
    invite(username="mei", name="林怡君", roles=["sales"], language="en", password=WORD)
    client = Client(HTTP_HOST="alpha.localhost", headers={"Accept-Language": "en"})
    client.post("/accounts/login/", {"login": "mei", "password": WORD})
    return client


def _row(client: Client) -> Session:
    return Session.objects.get(pk=client.cookies[settings.SESSION_COOKIE_NAME].value)


def _ago(client: Client, *, begun: dt.timedelta, seen: dt.timedelta) -> None:
    """As if it had begun and been used last so long ago."""
    now = timezone.now()
    end = sessions.limits().end(now - begun, now - seen)
    Session.objects.filter(pk=_row(client).pk).update(begun_at=now - begun, seen_at=now - seen, expire_date=end)


@pytest.mark.requirement("K16")
def test_half_an_hour_without_use_or_twelve_hours_end_it(mei: Client) -> None:
    row = _row(mei)
    assert abs(row.expire_date - row.seen_at - 30 * MINUTE) < MINUTE
    _ago(mei, begun=11 * HOUR, seen=29 * MINUTE)
    assert mei.get("/").status_code == 200
    assert _row(mei).expire_date - timezone.now() > 29 * MINUTE  # used: the idle time begins anew
    _ago(mei, begun=12 * HOUR - 10 * MINUTE, seen=5 * MINUTE)
    assert mei.get("/").status_code == 200
    left = _row(mei).expire_date - timezone.now()
    assert 9 * MINUTE < left < 11 * MINUTE  # but never beyond twelve hours
    _ago(mei, begun=11 * HOUR, seen=31 * MINUTE)
    answer = mei.get("/sales/orders/?state=draft")
    assert answer["Location"] == "/accounts/login/?next=%2Fsales%2Forders%2F%3Fstate%3Ddraft&ended=1"
    door = mei.get(answer["Location"]).content.decode()
    assert "Your session has ended" in door
    back = mei.post(answer["Location"], {"login": "mei", "password": WORD, "next": "/sales/orders/?state=draft"})
    assert back["Location"] == "/sales/orders/?state=draft"


@pytest.mark.requirement("K16")
def test_the_company_sets_the_limits_and_shorter_ones_count_at_once(mei: Client, visit: Any) -> None:
    admin = visit()
    _ago(mei, begun=3 * HOUR, seen=20 * MINUTE)
    told = {"security.idle_minutes": "60", "security.session_hours": "24", "security.second_factor": "nobody"}
    assert admin.post("/settings/security/", told).status_code == 302
    assert mei.get("/").status_code == 200
    assert _row(mei).expire_date - timezone.now() > 59 * MINUTE
    _ago(mei, begun=3 * HOUR, seen=20 * MINUTE)
    assert admin.post("/settings/security/", {**told, "security.idle_minutes": "15"}).status_code == 302
    assert mei.get("/").status_code == 302
    for name, wrong in (("idle_minutes", "4"), ("session_hours", "337"), ("second_factor", "x")):
        assert admin.post("/settings/security/", {**told, f"security.{name}": wrong}).status_code == 422
    assert configuration.get("security.idle_minutes") == 15
    assert visit("manager").post("/settings/security/", told).status_code == 403
    assert configuration.get("security.idle_minutes") == 15


def test_what_scripts_ask_by_themselves_keeps_no_session(mei: Client) -> None:
    _ago(mei, begun=HOUR, seen=29 * MINUTE)
    assert mei.get("/shell/counts/").status_code == 200
    told = json.loads(mei.get("/shell/session/").content)
    assert 30 < told["left"] <= 60
    assert _row(mei).expire_date - timezone.now() <= MINUTE
    assert json.loads(mei.post("/shell/session/").content)["left"] > 29 * 60
    _ago(mei, begun=HOUR, seen=31 * MINUTE)
    gone = mei.get("/shell/session/", headers={"HX-Request": "true"})
    assert (gone.status_code, gone["X-Kontor"]) == (401, "signed-out")


def test_at_the_door_a_session_lives_half_an_hour(visit: Any) -> None:
    from kontor.identity.session_store import SessionStore

    store = SessionStore()
    store["account_login"] = {}
    store.save()
    row = Session.objects.get(pk=store.session_key)
    assert row.user_id is None
    assert abs(row.expire_date - timezone.now() - 30 * MINUTE) < MINUTE


def test_signing_in_gives_another_key_and_clears_what_ended_long_ago(mei: Client) -> None:
    before = _row(mei).pk
    Session.objects.create(pk="x" * 32, session_data="", expire_date=timezone.now() - dt.timedelta(days=2))
    mei.post("/accounts/logout/")
    assert not Session.objects.filter(pk=before).exists()
    mei.cookies[settings.SESSION_COOKIE_NAME] = "y" * 32  # a key that somebody else would like to be used
    mei.post("/accounts/login/", {"login": "mei", "password": WORD})
    assert _row(mei).pk not in (before, "y" * 32)
    assert len(_row(mei).pk) == 32
    assert not Session.objects.filter(pk="x" * 32).exists()


def test_a_changed_password_ends_the_other_sessions(mei: Client) -> None:
    other = Client(HTTP_HOST="alpha.localhost")
    other.post("/accounts/login/", {"login": "mei", "password": WORD})
    assert other.get("/").status_code == 200
    new = "three unrelated plums"
    mei.post("/accounts/password/change/", {"oldpassword": WORD, "password1": new, "password2": new})
    assert mei.get("/").status_code == 200
    assert other.get("/").status_code == 302


@pytest.mark.requirement("K16")
def test_other_sessions_are_shown_and_ended(mei: Client) -> None:
    other = Client(HTTP_HOST="alpha.localhost")
    other.post("/accounts/login/", {"login": "mei", "password": WORD}, headers={"User-Agent": "Firefox/1 Linux"})
    devices = mei.get("/me/").context["devices"]
    assert sorted((d["here"], d["name"]) for d in devices) == [(False, "Firefox · Linux"), (True, "")]
    handle = next(d["handle"] for d in devices if not d["here"])
    assert mei.post("/me/devices/", {"device": handle}).status_code == 302
    assert other.get("/").status_code == 302
    assert mei.get("/").status_code == 200
    assert len(mei.get("/me/").context["devices"]) == 1


def test_nothing_of_a_session_is_readable_in_the_database_and_a_new_secret_keeps_it(mei: Client) -> None:
    data = _row(mei).session_data
    assert data.startswith("sealed:")
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert mei.get("/").status_code == 200
    with override_settings(SECRET_KEY="another"):  # renewed on the way: the old key may go
        assert mei.get("/").status_code == 200
    with override_settings(SECRET_KEY="a third"):
        assert mei.get("/").status_code == 302


@pytest.mark.browser
def test_what_was_being_written_survives_the_end_of_the_session(browser: Any, site: Any) -> None:
    from django.db import connection

    from tenants.provisioning import in_tenant

    page = browser("sales", path="/parties/customers/new/")
    page.fill("form[data-form] [name=name]", "永豐 half written")
    page.wait_for_timeout(900)
    with in_tenant(site.name):
        Session.objects.all().update(expire_date=timezone.now())
    connection.set_schema_to_public()
    page.click("form[data-form] button.is-main")
    until(page, lambda: "/accounts/login" in page.url)
    assert "Your session has ended" in page.inner_text("main")
    page.fill("input[name=login]", "sales")
    page.fill("input[name=password]", site.users["sales"])
    page.click("main button.is-main")
    until(page, lambda: "/parties/customers/new/" in page.url)
    page.click("[data-kept-take]")
    assert page.input_value("form[data-form] [name=name]") == "永豐 half written"


@pytest.mark.browser
def test_two_minutes_before_the_end_it_is_said_and_one_can_stay(browser: Any, site: Any) -> None:
    from django.db import connection

    from tenants.provisioning import in_tenant

    page = browser("sales", width=375, height=800)
    with in_tenant(site.name):
        Session.objects.all().update(expire_date=timezone.now() + dt.timedelta(seconds=100))
    connection.set_schema_to_public()
    page.reload()
    until(page, lambda: page.locator("#notices [data-stay]").count() == 1, 8)
    page.click("#notices [data-stay]")
    until(page, lambda: page.locator("#notices [data-stay]").count() == 0)
    with in_tenant(site.name):
        assert max(s.expire_date for s in Session.objects.all()) > timezone.now() + 20 * MINUTE
    connection.set_schema_to_public()
