"""What a browser is told and what is not there: cookies behind TLS, doors that need e-mail, passwords."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
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


def test_files_of_a_company_are_the_services_own(company: Any, settings: Any, tmp_path: Path) -> None:
    from kontor.history import storage

    settings.FILES = tmp_path / "files"
    before = os.umask(0o022)
    try:
        key = storage.put([b"a contract"]).key
    finally:
        os.umask(before)
    assert b"".join(storage.get(key)) == b"a contract"
    made = sorted(p for p in settings.FILES.rglob("*"))
    assert [stat.S_IMODE(p.stat().st_mode) for p in (settings.FILES, *made)] == [0o700, 0o700, 0o700, 0o600]


@pytest.mark.parametrize("path", ["/accounts/login/", "/", "/nowhere/", "/api/v1/me/", "/static/kontor/js/shell.js"])
def test_every_answer_has_the_headers(visit: Any, path: str) -> None:
    answer = visit().get(path)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "Server" not in answer and "X-Powered-By" not in answer
    if path.startswith("/static/"):
        return
    assert answer["X-Frame-Options"] == "DENY"
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy and "report-uri /policy-violation/" in policy
    assert "geolocation=()" in answer["Permissions-Policy"] and "camera=(self)" in answer["Permissions-Policy"]
    caching = {part.strip() for part in answer["Cache-Control"].split(",")}
    assert "private" in caching and caching & {"no-store", "no-cache"}


def test_the_cookies_as_they_are_set(visit: Any, settings: Any) -> None:
    from kontor.identity.api import invite

    invite(username="mei", name="Mei", roles=["sales"], language="en", password="correct-horse-77")
    client = Client(HTTP_HOST="alpha.localhost")
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "mei", "password": "correct-horse-77"})
    client.post("/me/preference/", {"language": "en", "theme": "dark"})
    told = {n: (m["httponly"], m["samesite"], m["domain"], m["path"]) for n, m in client.cookies.items()}
    assert told[settings.SESSION_COOKIE_NAME] == told[settings.CSRF_COOKIE_NAME] == (True, "Lax", "", "/")
    assert told["kontor_theme"] == ("", "Lax", "", "/")  # read by the page; says nothing of anybody
    assert set(told) <= {
        settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "kontor_theme", "kontor_language", "messages",
    }  # fmt: skip


@pytest.mark.browser
def test_a_password_can_be_looked_at_and_a_new_one_is_weighed(browser: Any) -> None:
    page = browser("", width=375, height=800)
    field = page.locator("input[name=password]")
    field.fill("correct-horse-77")
    page.click("[data-reveal]")
    assert field.get_attribute("type") == "text"
    assert page.get_attribute("[data-reveal]", "aria-pressed") == "true"
    page.click("[data-reveal]")
    assert field.get_attribute("type") == "password"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = browser("sales")
    page.goto("/accounts/password/change/")
    meter = page.locator("meter[data-strength]")
    for word, weight in (("short", "1"), ("correct-horse", "2"), ("three unrelated plums", "4")):
        page.fill("input[name=password1]", word)
        assert str(int(meter.evaluate("m => m.value"))) == weight, word
