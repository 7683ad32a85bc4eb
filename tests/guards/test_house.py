"""Rules of the house that a review would otherwise repeat."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from tests.guards.trees import tree

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES, MOST_CLASS_LINES = 400, 300
# Tables of libraries come with their own indexes; the budget is ours.
FOREIGN_TABLES = ("django_", "auth_", "account_", "mfa_", "allauth_", "identity_session")


def _tracked(suffix: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", f"*{suffix}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).exists()]


def _sources() -> list[Path]:
    return [p for p in _tracked(".py") if "migrations" not in p.parts]


def test_no_file_or_class_outgrows_its_reader():
    long = []
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > MOST_LINES:
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(tree(text)):
            if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno > MOST_CLASS_LINES:
                long.append(f"{path.relative_to(ROOT)}: class {node.name}")
    assert long == []


def test_nothing_is_called_helpers_or_the_like():
    bad = {"utils", "util", "common", "helpers", "helper", "misc"}
    assert [str(p) for p in _sources() if p.stem in bad or bad & set(p.relative_to(ROOT).parent.parts)] == []


def test_only_the_sample_and_tests_set_the_clock():
    """Nobody may choose the instant of an audit row: no request, key or import."""
    own = {"platform/kontor/clock.py"}
    said = [p.relative_to(ROOT) for p in _sources() if "told_at" in p.read_text(encoding="utf-8")]
    assert [str(p) for p in said if p.parts[0] != "tests" and "sample" not in p.parts and str(p) not in own] == []


def test_platform_never_shadows_the_standard_library():
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_an_import_inside_a_function_says_why():
    """Of ours and Django's; a model that calls its service and a library loaded when it is needed are known reasons."""
    ours = {"kontor", "suite", "tenants", "integrations", "billing", "infra", "django"}
    unexplained = []
    for path in _sources():
        at = path.relative_to(ROOT)
        if at.parts[0] not in ("platform", "tenants", "integrations", "billing") or {"models", "models.py"} & {
            *at.parts
        }:
            continue
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for function in ast.walk(tree(text)):
            for node in ast.walk(function) if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else ():
                if isinstance(node, ast.Import | ast.ImportFrom):
                    name = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
                    if name.split(".")[0] in ours and "#" not in lines[node.lineno - 1]:
                        unexplained.append(f"{at}:{node.lineno}: {lines[node.lineno - 1].strip()}")
    assert unexplained == []


def test_nobody_reaches_into_the_registry():
    """Its inside is its own: a resource is found by ``spec`` or ``find``, all of them by ``specs``."""
    inside = re.compile(r"registry\._[a-z]")
    own = {"platform/kontor/resources/registry.py"}
    found = [p.relative_to(ROOT) for p in _sources() if inside.search(p.read_text(encoding="utf-8"))]
    assert [str(p) for p in found if p.parts[0] != "tests" and str(p) not in own] == []


def test_no_floats_for_money():
    """``float(`` stands only where a spreadsheet or a chart takes nothing else."""
    allowed = {"exporting.py", "sheets.py", "writing_files.py", "limits.py", "files.py", "workbook.py", "parsing.py"}
    allowed |= {"dossier.py"}  # the length of a bar
    found = [
        f"{p.relative_to(ROOT)}:{text.count(chr(10), 0, m.start()) + 1}"
        for p in _sources()
        if p.parts[len(ROOT.parts)] == "platform" and p.name not in allowed
        for text in [p.read_text(encoding="utf-8")]
        for m in re.finditer(r"(?<![\w.])float\(", text)
    ]
    assert found == []


def test_no_signals_in_the_domain():
    """The signals of Django; Celery's tell of processes, not of business."""
    said = [p for p in _sources() if "tests" not in p.parts and p.name != "celery.py"]
    assert [str(p) for p in said if re.search(r"@receiver|signals?\.\w+\.connect\(", p.read_text("utf-8"))] == []


@pytest.mark.requirement("T1")
def test_the_index_budget(company: object):
    """Primary key plus three a table on average, none made for LIKE: indexes set the price of a tenant."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 't_alpha'")
        rows = [row for row in cursor.fetchall() if not row[0].startswith(FOREIGN_TABLES)]
    tables = {table for table, _index in rows}
    assert [index for _table, index in rows if index.endswith("_like")] == []
    assert len(rows) / len(tables) <= 4, f"{len(rows)} indexes on {len(tables)} tables"


def test_every_key_of_ours_is_a_uuid(company: object):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.table_name, c.data_type FROM information_schema.tables t JOIN information_schema.columns c "
            "ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.column_name = 'id' "
            "WHERE t.table_schema = 't_alpha'"
        )
        rows = [row for row in cursor.fetchall() if not row[0].startswith(FOREIGN_TABLES)]
    assert [row for row in rows if row[1] != "uuid"] == []


def test_triggers_name_no_schema(company: object):
    """A function copied to another company must write there (scale.md, rule 4)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.prosrc, p.proconfig FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
            "WHERE n.nspname = 't_alpha'"
        )
        rows = cursor.fetchall()
    assert rows
    assert [name for name, source, config in rows if "t_alpha" in source or "template" in source or config] == []
