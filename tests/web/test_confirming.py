"""Changes of users, roles, keys and of the rules of signing in ask who is there (ASVS 3.7.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from kontor.access.models import Role
from kontor.configuration import api as configuration
from kontor.history.models import AuditEvent, Notification
from kontor.identity.models import ApiKey, LoginAttempt, Session, User

WORD = "correct-horse-77"


@pytest.fixture
def stale(visit: Any) -> Client:
    """The administrator, who signed in longer ago than the time of grace."""
    client = visit()
    client.user.set_password(WORD)
    client.user.save()
    client = visit()
    _grow_old(client)
    return client


def _grow_old(client: Client) -> None:
    from kontor.identity.session_store import SessionStore

    store = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    for proof in store["account_authentication_methods"]:
        proof["at"] -= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    store.modified = True
    store.save()


def test_every_such_change_asks_and_nothing_is_done_before(stale: Client) -> None:
    other = User.objects.exclude(username="admin").first() or User.objects.get(username="admin")
    role = Role.objects.get(code="sales")
    for path, given in (
        ("/settings/users/new/", {"username": "sly", "name": "Sly", "role": ["admin"]}),
        (f"/settings/users/{other.pk}/", {"do": "reset"}),
        ("/settings/roles/", {"code": "sly", "name": "Sly"}),
        (f"/settings/roles/{role.pk}/", {"scope": "all"}),
        ("/settings/security/", {"security.second_factor": "everybody"}),
        ("/me/keys/", {"name": "sly"}),
        ("/me/", {"name": "Sly", "email": "sly@example.com"}),
    ):
        assert stale.get(path).status_code == 200, path
        answer = stale.post(path, given)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/accounts/reauthenticate/?next="), path
    assert not User.objects.filter(username="sly").exists()
    assert not Role.objects.filter(code="sly").exists()
    assert Role.objects.get(code="sales").scope == role.scope
    assert not ApiKey.objects.filter(name="sly").exists()
    assert not User.objects.filter(email="sly@example.com").exists()
    assert configuration.get("security.second_factor") == "nobody"


@pytest.mark.requirement("K27")
def test_what_was_sent_is_done_once_the_password_came_and_then_not_asked_again(stale: Client) -> None:
    asked = stale.post("/settings/users/new/", {"username": "lin", "name": "Lin", "role": ["sales"]})
    assert "Confirm that it is you" in stale.get(asked["Location"]).content.decode()
    wrong = stale.post(asked["Location"], {"password": "wrong"})
    assert wrong.status_code == 200
    assert not User.objects.filter(username="lin").exists()
    assert AuditEvent.objects.filter(verb="confirmation failed", user=stale.user).count() == 1  # type: ignore[attr-defined]
    done = stale.post(asked["Location"], {"password": WORD, "next": "/settings/users/new/"})
    assert done.context["word"]
    assert User.objects.get(username="lin").name == "Lin"
    assert stale.post("/me/keys/", {"name": "shop"}).context["fresh"].startswith("kk_")
    assert Notification.objects.filter(user=stale.user, text__startswith="An API key was made").count() == 1  # type: ignore[attr-defined]


def test_five_wrong_ones_lock_the_name(stale: Client) -> None:
    for _n in range(5):
        page = stale.post("/accounts/reauthenticate/?next=/me/", {"password": "wrong"})
    assert "Too many wrong passwords." in page.content.decode()
    assert LoginAttempt.objects.get(username="admin").failures == 5
    assert "Too many" in stale.post("/accounts/reauthenticate/", {"password": WORD}).content.decode()


def test_the_sent_form_waits_in_a_sealed_session(stale: Client) -> None:
    stale.post("/settings/users/new/", {"username": "waiting-one", "name": "Lin", "role": ["sales"]})
    row = Session.objects.get(pk=stale.cookies[settings.SESSION_COOKIE_NAME].value)
    assert "waiting-one" in str(row.get_decoded())
    assert "waiting-one" not in row.session_data
