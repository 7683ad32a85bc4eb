"""The command line: what is read, refused and explained before anything is set up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kontor.cli.parser import parse

HOME = Path("/somewhere/.kontor")


@pytest.mark.parametrize(
    "line",
    [
        "--state /a/b demo --detach",
        "demo --state /a/b --detach",
        "demo --detach --state=/a/b",
    ],
)
def test_the_state_folder_may_stand_anywhere(line: str) -> None:
    options = parse(line.split(), default_state=HOME)
    assert (options.command, options.detach, options.state) == ("demo", True, Path("/a/b"))


def test_the_state_folder_has_a_default_and_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KONTOR_STATE", raising=False)
    assert parse(["status"], default_state=HOME).state == HOME
    monkeypatch.setenv("KONTOR_STATE", "/c")
    assert parse(["status"], default_state=HOME).state == Path("/c")


def test_arguments_of_pytest_and_django_are_passed_on() -> None:
    options = parse(["test", "-k", "order", "--state", "/s", "-x"], default_state=HOME)
    assert (options.passed_on, options.state, options.needs_test_tools) == (["-k", "order", "-x"], Path("/s"), True)
    assert parse(["manage", "migrate", "--plan"], default_state=HOME).passed_on == ["migrate", "--plan"]


@pytest.mark.parametrize(
    "line",
    ["", "nonsense", "demo --port 0", "demo --port many", "demo --state", "tenants create x", "tenants", "manage"],
)
def test_a_wrong_line_ends_with_status_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split(), default_state=HOME)
    assert ended.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("line", ["--help", "help", "demo --help", "help demo", "test --help", "tenants create -h"])
def test_help_needs_nothing(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split(), default_state=HOME)
    assert ended.value.code == 0
    assert "usage: ./kontor" in capsys.readouterr().out


def test_every_command_of_the_contract_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"], default_state=HOME)
    told = capsys.readouterr().out
    commands = "demo stop status test check format words requirements serve worker tenants apikey import "
    commands += "resource migrate shell"
    for command in commands.split():
        assert re.search(rf"(?m)^    {command}\s", told), command
