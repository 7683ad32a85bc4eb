"""What is said of an error that nobody foresaw."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from django.db.utils import InternalError, OperationalError

from infra import code
from kontor.cli.run import _explained
from kontor.resources.declaration import Resource
from kontor.resources.faults import WrongDeclaration


def test_a_full_disk_is_told_also_where_another_error_hides_it(tmp_path: Path) -> None:
    try:
        try:
            raise OperationalError("could not extend file: No space left on device")
        except OperationalError:
            raise InternalError("current transaction is aborted")  # noqa: B904 - as a driver does
    except InternalError as error:
        told = _explained(error, tmp_path)
    assert told.code == "disk_full"
    assert "nothing is lost" in told.what_to_do
    assert "could not extend file" in (tmp_path / "log" / "errors.log").read_text()
    assert _explained(OSError(errno.ENOSPC, "No space"), tmp_path).code == "disk_full"


@pytest.mark.parametrize(("error", "code"), [(OperationalError("gone"), "database"), (ValueError("odd"), "unexpected")])
def test_others_name_the_record(tmp_path: Path, error: Exception, code: str) -> None:
    told = _explained(error, tmp_path)
    assert (told.code, told.status) == (code, 1)
    assert str(tmp_path / "log" / "errors.log") in told.what_to_do
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700


def test_a_wrong_declaration_is_told_with_its_place_and_no_surprise(tmp_path: Path) -> None:
    class Contract(Resource):
        columns = "number due_onn"

    told = _explained(WrongDeclaration(Contract, "rental.contract: columns names 'due_onn'", "due_onn"), tmp_path)
    line = next(n for n, text in enumerate(Path(__file__).read_text().splitlines(), 1) if '"number due_onn"' in text)
    assert told.code == "wrong_declaration"
    assert told.detail == f"tests/infra/test_explaining.py, line {line}: rental.contract: columns names 'due_onn'."
    assert told.what_to_do == "Correct it there and run the command again."


def test_code_that_changed_after_the_server_was_started_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code, "CHECKOUT", tmp_path)
    (tmp_path / "platform").mkdir()
    source = tmp_path / "platform" / "a.py"
    source.write_text("A = 1")
    web = {"code": code.fingerprint()}
    (tmp_path / "platform" / "a.pyc").write_text("no source")
    assert not code.is_newer_than(web)
    assert not code.is_newer_than({})
    source.write_text("A = 22")
    assert code.is_newer_than(web)
