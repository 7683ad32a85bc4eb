"""Set-based changes: many rows of a table in one statement, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model


def put(model: type[Model], rows: Mapping[UUID, Sequence[Any]], names: Sequence[str]) -> None:
    """Set columns (by attribute name) of rows that the caller has locked."""
    if not rows:
        return
    ids = sorted(rows)
    by_name = {f.attname: f for f in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    sets = [f'"{f.column}" = v.c{i}' for i, f in enumerate(fields)]
    arrays: list[Any] = [
        ids,
        *([f.get_db_prep_save(rows[pk][i], connection) for pk in ids] for i, f in enumerate(fields)),
    ]
    casts = ", ".join(["%s::uuid[]", *(f"%s::{f.db_type(connection)}[]" for f in fields)])
    alias = ", ".join(["id", *(f"c{i}" for i in range(len(fields)))])
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS t SET {", ".join(sets)} '  # noqa: S608 (names are the model's)
            f"FROM unnest({casts}) AS v ({alias}) WHERE t.id = v.id",
            arrays,
        )
