"""Which code a server was started with: a program in memory does not follow its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from infra.embedded.state import CHECKOUT

FOLDERS = ("platform", "tenants", "integrations", "billing")
SUFFIXES = frozenset({".py", ".html", ".txt", ".css", ".js", ".po", ".yaml", ".json"})
OLDER_RUNS = (
    "The code has changed since the server was started, which still runs as it was. "
    "To start it with the code as it is now: ./kontor demo --detach --restart"
)


def fingerprint() -> str:
    """Of what a server loads, by name, size and time of change; some tens of milliseconds."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for file in sorted((CHECKOUT / folder).rglob("*")):
            if file.suffix in SUFFIXES and file.is_file():
                about = file.stat()
                digest.update(f"{file}:{about.st_size}:{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def is_newer_than(web: Mapping[str, Any]) -> bool:
    """Whether files have changed since this web server (its facts) was started; False where none runs."""
    return bool(web.get("code")) and web["code"] != fingerprint()
