"""A real installation for trials: a state folder of its own, the services as ``./kontor`` starts them, one company."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.embedded.processes import Identity, wait_until
from infra.embedded.state import CHECKOUT, read_json

COMPANY = "faults"
BASE = ("postgres", "valkey")


class Failed(Exception):
    """What a trial found wrong."""


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plain_environ() -> dict[str, str]:
    """The machine's environment without any Kontor's settings; the Python environment is the caller's."""
    settings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KONTOR_", "DATABASE_URL", "BROKER_URL", "PYTEST", "DJANGO", "PYTHONPATH"))
    }
    vendor = os.environ.get("KONTOR_VENDOR")
    return settings | {"KONTOR_VENV": sys.prefix, **({"KONTOR_VENDOR": vendor} if vendor else {})}


class Installation:
    """A state folder in a place of its own; what runs from it is told by its ``services.json``."""

    def __init__(self, place: Path | None = None) -> None:
        self.own_place = place is None
        self.place = place or Path(tempfile.mkdtemp(prefix="kontor-faults-"))
        self.place.mkdir(parents=True, exist_ok=True)
        self.place.chmod(0o711)
        self.state = self.place / "state"
        self.port = free_port()
        self.company: dict[str, Any] = {}
        self.environ = plain_environ()
        self._running: list[subprocess.Popen[bytes]] = []

    def kontor(self, *arguments: str, seconds: float = 300, **environ: str) -> Any:
        """One command with ``--json`` to its end; Failed with what it said unless it went well."""
        done = subprocess.run(
            [*self._line(*arguments), "--json"], env={**self.environ, **environ}, cwd=CHECKOUT,
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Failed(f"./kontor {arguments[0]} ended with {done.returncode}: {done.stderr[-600:]}")
        return json.loads(done.stdout)

    def found(self) -> None:
        """Databases and the company; nothing runs afterwards."""
        self.company = self.kontor("tenants", "create", COMPANY, "--name", "Faults", "--country", "tw")

    def start(self, *parts: str, **environ: str) -> None:
        """``./kontor serve`` and ``./kontor worker`` (or the named ones) in the background, until they answer."""
        for part in parts or ("serve", "worker"):
            port = ["--port", str(self.port)] if part == "serve" else []
            out = (self.place / f"{part}.out").open("ab")
            self._running.append(
                subprocess.Popen(
                    self._line(part, *port),
                    env={**self.environ, **environ},
                    cwd=CHECKOUT,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            )
            out.close()
            self.ready(*(("web",) if part == "serve" else ("worker", "beat")), seconds=120)

    def _line(self, *arguments: str) -> list[str]:
        return [sys.executable, str(CHECKOUT / "kontor"), *arguments, "--state", str(self.state)]

    @property
    def services(self) -> dict[str, Any]:
        """What the supervisor last told of each service."""
        value = read_json(self.state / "run" / "services.json")
        return dict(value.get("services", {})) if isinstance(value, dict) else {}

    def identity(self, name: str) -> Identity | None:
        """The running process of a service, or of the supervisor."""
        value = read_json(self.state / "run" / "services.json")
        if not isinstance(value, dict):
            return None
        return Identity.read(value.get("supervisor") if name == "supervisor" else value["services"].get(name))

    def ready(self, *names: str, seconds: float = 90) -> None:
        """Wait until the services work; Failed where they do not."""

        def all_ready() -> bool:
            now = self.services
            return all(now.get(name, {}).get("status") == "ready" and self._alive(name) for name in names)

        if not wait_until(all_ready, seconds, step=0.1):
            raise Failed(f"not ready within {seconds:.0f} s: {self.services}")

    def _alive(self, name: str) -> bool:
        identity = self.identity(name)
        return identity is not None and identity.alive

    def kill(self, name: str) -> int:
        """SIGKILL to a service (``web``) or to a random child of it (``web/child``); the pid, 0 where none ran."""
        service, _slash, child = name.partition("/")
        identity = self.identity(service)
        if identity is None or not identity.alive:
            return 0
        pid = identity.pid
        if child:
            children = children_of(pid)
            if not children:
                return 0
            pid = children[int(time.monotonic() * 1000) % len(children)]
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return 0
        return pid

    def log(self, name: str) -> str:
        """What a service wrote."""
        path = self.state / "log" / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def database_url(self) -> str:
        """As the product gets it."""
        secrets = read_json(self.state / "secrets.json")
        return (
            f"postgresql://kontor:{secrets['postgres_password']}@127.0.0.1:{self.services['postgres']['port']}/kontor"
        )

    def python(self, module: str, *arguments: str, seconds: float = 600) -> Any:
        """A module of ours with the product's settings; its one JSON value. The databases must run."""
        secrets = read_json(self.state / "secrets.json")
        broker = f"redis://:{secrets['broker_password']}@127.0.0.1:{self.services['valkey']['port']}/0"
        environ = self.environ | {
            "PYTHONPATH": f"{CHECKOUT / 'platform'}:{CHECKOUT}", "DJANGO_SETTINGS_MODULE": "kontor.settings",
            "DATABASE_URL": self.database_url, "BROKER_URL": broker, "KONTOR_STATE": str(self.state),
            "KONTOR_SECRET_KEY": secrets["secret_key"],
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments], env=environ, cwd=CHECKOUT,
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Failed(f"{module} ended with {done.returncode}: {done.stderr[-800:]}")
        return json.loads(done.stdout)

    def stop(self) -> None:
        """``./kontor stop``; what it left behind is told."""
        subprocess.run(
            self._line("stop"), env=self.environ, cwd=CHECKOUT, capture_output=True, timeout=150, check=False
        )
        for process in self._running:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()

    def remove(self) -> None:
        """Stop and delete."""
        self.stop()
        if self.own_place:
            home = Path((read_json(self.state / "postgres.json") or {}).get("home", ""))
            if home.is_absolute() and not home.is_relative_to(self.place):
                shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(self.place, ignore_errors=True)


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait; Failed with ``what`` where it does not come true in time."""
    if not wait_until(condition, seconds, step=0.2):
        raise Failed(f"{what} within {seconds:.0f} s")
