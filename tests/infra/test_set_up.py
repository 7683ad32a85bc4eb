"""The set-up: interrupted, moved, without network, on a full disk."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path
from typing import IO

import pytest

from infra import frontend
from infra.bootstrap import environment, installers, launch
from infra.bootstrap.environment import MARKER, Environment
from infra.embedded.state import CHECKOUT, State
from infra.trouble import Trouble


class Record(io.StringIO):
    name = "setup.log"


@pytest.fixture
def made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment whose installer only makes the folders, so that the steps around it can be tried."""

    def install(wanted: Environment, record: IO[str]) -> None:
        (wanted.folder / "bin").mkdir(parents=True)
        (wanted.folder / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
        wanted.python.touch()

    monkeypatch.delenv("KONTOR_VENV", raising=False)
    monkeypatch.setattr(installers, "install", install)
    return Environment(CHECKOUT, folder, "run")


def test_a_set_up_is_done_once(made: Environment) -> None:
    assert environment.ensure(made) == made.python
    (made.folder / "mark").touch()
    environment.ensure(made)
    assert (made.folder / "mark").exists()


def test_an_interrupted_set_up_is_done_again(made: Environment, capsys: pytest.CaptureFixture[str]) -> None:
    environment.ensure(made)
    (made.folder / MARKER).unlink()
    (made.folder / "half").touch()
    environment.ensure(made)
    assert not (made.folder / "half").exists()
    assert "interrupted" in capsys.readouterr().err


def test_a_changed_lock_makes_a_new_environment_and_the_old_one_goes(made: Environment, folder: Path) -> None:
    environment.ensure(made)
    copy = folder / "checkout"
    copy.mkdir()
    (copy / "requirements.lock").write_text("another==1\n")
    moved = Environment(copy, folder, "run")
    environment.ensure(moved)
    assert moved.folder != made.folder
    assert not made.folder.exists()


def test_the_path_follows_a_moved_checkout(made: Environment, folder: Path) -> None:
    environment.ensure(made)
    path_file = made.folder / "lib" / "python3.11" / "site-packages" / "kontor.pth"
    assert path_file.read_text() == f"{CHECKOUT}\n{CHECKOUT / 'platform'}\n"
    moved = folder / "新 place"
    moved.mkdir()
    shutil.copy(CHECKOUT / "requirements.lock", moved)
    environment.ensure(Environment(moved, folder, "run"))
    assert path_file.read_text().startswith(f"{moved}\n")


def test_a_full_disk_is_told_before_anything_is_done(made: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "SPACE_NEEDED", 10**9)
    with pytest.raises(Trouble, match=r"nearly full.*--state"):
        environment.ensure(made)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("Temporary failure in name resolution", "no network"),
        ("error sending request for url", "no network"),
        ("npm error code EAI_AGAIN", "no network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "fingerprint"),
        (
            "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error A complete log of this run can be found in: x",
            "not trusted",
        ),
        ("error sending request: invalid peer certificate: UnknownIssuer", "not trusted"),
        ("a line\nsomething odd\n", "something odd"),
        (
            "npm error code E500\nnpm error the mirror is broken\nnpm error A complete log of it: /x-0.log",
            "the mirror is",
        ),
    ],
)
def test_a_failed_installation_is_explained(output: str, sentence: str) -> None:
    with pytest.raises(Trouble, match=sentence):
        installers.explain(output, Record())


def test_a_cut_network_is_told_whoever_meets_it(folder: Path) -> None:
    for output in ("error sending request", "Connection reset by peer", "peer closed connection", "ECONNRESET"):
        with pytest.raises(Trouble) as told:
            installers.explain(output, Record())
        assert told.value.code == "no_network", output


def test_an_unknown_failure_of_uv_lets_pip_try() -> None:
    installers.explain("something odd", Record(), unknown=False)
    installers.explain("tcp connect error", Record(), network=False, unknown=False)


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    blocked = folder / "a file"
    blocked.touch()
    with pytest.raises(Trouble, match=r"cannot be written.*--state"):
        launch.open_state(blocked / "state")


def test_the_front_end_takes_only_what_is_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def fetch(state: State, work: Path) -> None:
        fetched.append(work)
        for package, files in frontend.FILES.items():
            for name in (*files, "LICENSE", "left-behind.js"):
                path = work / "node_modules" / package / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"/* {name} */\n//# sourceMappingURL=x.map\n")
        for package, fonts in frontend.FONTS.items():
            for name in (*fonts, "LICENSE_FONT"):
                path = work / "node_modules" / package / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"font")

    monkeypatch.delenv("KONTOR_VENDOR", raising=False)
    monkeypatch.setattr(frontend, "_fetch", fetch)
    state = State(folder)
    vendor = frontend.ensure(state)
    assert frontend.ensure(state) == vendor
    assert len(fetched) == 1
    assert (vendor / "fonts" / "NotoSansTC_400Regular.ttf").exists()
    assert (vendor / "htmx.org" / "LICENSE").exists()
    assert "sourceMappingURL" not in (vendor / "htmx.org" / "htmx.min.js").read_text()
    assert not list(vendor.rglob("left-behind.js"))
    assert not (folder / "vendor.building").exists()
    (vendor / frontend.MARKER).write_text(hashlib.sha256(b"an older lock").hexdigest())
    frontend.ensure(state)
    assert len(fetched) == 2
