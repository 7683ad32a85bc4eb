"""What must stay true of the repository itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from infra.embedded.state import CHECKOUT

# Spelt in pieces, so that this file does not name them.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"), ("npmmirror", "com"),
        ("pypi", "org"), ("pythonhosted", "org"), ("pypi", "python", "org"),
    )
]  # fmt: skip
LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-uv.lock"]


def committed() -> list[Path]:
    """The files of the repository, also where it was copied without its history."""
    if (CHECKOUT / ".git").exists():
        told = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=CHECKOUT, capture_output=True, check=True,
        )  # fmt: skip
        names = [os.fsdecode(name) for name in told.stdout.split(b"\0") if name]
        return [CHECKOUT / name for name in names if (CHECKOUT / name).is_file()]
    skipped = {".kontor", "node_modules", "__pycache__"}
    return [path for path in CHECKOUT.rglob("*") if path.is_file() and not skipped & set(path.parts)]


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^ \\;]+)", (CHECKOUT / lock).read_text())
    return {name.lower().replace("_", "-"): version for name, version in found}


def test_platform_is_a_source_root_and_never_a_package() -> None:
    assert not (CHECKOUT / "platform" / "__init__.py").exists()
    told = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip()


def test_no_file_names_a_package_registry() -> None:
    guilty = []
    for path in committed():
        data = path.read_bytes()
        guilty += [f"{path.relative_to(CHECKOUT)}: {host}" for host in REGISTRY_HOSTS if host.encode() in data]
    assert not guilty


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_by_hash(lock: str) -> None:
    text = (CHECKOUT / lock).read_text()
    assert "://" not in text
    assert "--index-url" not in text
    entries = [entry for entry in re.split(r"(?m)^(?=[A-Za-z0-9])", text) if re.match(r"[A-Za-z0-9]", entry)]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._\[\]-]+==\S+", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


def test_the_test_lock_holds_the_runtime_lock() -> None:
    with_tools = pins("requirements-dev.lock")
    assert {name: with_tools.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_what_pyproject_asks_for_is_locked_and_explained() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    reasons = (CHECKOUT / "docs" / "dependencies.md").read_text().lower()
    runtime, tools = project["dependencies"], project["optional-dependencies"]["dev"]
    for wanted, lock in ((runtime, "requirements.lock"), (tools, "requirements-dev.lock")):
        for line in wanted:
            name = re.split(r"[\[~=<>! ;]", line)[0].lower().replace("_", "-")
            assert name in pins(lock), f"{name} is not in {lock}: docs/dependencies.md says how to lock"
            assert f"| {name} |" in reasons.replace("_", "-"), f"{name} has no reason in docs/dependencies.md"


def test_the_front_end_lock_names_no_place() -> None:
    lock = json.loads((CHECKOUT / "package-lock.json").read_text())
    package = json.loads((CHECKOUT / "package.json").read_text())
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert not name or entry["integrity"].startswith("sha512-"), name
    for name in package["dependencies"]:
        assert f"| {name} |" in (CHECKOUT / "docs" / "dependencies.md").read_text()


def test_the_script_needs_nothing_but_python() -> None:
    assert os.access(CHECKOUT / "kontor", os.X_OK)
    told = subprocess.run(
        [sys.executable, "-I", "-S", CHECKOUT / "kontor", "--help"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "./kontor demo" in told.stdout


def test_modules_are_named_for_what_they_hold() -> None:
    vague = {"utils", "util", "common", "helpers", "misc"}
    guilty = [
        str(path.relative_to(CHECKOUT))
        for path in committed()
        if path.suffix == ".py" and vague & {path.stem, *path.relative_to(CHECKOUT).parts[:-1]}
    ]
    assert not guilty
