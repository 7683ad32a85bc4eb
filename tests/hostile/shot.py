"""A call as it goes over the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.hostile.doors import Door

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


@dataclass
class Shot:
    """A call as it goes over the wire; ``what`` tells what was wrong with it."""

    door: Door
    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""
    base: str = ""  # the form page whose fields the body was made of
    dry: bool = False

    def __str__(self) -> str:
        body = self.body[:300] + (b"..." if len(self.body) > 300 else b"")
        return f"{self.method} {self.path}{'?' + self.query[:400] if self.query else ''} {self.headers} {body!r}"
