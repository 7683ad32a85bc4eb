"""Set-based writing: one statement a table, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from kontor import clock


def add(
    model: type[Model], changes: Mapping[UUID, Sequence[Decimal]], columns: Sequence[str], *, closing: bool = False
) -> None:
    """Add to the number columns of rows that the caller has locked; ``updated_at`` moves along.

    ``closing``: the rows are open no longer.
    """
    rows = {pk: values for pk, values in changes.items() if closing or any(values)}
    if not rows:
        return
    sets = [f"{name} = t.{name} + v.{name}" for name in columns]
    if closing:
        sets.append("is_open = false")
    if any(f.name == "updated_at" for f in model._meta.concrete_fields):
        sets.append("updated_at = %s")
    _update(model, sets, rows, columns, "numeric")


def put(model: type[Model], values: Mapping[UUID, Sequence[Any]], columns: Sequence[str], kinds: Sequence[str]) -> None:
    """Set columns of rows that the caller has locked; ``kinds`` are the columns' SQL types."""
    if not values:
        return
    sets = [f"{name} = v.{name}" for name in columns]
    if any(f.name == "updated_at" for f in model._meta.concrete_fields):
        sets.append("updated_at = %s")
    _update(model, sets, values, columns, *kinds)


def remove(model: type[Model], ids: Collection[UUID]) -> None:
    """Delete rows that nothing refers to and the caller has locked."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = ANY(%s::uuid[])", [list(ids)])  # noqa: S608


def insert_missing(model: type[Model], rows: Sequence[Model]) -> None:
    """Insert rows in the order given; those that somebody else has just made stay as they are."""
    if rows:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


def _update(
    model: type[Model], sets: Sequence[str], rows: Mapping[UUID, Sequence[Any]], columns: Sequence[str], *kinds: str
) -> None:
    types = kinds if len(kinds) == len(columns) else kinds * len(columns)
    arrays = ", ".join(["%s::uuid[]", *(f"%s::{kind}[]" for kind in types)])
    names = ", ".join(["id", *columns])
    stamps = [clock.now() for s in sets if "%s" in s]
    params: list[Any] = [*stamps, list(rows), *([values[i] for values in rows.values()] for i in range(len(columns)))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} t SET {', '.join(sets)} "  # noqa: S608 (names are the model's)
            f"FROM unnest({arrays}) AS v ({names}) WHERE t.id = v.id",
            params,
        )
