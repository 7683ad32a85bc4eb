"""What a browser is told and what is not there: cookies behind TLS, doors that need e-mail, passwords."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from tests.web.conftest import until

_TOLD = """
import json
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
                  s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.SECURE_HSTS_SECONDS >= 31536000,
                  s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.DEBUG]))
"""


def test_behind_tls_cookies_are_bound_to_the_host() -> None:
    environ = {**os.environ, "KONTOR_HTTPS": "1"}
    told = subprocess.run([sys.executable, "-c", _TOLD], env=environ, capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == ["__Host-session", "__Host-csrf", True, True, True, "Lax", True, True, False]


@pytest.mark.parametrize(
    "path", ["password/reset/", "password/reset/done/", "password/set/", "email/", "confirm-email/x/"]
)
def test_doors_that_need_mail_are_not_there(visit: Any, path: str) -> None:
    for client in (visit(), Client(HTTP_HOST="alpha.localhost")):
        assert client.get(f"/accounts/{path}").status_code == 404
        assert client.post(f"/accounts/{path}", {"email": "admin@example.com"}).status_code == 404
    assert mail.outbox == []


@pytest.mark.parametrize("word", ["short-1234", "administrator", "1q2w3e4r5t6y"])
def test_a_weak_password_is_refused(company: Any, word: str) -> None:
    from kontor.identity.models import User

    with pytest.raises(ValidationError):
        validate_password(word, User(username="administrator"))


@pytest.mark.browser
def test_signing_out_leaves_nothing_in_the_browser(browser: Any) -> None:
    page = browser("admin")
    for key in ("kontor-searches", "kontor-draft:somebody:/x/"):
        page.evaluate("key => localStorage.setItem(key, '[]')", key)
    page.evaluate("document.querySelector(\"form[action*='/accounts/logout']\").requestSubmit()")
    until(page, lambda: "/accounts/login" in page.url)
    assert (
        page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('kontor-draft') || k === 'kontor-searches')")
        == []
    )
