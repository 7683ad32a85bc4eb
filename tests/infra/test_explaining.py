"""What is said of an error that nobody foresaw."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from django.db.utils import InternalError, OperationalError

from kontor.cli.run import _explained


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
