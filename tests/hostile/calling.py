"""How a shot reaches the product: inside the test's transaction, or over a real server."""

from __future__ import annotations

import http.client
import time
import traceback
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test import Client

from tests.hostile.judging import Answer
from tests.hostile.shot import Shot
from tests.hostile.world import World

_SECRET = "x" * 32  # a CSRF secret that cookie and header share


class Inside:
    """Django's own test client; each call is taken back, so that one leaves nothing for the next."""

    def __init__(self, world: World) -> None:
        self.world, self.client = world, Client(raise_request_exception=False)
        self.fault = ""

    def __call__(self, shot: Shot) -> Answer:
        tenant = connection.tenant
        mark = transaction.savepoint()
        begun = time.monotonic()
        got_request_exception.connect(self._note)
        self.fault = ""
        try:
            response = self._sent(shot)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            connection.set_tenant(tenant)
            if response.status_code < 500:
                self._commit()
            status = 500 if self.fault else response.status_code
            return Answer(status, dict(response.headers), body, time.monotonic() - begun, self.fault)
        finally:
            got_request_exception.disconnect(self._note)
            connection.set_tenant(tenant)
            self.mark = mark

    def take_back(self) -> None:
        """Undo the last call."""
        transaction.savepoint_rollback(self.mark)

    def _sent(self, shot: Shot) -> Any:
        self.client.cookies.clear()
        self.client.cookies[settings.SESSION_COOKIE_NAME] = self.world.session
        headers = {"Host": self.world.host, "Accept-Language": "en", **shot.headers}
        if shot.door.is_api:
            headers.setdefault("Authorization", f"Bearer {self.world.key}")
        if "Cookie" in headers:
            headers["Cookie"] += f"; {settings.SESSION_COOKIE_NAME}={self.world.session}"
        return self.client.generic(
            shot.method,
            shot.path,
            data=shot.body,
            content_type=shot.content_type or "application/octet-stream",
            headers=headers,
            QUERY_STRING=shot.query,
        )

    def _commit(self) -> None:
        """What the database would say at the end of the transaction; it must have nothing against it."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except Exception as error:
            self.fault = f"at commit: {error}"

    def _note(self, sender: Any = None, **_more: Any) -> None:
        self.fault = traceback.format_exc()[-1800:]

    def forms(self, path: str) -> list[tuple[str, str]]:
        """The named values of the forms on a page."""
        response = self.client.generic("GET", path, headers={"Host": self.world.host}, HTTP_COOKIE=self._cookie)
        connection.set_tenant(connection.tenant)
        return fields_of(response.content) if response.status_code == 200 and not response.streaming else []

    @property
    def _cookie(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.world.session}"


class Wire:
    """HTTP to a server on this machine, one connection a call."""

    def __init__(self, world: World, address: str) -> None:
        parts = urlsplit(address)
        self.world, self.host, self.port = world, parts.hostname or "127.0.0.1", parts.port or 80

    def __call__(self, shot: Shot) -> Answer:
        headers = {"Host": self.world.host, "Accept-Language": "en", "Cookie": self._cookie}
        headers |= {"X-CSRFToken": _SECRET, "Origin": f"http://{self.world.host}"}
        if shot.door.is_api:
            headers["Authorization"] = f"Bearer {self.world.key}"
        if shot.content_type:
            headers["Content-Type"] = shot.content_type
        for name, value in shot.headers.items():
            headers[name] = f"{value}; {self._cookie}" if name == "Cookie" else value
        target = f"{shot.path}?{shot.query}" if shot.query else shot.path
        return self._sent(shot.method, target, shot.body, headers)

    def forms(self, path: str) -> list[tuple[str, str]]:
        """The named values of the forms on a page."""
        answer = self._sent("GET", path, b"", {"Host": self.world.host, "Cookie": self._cookie})
        return fields_of(answer.body) if answer.status == 200 else []

    def _sent(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        begun = time.monotonic()
        link = http.client.HTTPConnection(self.host, self.port, timeout=120)
        try:
            link.request(method, target, body or None, headers)
            answer = link.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read(), time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            return Answer(599, {}, b"", time.monotonic() - begun, f"no answer: {error!r}")
        finally:
            link.close()

    @property
    def _cookie(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.world.session}; {settings.CSRF_COOKIE_NAME}={_SECRET}"


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.open: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag in ("input", "button") and name:
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.found.append((name, given.get("value") or ""))
        elif tag in ("select", "textarea") and name:
            self.open = name
            if tag == "textarea":
                self.found.append((name, ""))
        elif tag == "option" and self.open and ("selected" in given or all(n != self.open for n, _v in self.found)):
            self.found.append((self.open, given.get("value") or ""))

    def handle_data(self, data: str) -> None:
        if self.open and self.found and self.found[-1][0] == self.open and not self.found[-1][1]:
            self.found[-1] = (self.open, data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.open = ""


def fields_of(page: bytes) -> list[tuple[str, str]]:
    """Name and value of every field in the page's forms, one a name but for lists; the last one wins in ``do``."""
    reader = _Fields()
    reader.feed(page.decode("utf-8", "replace"))
    return [(n, v) for n, v in reader.found if n not in ("csrfmiddlewaretoken", "theme", "density")]
