"""A command's side of the services: ask for them, wait for them, let go of them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from infra.embedded import leases, outside
from infra.embedded.leases import Lease
from infra.embedded.processes import Identity, keep_log_short, last_words, wait_until
from infra.embedded.registry import OUTSIDE, known, product_environ
from infra.embedded.state import CHECKOUT, State
from infra.trouble import Trouble, disk_full, has_no_room

BASE = ("postgres", "valkey")


class Services:
    """The services a command uses; leaving the ``with`` block stops what nobody else needs."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._held: list[tuple[Path, IO[bytes]]] = []
        self._names: set[str] = set()
        self._tried: set[str] = set()
        self._spawned = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def now(self) -> dict[str, Any]:
        """The services that run, by name."""
        return dict(known(self.state).get("services", {}))

    @property
    def environ(self) -> dict[str, str]:
        """The product's settings, given what runs."""
        return product_environ(self.state, self.now)

    def need(self, *names: str, host: str = "127.0.0.1", port: int = 0, seconds: float = 120) -> None:
        """Hold the services from now on and wait until they work; those given from outside are only tried."""
        for name in {*names} & {*OUTSIDE} - self._tried:
            outside.check(name, OUTSIDE[name])
            self._tried.add(name)
        wanted = tuple(name for name in names if name not in OUTSIDE)
        if not wanted:
            return
        lease = Lease(wanted, host, port, environ=self._settings(port))
        with leases.start_lock(self.state):
            self._held.append(leases.take(self.state, lease))
            self._names |= set(wanted)
            self._ensure_supervisor()
        self._wait(wanted, seconds)

    def keep(self, *names: str, host: str = "127.0.0.1", port: int = 0) -> None:
        """Leave the services running when this command ends, until ``stop``."""
        wanted = tuple(name for name in names if name not in OUTSIDE)
        lease = Lease(wanted, host, port, keep=True, environ=self._settings(port))
        with leases.start_lock(self.state):
            leases.take(self.state, lease)[1].close()

    def release(self) -> None:
        """Let go, and wait until what nobody else needs has stopped."""
        supervisor = Identity.read(known(self.state).get("supervisor"))
        for path, handle in self._held:
            leases.drop(path)
            handle.close()
        self._held.clear()

        def gone() -> bool:
            others = {name for lease in leases.active(self.state) for name in lease.services}
            return not (self._names - others) & set(self.now)

        if not wait_until(gone, 90, step=0.05):
            raise Trouble(
                "The services did not stop within 90 seconds.",
                "Look at ./kontor status, then run ./kontor stop.",
                code="not_stopped",
            )
        if self._names and not leases.active(self.state):
            wait_until(lambda: not (supervisor and supervisor.alive), 10, step=0.02)
        self._names.clear()

    def watch(self) -> bool:
        """Bring back a supervisor that was killed; False when someone said ``stop``."""
        if supervisor_runs(self.state):
            if all(self.now.get(name, {}).get("status") == "ready" for name in self._names):
                self._spawned = 0  # it works: only one that never does is given up
            return True
        if leases.stop_note(self.state).exists():
            return False
        with leases.start_lock(self.state):
            self._ensure_supervisor()
        return True

    def _settings(self, port: int) -> dict[str, str]:
        settings = {**leases.settings_of(dict(os.environ)), **self.environ}
        return {**settings, "KONTOR_PORT": str(port)} if port else settings

    def _ensure_supervisor(self) -> None:
        if supervisor_runs(self.state):
            return
        if self._spawned >= 3:
            words = last_words(self.state.log / "supervisor.log", 1)
            raise Trouble(
                f"The services could not be started: {words or 'their supervisor ended without a word'}.",
                f"The whole log is {self.state.log / 'supervisor.log'}; start again after.",
                code="not_started",
            )
        self._spawned += 1
        log = self.state.log / "supervisor.log"
        keep_log_short(log)
        command = [sys.executable, "-m", "infra.embedded.supervisor", str(self.state.folder)]
        with log.open("ab") as out:
            process = subprocess.Popen(
                [*command, *(["--for-tests"] if self.state.for_tests else [])],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=CHECKOUT, start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        wait_until(lambda: supervisor_runs(self.state) or process.poll() is not None, 10, step=0.01)

    def _wait(self, names: Sequence[str], seconds: float) -> None:
        try:
            self._wait_for(names, seconds)
        except Trouble as trouble:
            if has_no_room(self.state.folder) and trouble.code == "not_started":
                raise disk_full(self.state.folder) from None
            raise

    def _wait_for(self, names: Sequence[str], seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            now = self.now
            if all(now.get(name, {}).get("status") == "ready" for name in names):
                return
            for name in names:
                if now.get(name, {}).get("status") == "failed":
                    told = now[name].get("trouble") or {"code": "not_started", "detail": now[name]["error"]}
                    raise Trouble.read(told)
            if time.monotonic() > end:
                words = "; ".join(filter(None, (now.get(name, {}).get("error", "") for name in names)))
                why = words or "the machine may be very busy"
                raise Trouble(
                    f"The services did not start within {seconds:.0f} seconds: {why}.",
                    f"Their logs are in {self.state.log}; try again.",
                    code="not_started",
                )
            if not supervisor_runs(self.state):
                with leases.start_lock(self.state):
                    self._ensure_supervisor()
            time.sleep(0.02)


def supervisor_runs(state: State) -> bool:
    """Whether a supervisor holds the folder."""
    try:
        with (state.run / "supervisor.lock").open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def stop_all(state: State, seconds: float = 90) -> bool:
    """Stop everything that runs from the state folder; False where nothing ran."""
    from infra.embedded.registry import forget_stale

    supervisor = Identity.read(known(state).get("supervisor"))
    if supervisor is None and supervisor_runs(state):
        wait_until(lambda: bool(known(state)), 10)
        supervisor = Identity.read(known(state).get("supervisor"))
    if supervisor is None:
        left = (state.run / "services.json").exists()
        forget_stale(state)
        return left
    with contextlib.suppress(ProcessLookupError):
        os.kill(supervisor.pid, signal.SIGTERM)
    if not wait_until(lambda: not supervisor.alive, seconds, step=0.05):
        raise Trouble(
            f"The supervisor (pid {supervisor.pid}) does not stop.",
            f"Its log is {state.log / 'supervisor.log'}.",
            code="not_stopped",
        )
    return True
