"""Processes told apart for certain: a pid counts only together with the moment it began."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Identity:
    """A process by pid and start; a later process with the same pid is another one."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """The identity of a running process; None where there is none (a zombie runs no more)."""
        began = _began(pid)
        return cls(pid, began) if began else None

    @classmethod
    def read(cls, value: Any) -> Identity | None:
        """What ``as_json`` wrote; None for anything else."""
        if isinstance(value, dict) and isinstance(value.get("pid"), int) and isinstance(value.get("began"), str):
            return cls(value["pid"], value["began"])
        return None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def alive(self) -> bool:
        return _began(self.pid) == self.began

    def stop(self, first: signal.Signals, seconds: float) -> None:
        """Ask with ``first``, wait, then kill it and all of its group."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, first)
            wait_until(lambda: not self.alive, seconds)
        self.kill_group()

    def kill_group(self) -> None:
        """Kill the process and what is left of the group it led, unless the pid belongs to another by now."""
        if _began(self.pid) in (self.began, ""):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            wait_until(lambda: not self.alive, 5)


def wait_until(condition: Any, seconds: float, step: float = 0.03) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


@functools.cache
def _boot() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _began(pid: int) -> str:
    """When the process began, as the system tells it; empty where it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self/stat").exists():
            return ""
    told = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, began = told.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else began.strip()


def die_with_parent(number: signal.Signals) -> dict[str, Any]:
    """What ``subprocess`` needs so that Linux sends the signal when the process that started this one is killed."""
    if sys.platform != "linux":
        return {}
    return {"preexec_fn": functools.partial(_ask_for_signal, int(number), os.getpid())}


def _ask_for_signal(number: int, parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


def spawn(
    command: Sequence[str | Path],
    *,
    environ: Mapping[str, str],
    folder: Path,
    log: Path,
    stop_signal: signal.Signals,
    user: str | None = None,
    given: bytes | None = None,
) -> subprocess.Popen[bytes]:
    """Start a service as the leader of a session of its own, its output in its log."""
    keep_log_short(log)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            env=dict(environ),
            cwd=folder,
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **as_other_user(user),
            **die_with_parent(stop_signal),
        )
    if given is not None and process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(given)
            process.stdin.close()
    return process


def as_other_user(user: str | None) -> dict[str, Any]:
    """What ``subprocess`` needs to run as the user and as nobody's group beside."""
    if user is None:
        return {}
    import pwd

    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def keep_log_short(log: Path, limit: int = 20_000_000) -> None:
    """Put a long log aside; one earlier one is kept."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            log.replace(log.with_name(f"{log.name}.1"))


def last_words(log: Path, lines: int = 3) -> str:
    """The end of a log, for an error message."""
    try:
        with log.open("rb") as text:
            text.seek(max(0, log.stat().st_size - 8_000))
            found = [line.strip() for line in text.read().decode("utf-8", "replace").splitlines() if line.strip()]
    except FileNotFoundError:
        return ""
    return " / ".join(found[-lines:])[-600:]
