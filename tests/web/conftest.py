"""A served company and a real browser for the tests of the screens.

``client`` talks to the views inside the test's transaction; ``site`` is a live server in a thread on a
company of its own, really committed; ``browser`` drives headless Chromium on it.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.test import Client

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]
PICTURES = Path(os.environ.get("KONTOR_TEST_OUTPUT", settings.ROOT / "test-output")) / "screens"


@pytest.fixture
def visit(company: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    """``visit("sales")`` → a client of alpha signed in as a new user of that role (admin: the first one)."""
    from kontor.identity.api import invite
    from kontor.identity.models import User
    from kontor.identity.session_store import SessionStore

    monkeypatch.setattr("tenants.middleware.tenant_scope", _inside_the_test)

    def make(role: str = "admin", language: str = "en") -> Client:
        if role == "admin":
            user = User.objects.get(username="admin")
            user.language = language
            user.save(update_fields=["language"])
        else:
            user = invite(username=f"{role}-{os.urandom(3).hex()}", name=role.title(), roles=[role], language=language)[
                0
            ]
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        proof = {"method": "password", "at": time.time()}  # signed in just now
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [proof]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        client = Client(HTTP_HOST="alpha.localhost")
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
        client.user = user  # type: ignore[attr-defined]
        return client

    return make


class _inside_the_test:
    """The test's own transaction already serves the company."""

    def __init__(self, tenant: Any) -> None:
        self.tenant = tenant

    def __enter__(self) -> None:
        connection.set_tenant(self.tenant)

    def __exit__(self, *_error: Any) -> None:
        return None


@dataclass
class Site:
    """The live server and how people get in."""

    url: str
    name: str
    users: dict[str, str] = field(default_factory=dict)  # user name → password


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        return None


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """A committed company served on a free port of 127.0.0.1; dropped after the module."""
    from django.core.wsgi import get_wsgi_application

    from kontor.identity.api import invite
    from kontor.identity.models import User
    from tenants.company import found_company
    from tenants.provisioning import drop_tenant, in_tenant

    with django_db_blocker.unblock():
        founded = found_company(f"screen-{os.urandom(3).hex()}", title="禾岳精機", country="tw", language="en")
        users = {"admin": founded.password}
        with in_tenant(founded.tenant.name):
            User.objects.filter(username="admin").update(name="周雅婷", language="en")
            for role in ("sales", "warehouse", "viewer"):
                users[role] = invite(username=role, name=role.title(), roles=[role], language="en")[1]
        server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Site(f"http://{founded.tenant.name}.localhost:{server.server_port}", founded.tenant.name, users)
        server.shutdown()
        thread.join(5)
        connection.set_schema_to_public()
        drop_tenant(founded.tenant)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless browser for all tests; skipped with a reason where there is none."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    if not (settings.VENDOR / "htmx.org" / "htmx.min.js").exists():
        pytest.skip("the front-end files are not there; ./kontor fetches them")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    yield _running()


@cache
def _running() -> Any:
    """The browser of this process, whichever conftest asks first: a second driver could not start."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the driver's loop runs in this thread, our queries too
    driver = sync_playwright().start()
    atexit.register(driver.stop)
    return driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)


@pytest.fixture
def browser(chromium: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """``browser("admin", width=375)`` → a page, signed in; whatever the console reports fails the test."""
    contexts, reports = [], []

    def open_page(user: str = "admin", *, width: int = 1440, height: int = 900, path: str = "/") -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, base_url=site.url)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: reports.append(str(error)))
        page.on(
            "console", lambda m: reports.append(m.text) if m.type == "error" and "Content Security" in m.text else None
        )
        page.goto(f"/accounts/login/?next={path}")
        if user:
            page.fill("input[name=login]", user)
            page.fill("input[name=password]", site.users[user])
            page.click("main button.is-main")
            page.wait_for_selector("html[data-ready] .k-shell")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert reports == []


def until(page: Any, holds: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait in small steps; the driver's own wait needs eval, which the content policy forbids."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        page.wait_for_timeout(50)


def picture(page: Any, name: str) -> None:
    """Keep a picture of the page as output of CI."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"))
