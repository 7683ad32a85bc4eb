"""The product's own processes: web server, background worker, and the clock that wakes it."""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import os
import signal
import subprocess
import sys
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from infra import code
from infra.embedded.processes import spawn
from infra.embedded.service import Service
from infra.embedded.state import CHECKOUT, State

MOST_CONNECTIONS = 8192  # of each web process


def how_many(name: str, default: int) -> int:
    """A number from the environment, for operators."""
    text = os.environ.get(name, "")
    return int(text) if text.isdigit() and int(text) > 0 else default


def worker_pool() -> str:
    """Processes, which time limits can end; threads where the system has no shared semaphores (no usable /dev/shm)."""
    if given := os.environ.get("KONTOR_WORKER_POOL"):
        return given
    try:
        multiprocessing.Lock()
    except (OSError, ImportError):
        return "threads"
    return "prefork"


class Program(Service):
    """A Python program of ours; it gets the product's environment and tells by a file when it is ready."""

    after = ("postgres", "valkey")
    stop_seconds: ClassVar[float] = 25
    stop_unready_seconds: ClassVar[float | None] = 1.5

    def __init__(self, state: State, environ: Mapping[str, str]) -> None:
        super().__init__(state)
        self.ready_file = state.run / f"{self.name}.ready"
        self.environ = {**environ, "KONTOR_READY_FILE": str(self.ready_file), "PYTHONUNBUFFERED": "1"}

    @abstractmethod
    def command(self) -> list[str]:
        """The arguments for this environment's Python."""

    def start(self) -> subprocess.Popen[bytes]:
        self.ready_file.unlink(missing_ok=True)
        return spawn(
            [sys.executable, *self.command()],
            environ=self.environ,
            folder=CHECKOUT,
            log=self.state.log / f"{self.name}.log",
            stop_signal=self.stop_signal,
        )

    def ready(self) -> bool:
        return self.ready_file.exists()


class Web(Program):
    """Granian, a process per core with four threads each (measured: more of either made the slowest answers slower).

    Its "backpressure" counts connections, also silent ones; what works at a time is counted in ``kontor.serving``.
    """

    name = "web"
    label = "the web server"

    def __init__(self, state: State, environ: Mapping[str, str], *, host: str, port: int) -> None:
        super().__init__(state, environ)
        self.host, self.port = host, port
        self.code = ""

    def start(self) -> subprocess.Popen[bytes]:
        self.code = code.fingerprint()
        return super().start()

    def command(self) -> list[str]:
        workers = how_many("KONTOR_WEB_WORKERS", max(2, min(8, os.cpu_count() or 2)))
        return [
            "-m", "granian", "--interface", "rsgi", "--host", self.host, "--port", str(self.port),
            "--workers", str(workers), "--backlog", "4096", "--backpressure", str(MOST_CONNECTIONS),
            "--respawn-failed-workers", "--workers-kill-timeout", "15", "--no-ws", "--log-level", "warning",
            "kontor.rsgi:application",
        ]  # fmt: skip

    def ready(self) -> bool:
        """Any answer of the application counts, also that it does not know this address."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else "::1" if self.host == "::" else self.host  # noqa: S104
        connection = http.client.HTTPConnection(host, self.port, timeout=10)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        return False

    def facts(self) -> dict[str, Any]:
        return {"host": self.host, "port": self.port, "code": self.code}


class Worker(Program):
    """The Celery worker; a running task may end before it stops."""

    name = "worker"
    label = "the background worker"
    stop_seconds: ClassVar[float] = 40

    def command(self) -> list[str]:
        processes = how_many("KONTOR_WORKER_PROCESSES", max(2, min(8, os.cpu_count() or 2)))
        return [
            "-m", "celery", "-A", "kontor.celery", "worker", "--loglevel", "INFO",
            "--pool", worker_pool(), "--concurrency", str(processes),
            "--without-gossip", "--without-mingle", "-n", f"kontor-{os.getpid()}@%h",
        ]  # fmt: skip


class Beat(Program):
    """Celery's own clock; its schedule is in the code, so it keeps no file."""

    name = "beat"
    label = "the clock"
    stop_signal = signal.SIGTERM

    def command(self) -> list[str]:
        return ["-m", "celery", "-A", "kontor.celery", "beat", "--loglevel", "INFO", "-S", "celery.beat.Scheduler",
                "--pidfile", ""]  # fmt: skip
