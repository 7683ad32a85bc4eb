"""A caller of the API as callers should be: one key a deed, the same deed again until it is answered."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.faults.installation import Failed

PATIENCE = 600.0  # seconds until an answer must have come


@dataclass
class Seen:
    """What all callers together met."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)  # one failed: nobody goes on
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, *, wrong: str = "") -> None:
        """Count an answer or a lost connection."""
        with self._lock:
            self.answers[what] += 1
            if wrong and len(self.wrong) < 20:
                self.wrong.append(wrong)

    def waited(self, seconds: float) -> None:
        """How long one deed took until it was answered, all attempts together."""
        with self._lock:
            self.longest = max(self.longest, seconds)


@dataclass
class Answer:
    """An answer: status, headers by lower name, the JSON value or the bytes."""

    status: int
    headers: dict[str, str]
    body: Any
    replayed: bool = False
    cookies: str = ""


class Caller:
    """One connection to the API, kept as long as it holds; not for several threads."""

    def __init__(self, company: dict[str, Any], port: int, seen: Seen | None = None) -> None:
        self.company, self.port, self.patience = company, port, PATIENCE
        self.seen = seen or Seen()
        self.headers: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None

    def once(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One attempt; OSError or HTTPException where the connection was lost."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            self._connection.request(
                method, path if path.startswith("/") else f"/api/v1/{path}", body=sent,
                headers={
                    "Host": self.company["host"], "Authorization": f"Bearer {self.company['api_key']}",
                    "Content-Type": "application/json", **self.headers, **(headers or {}),
                },
            )  # fmt: skip
            response = self._connection.getresponse()
            read = response.read()
        except BaseException:
            self.close()
            raise
        told = {name.lower(): value for name, value in response.getheaders()}
        cookies = "; ".join(value.partition(";")[0] for value in response.headers.get_all("Set-Cookie") or ())
        value = json.loads(read) if "json" in told.get("content-type", "") and read else read
        return Answer(response.status, told, value, told.get("idempotency-replayed") == "true", cookies)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def deed(self, method: str, path: str, body: Any = None, *, key: str = "") -> Answer:
        """Until it is answered by something else than a lost connection, 503 or “still running”."""
        begun = time.monotonic()
        pause = 0.2
        while True:
            try:
                answer = self.once(method, path, body, {"Idempotency-Key": key} if key else None)
            except (OSError, http.client.HTTPException) as error:
                self.seen.note(f"lost:{type(error).__name__}")
            else:
                code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
                self.seen.note(str(answer.status) if answer.status < 400 else f"{answer.status} {code}".strip())
                if answer.status == 503:
                    self._check_503(path, answer)
                elif answer.status >= 500:
                    self.seen.note("fault", wrong=f"{method} {path}: {answer.status} {answer.body!r:.300}")
                elif not (answer.status == 409 and code in ("in_progress", "busy")):
                    self.seen.waited(time.monotonic() - begun)
                    return answer
            if self.seen.stop.is_set():
                raise Failed("stopped, because another failed")
            if time.monotonic() - begun > self.patience:
                raise Failed(f"{method} {path} was not answered within {self.patience:.0f} s")
            time.sleep(pause)
            pause = min(2.0, pause * 1.5)

    def _check_503(self, path: str, answer: Answer) -> None:
        """It must say when to come again, and a sentence, in the form that the API always has."""
        said = answer.body.get("detail") if isinstance(answer.body, dict) else None
        if "retry-after" not in answer.headers or not said:
            self.seen.note("bare 503", wrong=f"{path}: 503 without Retry-After or sentence: {answer.body!r:.200}")

    def must(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        """The same; Failed unless it was done; the JSON value."""
        answer = self.deed(method, path, body, key=key)
        if answer.status not in (200, 201, 202):
            raise Failed(f"{method} {path}: {answer.status} {answer.body!r:.500}")
        return answer.body

    def sign_in(self) -> None:
        """As a person in a browser, who tries again; from then on pages may be asked for too."""
        begun = time.monotonic()
        while True:
            try:
                return self._sign_in()
            except (OSError, http.client.HTTPException, Failed):
                if self.seen.stop.is_set() or time.monotonic() - begun > self.patience:
                    raise
                time.sleep(1)

    def _sign_in(self) -> None:
        self.headers = {"Accept": "text/html", "Content-Type": "text/plain"}
        page = self.deed("GET", "/accounts/login/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page.body)
        if page.status != 200 or token is None:
            raise Failed(f"the page to sign in: {page.status}")
        self.headers["Cookie"] = page.cookies
        user = self.company["users"][0]
        form = {"csrfmiddlewaretoken": token[1].decode(), "login": user["username"], "password": user["password"]}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.once("POST", "/accounts/login/", urlencode(form).encode(), kind)
        if answer.status != 302:
            raise Failed(f"signing in: {answer.status}")
        self.headers["Cookie"] = f"{page.cookies}; {answer.cookies}"
