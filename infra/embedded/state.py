"""The state folder: where things lie, its secrets, the ports it remembers."""

from __future__ import annotations

import errno
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.trouble import Trouble, disk_full, is_full

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class State:
    """One state folder; ``for_tests`` trades safety of the data for speed."""

    folder: Path
    for_tests: bool = False

    @property
    def run(self) -> Path:
        """Pids, ports and leases of what runs now; private."""
        return self._private("run")

    @property
    def log(self) -> Path:
        return self._private("log")

    @property
    def vendor(self) -> Path:
        return self.folder / "vendor"

    def _private(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def secrets(self) -> dict[str, str]:
        """The generated secrets; made on first use, readable by the owner alone, never overwritten."""
        path = self.folder / "secrets.json"
        if not path.exists():
            names = ("secret_key", "postgres_superuser_password", "postgres_password", "broker_password")
            fresh = path.with_name(f"secrets.{os.getpid()}.new")
            write_json(fresh, {name: secrets.token_urlsafe(32) for name in names})
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass  # another command was first; its secrets count
            except OSError:
                fresh.replace(path)  # a file system without hard links
            fresh.unlink(missing_ok=True)
        found = read_json(path)
        if not isinstance(found, dict) or "secret_key" not in found:
            raise Trouble(
                f"{path} is damaged; it holds the passwords of the databases.",
                "Bring it back from a backup, or start over with ./kontor demo --reset.",
                code="wrong_secrets",
            )
        return found

    def port(self, name: str) -> int:
        """The service's port: the one used before where it is free, else a free one, remembered."""
        path = self.folder / "ports.json"
        ports = read_json(path) or {}
        if not (isinstance(ports.get(name), int) and port_is_free(ports[name])):
            ports[name] = _free_port()
            write_json(path, ports)
        return int(ports[name])


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise Trouble(
                f"Port {port} is reserved for root.", "Choose one above 1023: --port 8000", code="port_reserved"
            ) from None
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise Trouble(
                    f"{host} is not an address of this machine.", "Choose another with --host.", code="bad_address"
                ) from None
            return False
    return True


def another_port(port: int, host: str = "127.0.0.1") -> int:
    """The next port above that is free, to be offered in place of a taken one."""
    above = range(port + 1, min(port + 100, 65_536))
    return next((number for number in above if port_is_free(number, host)), 0) or _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_json(path: Path) -> Any:
    """The value in a file; None where it is missing or unreadable as JSON."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def write_json(path: Path, value: Any) -> None:
    """Write a private file whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(value, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
    except OSError as error:
        if is_full(error):
            raise disk_full(path.parent) from None
        raise
