"""docs/security.md names only tests that exist, and a test or a reason for every requirement."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", (ROOT / "docs/security.md").read_text(encoding="utf-8"))
    assert len(named) > 60
    gone = [f"{file}::{name}" for file, name in set(named) if name not in _functions(ROOT / file)]
    assert gone == []


def test_every_row_has_a_test_or_a_reason() -> None:
    lines = (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if re.match(r"\| \d", line)]
    assert len(rows) > 120
    reasons = ("`tests/", "**Not yet**", "**not yet**", "*not applicable*", "*by the operator*", "*read*")
    assert [row.split("|")[1].strip() for row in rows if not any(r in row for r in reasons)] == []


def _functions(file: Path) -> set[str]:
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
