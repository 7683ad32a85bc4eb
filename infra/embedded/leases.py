"""Who needs which service: a lease lasts as long as its holder holds the lock on its file.

The kernel gives the lock back when a command ends, however it ends; so a killed command leaves nothing running.
A kept lease (``--detach``) has no holder and lasts until ``stop``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from infra.embedded.state import State, read_json, write_json

PASSED_ON = ("KONTOR_", "AWS_", "EMAIL_", "DATABASE_URL", "BROKER_URL", "LANG", "LC_")


@dataclass(frozen=True)
class Lease:
    """What one command needs: services by name, the web server's address, its settings."""

    services: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 0
    keep: bool = False
    environ: dict[str, str] = field(default_factory=dict)
    path: Path | None = None

    def as_json(self) -> dict[str, Any]:
        names = ("services", "host", "port", "keep", "environ")
        return {name: getattr(self, name) for name in names}


def settings_of(environ: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """The part of a command's environment that the product's processes are to see as well."""
    return {name: value for name, value in environ.items() if name.startswith(PASSED_ON)}


def _folder(state: State) -> Path:
    folder = state.run / "leases"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def take(state: State, lease: Lease) -> tuple[Path, IO[bytes]]:
    """Write the lease and lock it; it lasts until the handle is closed."""
    path = _folder(state) / f"{secrets.token_hex(8)}.json"
    handle = path.with_suffix(".lock").open("ab")
    fcntl.flock(handle, fcntl.LOCK_EX)
    write_json(path, lease.as_json())
    return path, handle


def drop(path: Path) -> None:
    """Forget a lease."""
    for part in (path, path.with_suffix(".lock")):
        part.unlink(missing_ok=True)


def stop_note(state: State) -> Path:
    """Stands while the last supervisor ended because someone said ``stop``."""
    return state.run / "stopped-by-request"


def forget_kept(state: State) -> None:
    """A kept lease ends with the supervisor that honoured it; a reboot starts nothing by itself."""
    stop_note(state).unlink(missing_ok=True)
    for lease in active(state):
        if lease.keep and lease.path:
            drop(lease.path)


def active(state: State) -> list[Lease]:
    """The leases that count, the oldest first; those whose holder is gone are removed."""
    found: list[tuple[float, Lease]] = []
    for path in _folder(state).glob("*.json"):
        value = read_json(path)
        if not isinstance(value, dict) or not isinstance(value.get("services"), list):
            if not _held(path):
                drop(path)
            continue
        if value.get("keep") or _held(path):
            lease = Lease(
                services=tuple(value["services"]),
                host=value.get("host", "127.0.0.1"),
                port=value.get("port", 0),
                keep=bool(value.get("keep")),
                environ=value.get("environ", {}),
                path=path,
            )
            with contextlib.suppress(FileNotFoundError):
                found.append((path.stat().st_mtime, lease))
        else:
            drop(path)
    return [lease for _, lease in sorted(found, key=lambda pair: pair[0])]


def _held(path: Path) -> bool:
    try:
        with path.with_suffix(".lock").open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


@contextlib.contextmanager
def start_lock(state: State) -> Iterator[None]:
    """Held while services are asked for and while the last ones are being stopped, never both."""
    with (state.run / "start.lock").open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def try_start_lock(state: State) -> Iterator[bool]:
    """The same without waiting; gives whether it was free."""
    with (state.run / "start.lock").open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
