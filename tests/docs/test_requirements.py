"""docs/requirements.md says what the marks on the tests say."""

from __future__ import annotations

from pathlib import Path

from infra import requirements_table


def test_the_page_is_not_stale() -> None:
    told = "run: ./kontor requirements --update"
    assert requirements_table.PAGE.read_text(encoding="utf-8") == requirements_table.page(), told


def test_marks_on_functions_and_files_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_a.py").write_text(
        'import pytest\npytestmark = [pytest.mark.requirement("S1", "S2")]\n'
        '@pytest.mark.requirement("S3")\n@pytest.mark.requirement("S4", part="by day")\n'
        "def test_x():\n    ...\ndef test_y():\n    ...\n"
    )
    found = requirements_table.proofs(folder)
    whole, one = requirements_table.Proof("tests/test_a.py"), requirements_table.Proof("tests/test_a.py", "test_x")
    part = requirements_table.Proof("tests/test_a.py", "test_x", "by day")
    assert found == {"S1": {whole}, "S2": {whole}, "S3": {one}, "S4": {part}}
    cell = requirements_table._cell({one, part, whole})
    assert cell == "[test_a.py](../tests/test_a.py) `test_x`, `test_x` *by day*"
