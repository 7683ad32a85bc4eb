"""`./kontor test` and `./kontor check`: linters, checks and tests, on databases of their own."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from infra import frontend
from infra.embedded.client import BASE, Services
from infra.embedded.registry import OUTSIDE, VARIABLES
from infra.embedded.state import CHECKOUT, State
from kontor.cli.output import say

PACKAGES = ("platform/kontor", "platform/suite", "tenants", "integrations", "billing", "infra")
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
DJANGO = "from django.core.management import execute_from_command_line as run; import sys; run(sys.argv)"
GUARDS = ("--without-database", "tests/infra/test_guards.py", "tests/guards", "tests/docs")


def test(options: argparse.Namespace) -> int:
    """All of it; with arguments pytest alone, with those arguments."""
    with _test_services(options.state) as environ:
        if options.passed_on:
            return _pytest(options.passed_on, environ)
        failed = _checks(environ)
        status = _pytest(["-n", "2"], environ)
    if failed:
        say(f"Failed before the tests: {', '.join(failed)} (see above).")
    return 1 if failed or status else 0


def check(options: argparse.Namespace) -> int:
    """Everything that is no test, and the guards that need no database: words, names, labels, lengths, documents."""
    with _test_services(options.state) as environ:
        failed = _checks(environ)
        if _pytest([*GUARDS], environ):
            failed.append("guards")
    say(f"Failed: {', '.join(failed)}." if failed else "All checks pass.")
    return 1 if failed else 0


def _checks(environ: dict[str, str]) -> list[str]:
    packages = [name for name in PACKAGES if (CHECKOUT / name).exists()]
    steps = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "types (mypy)": ["-m", "mypy", *packages],
        "layers (import-linter)": ["-c", LINT_IMPORTS],
        "Django's checks": ["-c", DJANGO, "check", "--fail-level", "WARNING"],
        "migrations are complete": ["-c", DJANGO, "makemigrations", "--check", "--dry-run"],
    }
    return [name for name, arguments in steps.items() if _step(name, arguments, environ)]


def _step(name: str, arguments: list[str], environ: dict[str, str]) -> int:
    began = time.monotonic()
    done = subprocess.run([sys.executable, *arguments], cwd=CHECKOUT, env=environ, check=False, stdout=sys.stderr)
    say(f"{name}: {'failed' if done.returncode else 'passed'} ({time.monotonic() - began:.1f} s)")
    return done.returncode


def _pytest(arguments: list[str], environ: dict[str, str]) -> int:
    """pytest in the foreground; Ctrl-C reaches it, and it ends in its own way."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=CHECKOUT, env=environ)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()


@contextlib.contextmanager
def _test_services(folder: Path) -> Iterator[dict[str, str]]:
    """Databases for this run alone: two runs at once from one folder each get their own."""
    vendor = frontend.ensure(State(folder))
    with _slot(folder) as place:
        state = State(place, for_tests=True)
        state.folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
        if os.environ.get("KONTOR_TEST_OUTSIDE") != "1":  # tests never touch a database of somebody's by accident
            for name in tuple(OUTSIDE):
                os.environ.pop(VARIABLES[name], None)
                del OUTSIDE[name]
        with Services(state) as services:
            services.need(*BASE)
            environ = {**os.environ, **services.environ, "KONTOR_VENDOR": str(vendor), "KONTOR_MAIN_STATE": str(folder)}
            environ["MYPY_CACHE_DIR"] = str(state.folder / "mypy")
            environ["RUFF_CACHE_DIR"] = str(state.folder / "ruff")
            yield environ


@contextlib.contextmanager
def _slot(folder: Path) -> Iterator[Path]:
    for number in range(1, 100):
        place = folder / (f"test-{number}" if number > 1 else "test")
        with place.with_suffix(".lock").open("ab") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield place
            return
