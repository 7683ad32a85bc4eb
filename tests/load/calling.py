"""Callers over HTTP that cost little themselves: kept connections, one thread each, no library between."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class Caller:
    """One kept connection to the server, as one company's caller."""

    def __init__(self, port: int, host: str, headers: Mapping[str, str]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fixed = {"Host": host, **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in fixed.items()).encode()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def get(self, path: str, expected: int = 200) -> bytes:
        """The body of an answer; an error where it is another status."""
        return self._send(b"GET %b HTTP/1.1\r\n%b\r\n" % (path.encode(), self._head), path, expected)

    def post(self, path: str, body: Any, expected: int = 200, kind: str = "application/json") -> bytes:
        """The body of an answer to a body in JSON (or text of another kind)."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = b"POST %b HTTP/1.1\r\n%bContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
        return self._send(head % (path.encode(), self._head, kind.encode(), len(text)) + text, path, expected)

    def _send(self, request: bytes, path: str, expected: int) -> bytes:
        self._socket.sendall(request)
        head, _sep, body = self._until(b"\r\n\r\n", b"").partition(b"\r\n\r\n")
        fields = head.lower()
        if b"content-length:" in fields:
            length = int(fields.partition(b"content-length:")[2].partition(b"\r\n")[0])
            pieces = [body]
            missing = length - len(body)
            while missing > 0:
                pieces.append(self._more())
                missing -= len(pieces[-1])
            body = b"".join(pieces)
        elif b"chunked" in fields:
            body = _joined(self._until(b"\r\n0\r\n\r\n", body))
        if int(head[9:12]) != expected:
            raise AssertionError(f"{path}: {head[:200]!r} {body[:500]!r}")
        return body

    def _until(self, end: bytes, body: bytes) -> bytes:
        while end not in body:
            body += self._more()
        return body

    def _more(self) -> bytes:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server hung up")
        return piece


def _joined(body: bytes) -> bytes:
    """A body that came in chunks."""
    pieces = []
    while (size := int(body[: (line := body.index(b"\r\n"))], 16)) > 0:
        pieces.append(body[line + 2 : line + 2 + size])
        body = body[line + 4 + size :]
    return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Told:
    """What several callers saw at once: milliseconds of each deed, and seconds by the clock."""

    took: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Deeds a second."""
        return len(self.took) / self.seconds


def at_once(callers: list[Caller], deed: Callable[[Caller, int], Any], seconds: float) -> Told:
    """Each caller does the deed again and again for so long; the first error of any is raised."""
    took: list[list[float]] = [[] for _ in callers]
    wrong: list[BaseException] = []
    begun = time.perf_counter()

    def work(at: int) -> None:
        n = at
        try:
            while not wrong and (now := time.perf_counter()) - begun < seconds:
                deed(callers[at], n)
                took[at].append((time.perf_counter() - now) * 1000)
                n += len(callers)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
    return Told([ms for mine in took for ms in mine], time.perf_counter() - begun)


def signed_in(name: str) -> dict[str, str]:
    """The headers of the administrator's browser in a company, as if just signed in, in English."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils.crypto import get_random_string

    from kontor.identity.models import User
    from kontor.identity.session_store import SessionStore
    from tenants.provisioning import in_tenant

    with in_tenant(name):
        user = User.objects.get(username="admin")
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    token = get_random_string(32)
    cookies = {settings.SESSION_COOKIE_NAME: session.session_key, settings.CSRF_COOKIE_NAME: token}
    return {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items()), "X-CSRFToken": token}
