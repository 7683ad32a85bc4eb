"""Every part of the bench runs, on as few rows as it can, so that it does not rot between the times it is asked."""

from __future__ import annotations

import importlib
import math

import pytest
from django.db import connection

from tests.load.__main__ import PARTS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.slow("founds companies and, for three of the parts, starts the web server")
def test_a_part_measures_and_leaves_nothing(part: str) -> None:
    before = _companies()
    found = list(importlib.import_module(f"tests.load.{part}").measures("tiny"))
    whole = [m.what for m in found if not m.what.startswith(" ")]
    assert len(whole) == len(set(whole)) >= 3
    assert {m.part for m in found} == {part}
    assert all(math.isfinite(m.value) and (m.limit is None or m.limit > 0) for m in found)
    assert _companies() == before


def _companies() -> set[str]:
    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        return {name for (name,) in cursor.fetchall()}
