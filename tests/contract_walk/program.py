"""A program at the other end of a socket: the outer contract as one who has only read it tries it."""

from __future__ import annotations

import http.client
import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]


@dataclass
class Answer:
    """What came back: status, headers, bytes, and the JSON in them."""

    status: int
    headers: dict[str, str]
    raw: bytes
    body: Any = None


@dataclass
class Program:
    """Calls a company's API at an address, by the host the company has."""

    address: str  # http://127.0.0.1:8000
    host: str
    key: str
    currency: str = "TWD"
    _n: Any = field(default_factory=lambda: itertools.count(1))

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One call; header names with underscores for hyphens."""
        link = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=120)
        sent = {"Host": self.host, "Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        where = path if path.startswith("/") else f"/api/v1/{path}"
        if where.startswith("http"):
            parts = urlsplit(where)
            where = f"{parts.path}?{parts.query}"
        try:
            link.request(method, where, raw, sent)
            response = link.getresponse()
            content = response.read()
        finally:
            link.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, content)
        if "json" in found.get("content-type", "") and content:
            answer.body = json.loads(content)
        return answer

    def follow(self, url: str) -> Answer:
        """GET an absolute address of ours."""
        parts = urlsplit(url)
        return self("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def get(self, path: str) -> Json:
        """The body of a GET that must succeed."""
        return self._must(self("GET", path), 200, path)

    def make(self, path: str, body: Json, status: int = 201, **headers: str) -> Json:
        """The body of a POST that must succeed."""
        return self._must(self("POST", path, body, **headers), status, path)

    def act(self, record: Json, path: str, action: str, body: Json | None = None, status: int = 200) -> Json:
        """An action that must succeed."""
        return self._must(self("POST", f"{path}/{record['id']}/{action}/", body or {}), status, f"{path} {action}")

    def refused(self, answer: Answer, status: int, code: str = "", pointer: str = "") -> Json:
        """The problem of a call that must be refused so."""
        assert answer.status == status, (answer.status, answer.body)
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert {"type", "title", "status", "detail", "code", "errors", "request_id"} <= set(answer.body)
        assert answer.body["status"] == status
        if code:
            assert answer.body["code"] == code, answer.body
        if pointer:
            assert pointer in [e["pointer"] for e in answer.body["errors"]], answer.body
        body: Json = answer.body
        return body

    def word(self, prefix: str) -> str:
        """A name that nothing else has."""
        return f"{prefix}{next(self._n):03}"

    @staticmethod
    def _must(answer: Answer, status: int, what: str) -> Json:
        assert answer.status == status, (what, answer.status, answer.body)
        body: Json = answer.body
        return body

    def money(self, whole: int, cents: int = 0) -> str:
        """An amount as the contract writes it in this currency."""
        return str(whole) if self.currency in ("TWD", "JPY") else f"{whole}.{cents:02}"
