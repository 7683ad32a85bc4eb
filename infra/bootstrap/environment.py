"""The project's own Python environment: one per lock file, made once, redone when half-finished."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra.bootstrap import installers
from infra.trouble import Trouble

MARKER = ".kontor-complete"
DISCARDED = "discarded-"
SPACE_NEEDED = 1_500  # MB for a first set-up: environment, front-end build, an empty database


def say(text: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Environment:
    """Where the environment of a kind (``run``, or ``test`` with the test tools) belongs."""

    checkout: Path
    state: Path
    kind: str

    @property
    def lock(self) -> Path:
        return self.checkout / ("requirements-dev.lock" if self.kind == "test" else "requirements.lock")

    @property
    def folder(self) -> Path:
        made_of = self.lock.read_bytes() + repr((sys.version_info[:2], sys.base_prefix, os.uname().machine)).encode()
        return self.state / "environments" / f"{self.kind}-{hashlib.sha256(made_of).hexdigest()[:12]}"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def is_ready(self) -> bool:
        return (self.folder / MARKER).exists() and self.python.exists()


def ensure(environment: Environment) -> Path:
    """The environment's Python; makes it where it is missing. KONTOR_VENV names one made elsewhere, used as it is."""
    given = os.environ.get("KONTOR_VENV")
    if given:
        python = Path(given) / "bin" / "python"
        if not python.exists():
            raise Trouble(
                f"KONTOR_VENV names {given}, but there is no bin/python in it.",
                "Correct or unset it.",
                code="no_environment",
            )
        return python
    if not environment.is_ready:
        with _alone(environment.state / "bootstrap.lock"):
            if not environment.is_ready:
                _make(environment)
    _write_path_file(environment, environment.python)
    return environment.python


def _make(environment: Environment) -> None:
    free = shutil.disk_usage(environment.state).free // 1_000_000
    if free < SPACE_NEEDED:
        raise Trouble(
            f"The disk is nearly full: setting up needs about {SPACE_NEEDED} MB, and {environment.state} has {free}.",
            "Free some space, or name a folder on another disk: ./kontor --state DIR …",
            code="disk_full",
        )
    folder = environment.folder
    if folder.exists():
        say("An earlier set-up was interrupted; doing it again …")
        discard(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    what = "with the test tools " if environment.kind == "test" else ""
    say(f"Setting up the Python environment {what}(once, under a minute) …")
    log = environment.state / "log" / "setup.log"
    log.parent.mkdir(exist_ok=True, mode=0o700)
    with log.open("a", encoding="utf-8") as record:
        installers.install(environment, record)
    with (folder / MARKER).open("w", encoding="utf-8") as marker:
        json.dump({"lock": environment.lock.name, "python": sys.version}, marker)
        marker.flush()
        os.fsync(marker.fileno())
    _forget_older(environment)


def discard(folder: Path) -> None:
    """Take a half-made folder away, also while a process that lost its parent still writes into it for a moment."""
    if folder.exists():
        folder.rename(folder.with_name(f"{DISCARDED}{secrets.token_hex(4)}"))
    for left in folder.parent.glob(f"{DISCARDED}*"):
        shutil.rmtree(left, ignore_errors=True)


def _write_path_file(environment: Environment, python: Path) -> None:
    """Put the checkout and ``platform/`` on the environment's path; again after the checkout was moved."""
    wanted = f"{environment.checkout}\n{environment.checkout / 'platform'}\n"
    folders = sorted(python.parent.parent.glob("lib/python3.*/site-packages"))
    if not folders:
        raise Trouble(
            f"The environment {python.parent.parent} is damaged.",
            "Delete that folder and start again.",
            code="no_environment",
        )
    target = folders[-1] / "kontor.pth"
    with contextlib.suppress(FileNotFoundError):
        if target.read_text(encoding="utf-8") == wanted:
            return
    fresh = target.with_name(f"kontor.pth.{os.getpid()}")
    fresh.write_text(wanted, encoding="utf-8")
    fresh.replace(target)


def _forget_older(environment: Environment) -> None:
    """Delete environments of earlier lock files that no process uses any more."""
    for other in environment.folder.parent.glob(f"{environment.kind}-*"):
        if other != environment.folder and not _in_use(other):
            shutil.rmtree(other, ignore_errors=True)


def _in_use(folder: Path) -> bool:
    """Whether a running process was started from the folder (on systems without /proc: assume so)."""
    if not Path("/proc/self/cmdline").exists():
        return True
    found = str(folder).encode()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if found in line.read_bytes():
                return True
    return False


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[IO[str]]:
    """One set-up at a time; the second one waits and then finds the work done."""
    with path.open("a", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is setting up the same folder; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
