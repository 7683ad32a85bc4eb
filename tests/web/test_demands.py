"""What is demanded before anything else: a password of one's own, a second factor where the company says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kontor.configuration import api as configuration
from kontor.history.models import AuditEvent, Notification
from kontor.identity.api import invite
from kontor.identity.models import User
from tests.web.test_signing import WORD, _code

OWN = "three unrelated plums"


def _door(username: str, word: str) -> tuple[Client, Any]:
    client = Client(HTTP_HOST="alpha.localhost", headers={"Accept-Language": "en"})
    return client, client.post("/accounts/login/", {"login": username, "password": word})


def _change(client: Client, old: str, new: str) -> Any:
    return client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.requirement("K27")
def test_a_first_password_must_be_replaced_before_anything_else(visit: Any) -> None:
    page = visit().post("/settings/users/new/", {"username": "lin", "name": "Lin", "role": ["sales"], "language": "en"})
    word = page.context["word"]
    lin, answer = _door("lin", word)
    assert answer["Location"] == "/"
    assert lin.get("/")["Location"] == "/accounts/password/change/"
    assert lin.get("/sales/orders/")["Location"] == "/accounts/password/change/"
    assert lin.post("/parties/customers/new/", {"name": "Sly"})["Location"] == "/accounts/password/change/"
    api = lin.get("/api/v1/sales/orders/")
    assert (api.status_code, api.json()["code"]) == (403, "password_change_needed")
    for header in ("", " ", "Bearer kk_nothing"):  # no header opens what the session may not
        assert lin.get("/sales/orders/", headers={"Authorization": header}).status_code == 302
        assert lin.get("/api/v1/sales/orders/", headers={"Authorization": header}).status_code in (401, 403)
    assert lin.get("/shell/counts/?of=sales.order")["Location"] == "/accounts/password/change/"
    assert lin.get("/shell/token/").status_code == 200
    assert "made by somebody else" in lin.get("/accounts/password/change/").content.decode()
    for weak in (word, "password2026!", "short"):
        assert _change(lin, word, weak).status_code == 200
        assert User.objects.get(username="lin").check_password(word)
    assert _change(lin, word, OWN)["Location"] == "/me/"
    assert lin.get("/").status_code == 200
    user = User.objects.get(username="lin")
    assert (user.check_password(OWN), user.password_until) == (True, None)
    assert AuditEvent.objects.filter(resource="identity.user", record_id=user.pk, verb="password changed").count() == 1


def test_a_first_password_opens_for_a_week(visit: Any) -> None:
    word = invite(username="lin", name="Lin", roles=["sales"], language="en", temporary=True)[1]
    left = User.objects.get(username="lin").password_until - timezone.now()
    assert dt.timedelta(days=6, hours=23) < left <= dt.timedelta(days=7)
    User.objects.filter(username="lin").update(password_until=timezone.now() - dt.timedelta(seconds=1))
    client, answer = _door("lin", word)
    assert answer.status_code == 200
    assert "was not used in time" in answer.content.decode()
    assert client.get("/").status_code == 302


def test_a_reset_password_ends_sessions_and_must_be_replaced(visit: Any) -> None:
    admin, seller = visit(), visit("sales")
    word = admin.post(f"/settings/users/{seller.user.pk}/", {"do": "reset"}).context["word"]
    assert seller.get("/").status_code == 302
    client, _answer = _door(seller.user.username, word)
    assert client.get("/")["Location"] == "/accounts/password/change/"
    assert admin.post(f"/settings/users/{admin.user.pk}/", {"do": "reset"}).status_code == 409
    assert admin.get("/").status_code == 200
    told = Notification.objects.get(user=seller.user)
    assert told.text.startswith("You were given a new password. It was not you?")


@pytest.mark.requirement("K27")
@pytest.mark.parametrize(
    ("who", "demanded"), [("nobody", ()), ("administrators", ("manager",)), ("everybody", ("manager", "sales"))]
)
def test_the_company_demands_a_second_factor(visit: Any, who: str, demanded: tuple[str, ...]) -> None:
    configuration.put({"security.second_factor": who})
    for role in ("manager", "sales"):
        answer = visit(role).get("/")
        assert answer.status_code == (302 if role in demanded else 200), role
        if role in demanded:
            assert answer["Location"] == "/accounts/2fa/totp/activate/"


def test_who_sets_it_up_goes_on_and_who_loses_it_sets_it_up_anew(visit: Any) -> None:
    configuration.put({"security.second_factor": "everybody"})
    user = invite(username="mei", name="Mei", roles=["sales"], language="en", password=WORD)[0]
    mei, _answer = _door("mei", WORD)
    part = mei.get("/sales/orders/", headers={"HX-Request": "true"})
    assert (part.status_code, "demands a second factor" in part.content.decode()) == (403, True)
    page = mei.get("/accounts/2fa/totp/activate/")  # signed in just now: not asked again
    assert mei.post("/accounts/2fa/totp/activate/", {"code": _code(page.context["form"].secret)}).status_code == 302
    assert mei.get("/").status_code == 200
    admin = visit()
    configuration.put({"security.second_factor": "nobody"})
    assert admin.post(f"/settings/users/{user.pk}/", {"do": "factor"}).status_code == 302
    assert Notification.objects.get(user=user).text.startswith("The second factor of your account was removed.")
    configuration.put({"security.second_factor": "everybody"})
    assert mei.get("/")["Location"] == "/accounts/2fa/totp/activate/"


def test_a_new_second_factor_is_told_after_the_commit(site: Any) -> None:
    """Really committed, because allauth tells it then, when no company is set any more."""
    from django.db import connection

    from tenants.provisioning import in_tenant

    door = Client(HTTP_HOST=f"{site.name}.localhost", headers={"Accept-Language": "en"})
    door.post("/accounts/login/", {"login": "viewer", "password": site.users["viewer"]})
    page = door.get("/accounts/2fa/totp/activate/")
    assert door.post("/accounts/2fa/totp/activate/", {"code": _code(page.context["form"].secret)}).status_code == 302
    with in_tenant(site.name):
        user = User.objects.get(username="viewer")
        assert Notification.objects.get(user=user).text.startswith("A second factor was set up for your account.")
        verbs = AuditEvent.objects.filter(record_id=user.pk).order_by("at").values_list("verb", flat=True)
        assert list(verbs) == ["signed in", "second factor set up"]
    connection.set_schema_to_public()
