"""State folders of their own, in a place that PostgreSQL's user can reach, with a name that tries the paths."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.embedded import registry
from infra.embedded.client import stop_all
from infra.embedded.state import CHECKOUT, State

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="kontor 測試 "))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def state(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """Embedded services only: the databases of the test run itself are not these tests' business."""
    for name in tuple(registry.OUTSIDE):
        monkeypatch.delitem(registry.OUTSIDE, name)
    made = State(folder, for_tests=True)
    yield made
    stop_all(made)


@pytest.fixture
def kontor(folder: Path) -> Run:
    """The command line as a process, on a state folder of its own."""

    def run(*arguments: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        settings = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KONTOR_", "DATABASE_URL", "BROKER_URL", "PYTEST", "DJANGO"))
        }
        settings |= {"KONTOR_VENV": sys.prefix, **environ}
        return subprocess.run(
            [sys.executable, CHECKOUT / "kontor", *arguments, "--state", str(folder)],
            capture_output=True, text=True, input=given, timeout=120, env=settings, check=False,
        )  # fmt: skip

    return run
