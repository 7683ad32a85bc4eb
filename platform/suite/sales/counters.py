"""Counters of many lines in one statement; the checks of the table have the last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models


def write(
    model: type[models.Model], columns: Sequence[str], rows: Mapping[UUID, Sequence[Decimal | None]], *,
    add: bool = False,
) -> None:  # fmt: skip
    """Set numeric columns of rows by id, or add to them; rows are taken in id order."""
    if not rows:
        return
    ids = sorted(rows)
    columns_of = {f.name: f.column for f in model._meta.concrete_fields}
    names = [f'"{columns_of[c]}"' for c in columns]
    sets = ", ".join(f"{n} = t.{n} + v.c{i}" if add else f"{n} = v.c{i}" for i, n in enumerate(names))
    values = ", ".join(["%s::uuid[]", *("%s::numeric[]" for _c in columns)])
    alias = ", ".join(["id", *(f"c{i}" for i in range(len(columns)))])
    arrays: list[Any] = [ids, *([rows[pk][i] for pk in ids] for i in range(len(columns)))]
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{model._meta.db_table}" AS t SET {sets} FROM unnest({values}) AS v({alias}) '  # noqa: S608
            "WHERE t.id = v.id",
            arrays,
        )
