"""Set-based changes: many rows of a table in one statement, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from kontor import clock


def put(model: type[Model], rows: Mapping[UUID, Sequence[Any]], names: Sequence[str]) -> None:
    """Set columns (by attribute name) of rows that the caller has locked; ``updated_at`` moves along."""
    _update(model, rows, names, "{0} = v.c{1}")


def add(model: type[Model], rows: Mapping[UUID, Sequence[Decimal]], names: Sequence[str]) -> None:
    """Add to number columns of rows that the caller has locked; rows that nothing changes are left out."""
    _update(model, {pk: values for pk, values in rows.items() if any(values)}, names, "{0} = t.{0} + v.c{1}")


def insert_missing(model: type[Model], rows: Sequence[Model]) -> None:
    """Insert rows in the order given; those that somebody else has just made stay as they are."""
    if rows:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


def _update(model: type[Model], rows: Mapping[UUID, Sequence[Any]], names: Sequence[str], how: str) -> None:
    if not rows:
        return
    ids = sorted(rows)
    by_name = {f.attname: f for f in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    sets = [how.format(f'"{f.column}"', i) for i, f in enumerate(fields)]
    arrays: list[Any] = [
        ids,
        *([f.get_db_prep_save(rows[pk][i], connection) for pk in ids] for i, f in enumerate(fields)),
    ]
    casts = ", ".join(["%s::uuid[]", *(f"%s::{f.db_type(connection)}[]" for f in fields)])
    if "updated_at" in by_name and "updated_at" not in names:
        sets.append("updated_at = %s")
        arrays.insert(0, clock.now())
    alias = ", ".join(["id", *(f"c{i}" for i in range(len(fields)))])
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS t SET {", ".join(sets)} '  # noqa: S608 (names are the model's)
            f"FROM unnest({casts}) AS v ({alias}) WHERE t.id = v.id",
            arrays,
        )
