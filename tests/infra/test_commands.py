"""The commands as people and scripts call them: status, streams and sentences."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., "CompletedProcess[str]"]


def test_status_and_stop_are_fine_where_nothing_runs(kontor: Run) -> None:
    told = kontor("status", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, {"running": False, "address": None, "services": {}})
    told = kontor("stop", "--json")
    assert (told.returncode, json.loads(told.stdout)) == (0, {"stopped": False})
    assert "Nothing was running." in told.stderr


def test_a_taken_port_is_told_with_a_way_out(kontor: Run, folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told = kontor("demo", "--detach", "--json", "--port", str(port))
    error = json.loads(told.stdout)["error"]
    assert (told.returncode, error["code"]) == (1, "port_taken")
    assert error["detail"] == f"Port {port} is taken by another program."
    offered = int(error["what_to_do"].rpartition(" ")[2])
    assert port < offered <= 65_535
    assert told.stderr.strip() == f"{error['detail']} {error['what_to_do']}"
    assert not (folder / "postgres").exists()


def test_reset_asks_before_it_deletes(kontor: Run, folder: Path) -> None:
    (folder / "files").mkdir()
    told = kontor("demo", "--reset")
    assert told.returncode == 1
    assert "--yes" in told.stderr
    assert (folder / "files").exists()


def test_reset_never_touches_a_database_outside(kontor: Run, folder: Path) -> None:
    (folder / "files").mkdir()
    told = kontor("demo", "--reset", "--yes", DATABASE_URL="postgresql://someone@db.example/kontor")
    assert told.returncode == 1
    assert "DATABASE_URL given" in told.stderr
    assert (folder / "files").exists()


def test_an_import_names_what_is_missing(kontor: Run, folder: Path) -> None:
    told = kontor("import", "--tenant", "t", "--mapping", "none.toml", str(folder / "nowhere"))
    assert told.returncode == 1
    assert "There is no folder" in told.stderr


def test_a_database_or_broker_that_is_not_there_is_told_in_a_sentence(kontor: Run) -> None:
    told = kontor(
        "tenants", "list", DATABASE_URL="postgresql://kontor:x@127.0.0.1:9/kontor", BROKER_URL="redis://127.0.0.1:9/0"
    )
    assert told.returncode == 1
    assert "that DATABASE_URL names cannot be reached" in told.stderr or "that BROKER_URL names" in told.stderr
    told = kontor("tenants", "list", DATABASE_URL="oracle:thin", BROKER_URL="redis://127.0.0.1:9/0")
    assert told.returncode == 1
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        ("import --tenant t --mapping m --json /nowhere", 1, "no_file"),
        ("demo --reset --json", 1, "not_confirmed"),
        ("demo --json --port many", 2, "wrong_usage"),
        ("tenants create --json", 2, "wrong_usage"),
        ("nonsense --json", 2, "wrong_usage"),
    ],
)
def test_with_json_a_refusal_is_the_one_value(kontor: Run, line: str, status: int, code: str) -> None:
    told = kontor(*line.split())
    error = json.loads(told.stdout)["error"]
    assert (told.returncode, error["code"]) == (status, code)
    assert set(error) == {"code", "detail", "what_to_do"}
    assert error["what_to_do"]
    assert told.stderr.strip().splitlines()[-1] == f"{error['detail']} {error['what_to_do']}"


def test_without_json_a_refusal_leaves_standard_output_empty(kontor: Run) -> None:
    told = kontor("import", "--tenant", "t", "--mapping", "m", "/nowhere")
    assert (told.returncode, told.stdout) == (1, "")


@pytest.mark.parametrize("command", ["status", "stop"])
def test_where_nothing_ever_ran_nothing_is_set_up_to_say_so(kontor: Run, folder: Path, command: str) -> None:
    told = kontor(command, KONTOR_VENV="/nowhere")  # an environment would be refused
    assert told.returncode == 0
    assert "Nothing" in told.stdout + told.stderr
    assert list(folder.iterdir()) == []


def test_an_environment_that_is_not_there_is_told(kontor: Run) -> None:
    told = kontor("tenants", "list", KONTOR_VENV="/nowhere")
    assert told.returncode == 1
    assert "KONTOR_VENV names /nowhere" in told.stderr


def test_a_misspelt_resource_is_told_with_those_near_it(kontor: Run) -> None:
    told = kontor("resource", "show", "sales.ordr")
    assert (told.returncode, told.stdout) == (1, "")
    assert "There is no resource 'sales.ordr'. Near it: sales.order" in told.stderr
    assert "./kontor resource list" in told.stderr


def test_words_of_a_folder_that_is_not_there_are_refused(kontor: Run) -> None:
    told = kontor("words", "platform/suite/nowhere")
    assert (told.returncode, told.stdout) == (1, "")
    assert "There is no folder platform/suite/nowhere" in told.stderr
