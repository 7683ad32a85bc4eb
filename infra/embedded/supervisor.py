"""The supervisor: one process per state folder that starts what leases ask for, mends it, and stops it.

It runs in a session of its own (Ctrl-C does not reach it), is told what to do only by leases and by
SIGTERM, and writes what it knows to ``run/services.json``. Run as ``python -m infra.embedded.supervisor``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.embedded import leases
from infra.embedded.processes import Identity, last_words
from infra.embedded.registry import ORDER, Wanted, build, forget_stale
from infra.embedded.service import Service
from infra.embedded.state import State, write_json
from infra.trouble import Trouble

QUICK, IDLE = 0.04, 0.25
CALM = 60.0  # a service that ran this long has recovered
GIVE_UP = 3  # attempts that never became ready


@dataclass
class Running:
    """A service and where it stands: waiting, starting, ready, or failed."""

    service: Service
    process: subprocess.Popen[bytes] | None = None
    identity: Identity | None = None
    status: str = "waiting"
    since: float = field(default_factory=time.monotonic)
    retry_at: float = 0.0
    failures: int = 0
    restarts: int = 0
    error: str = ""
    trouble: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        known = {"status": self.status, "restarts": self.restarts, "error": self.error, **self.service.facts()}
        known |= {"trouble": self.trouble} if self.trouble else {}
        return {**known, **(self.identity.as_json() if self.identity else {})}


class Supervisor:
    """Brings what runs in line with what is wanted, a few times a second."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.running: dict[str, Running] = {}
        self.told: Any = None
        self.asked_to_stop = False
        self.me = Identity.of(os.getpid())

    def run(self) -> None:
        """Until the last lease is gone or SIGTERM comes; then nothing of ours runs any more."""
        forget_stale(self.state)
        leases.forget_kept(self.state)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            while not self.asked_to_stop:
                wanted = Wanted.of(leases.active(self.state))
                if not wanted.services and self._may_leave():
                    return
                self._reconcile(wanted)
                self._tell()
                moving = any(one.status in ("waiting", "starting") for one in self.running.values())
                time.sleep(QUICK if moving else IDLE)
            with leases.start_lock(self.state):
                self._leave()
                leases.stop_note(self.state).touch()
        except BaseException:
            self._stop(list(self.running))  # also on a fault of our own nothing is left behind
            raise

    def _on_stop(self, *_: object) -> None:
        self.asked_to_stop = True

    def _may_leave(self) -> bool:
        with leases.try_start_lock(self.state) as free:
            if not free or leases.active(self.state):
                return False
            self._leave()
        return True

    def _leave(self) -> None:
        self._stop(list(self.running))
        leases.forget_kept(self.state)
        (self.state.run / "services.json").unlink(missing_ok=True)

    def _reconcile(self, wanted: Wanted) -> None:
        self._stop([name for name in self.running if name not in wanted.services])
        for name in ORDER:
            if name in wanted.services and name not in self.running:
                self.running[name] = Running(build(name, self.state, wanted))
        for one in list(self.running.values()):
            try:
                self._advance(one)
            except Trouble as trouble:
                self._fail(one, trouble)
            except Exception as error:  # one broken service must not take the others down
                traceback.print_exc()
                self._fail(one, Trouble(f"{one.service.label} could not be started: {error}.", code="not_started"))

    def _advance(self, one: Running) -> None:
        now = time.monotonic()
        if one.status == "waiting":
            if now >= one.retry_at and all(self._is_ready(name) for name in one.service.after):
                one.process = one.service.start()
                one.identity = Identity.of(one.process.pid)
                one.status, one.since = "starting", now
        elif one.process is not None and one.process.poll() is not None:
            self._crashed(one, now)
        elif one.status == "starting":
            if one.service.ready():
                one.status, one.error, one.since = "ready", "", now
            elif now - one.since > one.service.start_seconds:
                self._stop_one(one)
                self._again(one, f"{one.service.label} did not answer within {one.service.start_seconds:.0f} seconds")
        elif one.status == "ready" and one.failures and now - one.since > CALM:
            one.failures = 0

    def _is_ready(self, name: str) -> bool:
        return name not in self.running or self.running[name].status == "ready"

    def _crashed(self, one: Running, now: float) -> None:
        code = one.process.returncode if one.process else 0
        was_ready = one.status == "ready"
        if one.identity:
            one.identity.kill_group()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        words = last_words(self.state.log / f"{one.service.name}.log")
        if was_ready:
            one.restarts += 1
            one.failures = 0 if now - one.since > CALM else one.failures
        self._again(one, f"{one.service.label} {how}" + (f": {words}" if words else ""), may_give_up=not was_ready)

    def _again(self, one: Running, error: str, *, may_give_up: bool = True) -> None:
        """Try again, each time a little later; what never worked is given up after a few attempts."""
        one.failures += 1
        one.error, one.process, one.identity = error, None, None
        if may_give_up and one.restarts == 0 and one.failures >= GIVE_UP:
            one.status = "failed"
        else:
            one.status = "waiting"
            one.retry_at = time.monotonic() + min(30.0, 0.25 * 2**one.failures)
        sys.stderr.write(f"{error}\n")

    def _fail(self, one: Running, trouble: Trouble) -> None:
        self._stop_one(one)
        one.status, one.error, one.process, one.identity = "failed", str(trouble), None, None
        one.trouble = trouble.as_json()

    def _stop(self, names: Iterable[str]) -> None:
        """Stop services, those that lean on others first; peers at the same time."""
        leaving = [self.running.pop(name) for name in reversed(ORDER) if name in set(names) & set(self.running)]
        for leaning in (True, False):
            tier = [one for one in leaving if bool(one.service.after) == leaning]
            for one in tier:
                self._ask(one)
            for one in tier:
                self._end(one)

    def _stop_one(self, one: Running) -> None:
        self._ask(one)
        self._end(one)

    def _ask(self, one: Running) -> None:
        if one.process and one.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                one.process.send_signal(one.service.stop_signal)

    def _end(self, one: Running) -> None:
        if one.process and one.identity:
            with contextlib.suppress(subprocess.TimeoutExpired):
                patience = None if one.status == "ready" else one.service.stop_unready_seconds
                one.process.wait(one.service.stop_seconds if patience is None else patience)
            one.identity.kill_group()
            one.process.wait(10)

    def _tell(self) -> None:
        now = {
            "supervisor": {**(self.me.as_json() if self.me else {}), "python": sys.executable},
            "services": {name: one.as_json() for name, one in self.running.items()},
        }
        if now != self.told:
            try:
                write_json(self.state.run / "services.json", now)
            except Trouble as trouble:
                if self.told is None:
                    raise
                sys.stderr.write(f"{trouble}\n")  # what runs goes on; the note follows when there is room
                return
            self.told = now


def main() -> None:
    """``python -m infra.embedded.supervisor STATE [--for-tests]``"""
    state = State(Path(sys.argv[1]), for_tests="--for-tests" in sys.argv[2:])
    os.umask(0o022)
    with (state.run / "supervisor.lock").open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        try:
            Supervisor(state).run()
        except Trouble as trouble:
            sys.stderr.write(f"{trouble}\n")
            raise SystemExit(trouble.status) from None


if __name__ == "__main__":
    main()
