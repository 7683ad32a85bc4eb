"""Sign-in: by name or mail, the second factor, the lock-out with its sentence."""

from __future__ import annotations

import hmac
import struct
import time
from base64 import b32decode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from kontor.history.models import AuditEvent
from kontor.identity.api import invite
from kontor.identity.models import LoginAttempt, User

WORD = "correct-horse-77"


@pytest.fixture
def door(visit: Any) -> Client:
    """A browser that is not signed in, and the user ``mei`` of alpha."""
    invite(username="mei", name="林怡君", roles=["sales"], email="mei@example.com", language="en", password=WORD)
    return Client(HTTP_HOST="alpha.localhost", headers={"Accept-Language": "en"})


def _try(door: Client, name: str, word: str) -> Any:
    return door.post("/accounts/login/", {"login": name, "password": word})


@pytest.mark.requirement("K27")
def test_by_name_in_any_case_or_by_mail(door: Client) -> None:
    assert _try(door, "MEI", WORD)["Location"] == "/"
    assert door.get("/").context["ctx"].user_name == "林怡君"
    assert AuditEvent.objects.filter(verb="signed in", user_name="林怡君").count() == 1
    door.post("/accounts/logout/")
    assert door.get("/").status_code == 302
    assert _try(door, "mei@example.com", WORD)["Location"] == "/"


@pytest.mark.requirement("K27")
def test_the_fifth_wrong_password_locks_and_says_how_long(door: Client) -> None:
    for _n in range(4):
        assert "Too many" not in _try(door, "mei", "wrong").content.decode()
    locked = _try(door, "mei", "wrong").content.decode()
    assert "Too many wrong passwords. Wait 5 minutes" in locked
    right = _try(door, "mei", WORD)
    assert right.status_code == 200
    assert "Too many wrong passwords." in right.content.decode()
    LoginAttempt.objects.filter(username="mei").update(locked_until=None)
    assert _try(door, "mei", WORD).status_code == 302
    assert not LoginAttempt.objects.filter(username="mei").exists()


def test_an_unknown_name_is_treated_alike(door: Client) -> None:
    texts = {
        _try(door, "nobody", "wrong").content.count(b"k-notice"),
        _try(door, "mei", "wrong").content.count(b"k-notice"),
    }
    assert len(texts) == 1


def _code(secret: str, shift: int = 0) -> str:
    """RFC 6238, six digits, thirty seconds."""
    counter = int(time.time() // 30) + shift
    digest = hmac.new(b32decode(secret), struct.pack(">Q", counter), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.mark.requirement("K27")
def test_the_second_factor_is_set_up_asked_for_and_has_a_way_out(door: Client) -> None:
    _try(door, "mei", WORD)
    page = door.get("/accounts/2fa/totp/activate/", follow=True)
    if "reauthenticate" in page.request["PATH_INFO"]:
        page = door.post(
            page.request["PATH_INFO"] + "?next=/accounts/2fa/totp/activate/", {"password": WORD}, follow=True
        )
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    door.post("/accounts/2fa/totp/activate/", {"code": _code(secret)})
    user = User.objects.get(username="mei")
    assert Authenticator.objects.filter(user=user, type="totp").count() == 1
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    door.post("/accounts/logout/")
    asked = _try(door, "mei", WORD)
    assert asked["Location"].startswith("/accounts/2fa/authenticate/")
    assert door.get("/").status_code == 302
    assert "Second factor" in door.get("/accounts/2fa/authenticate/").content.decode()
    assert door.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert door.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert door.get("/").status_code == 200


def test_nobody_signs_up_by_himself(door: Client) -> None:
    before = User.objects.count()
    page = door.post("/accounts/signup/", {"username": "new", "password1": "something-long-1"})
    assert page.status_code == 200
    assert "By invitation" in page.content.decode()
    assert User.objects.count() == before
