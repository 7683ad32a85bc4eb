"""Set-based changes: many rows of a table in one statement, whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, DecimalField, IntegerField, JSONField, Model, UUIDField

from kontor import clock
from kontor.database.prepared import Prepared, array

_STAMP = "updated_at"
_PLAIN = (UUIDField, DecimalField, IntegerField, BooleanField)


def put(model: type[Model], rows: Mapping[UUID, Sequence[Any]], names: Sequence[str]) -> None:
    """Set columns (by attribute name) of rows that the caller has locked; ``updated_at`` moves along."""
    _update(model, rows, tuple(names), adding=False, ending=False)


def add(model: type[Model], rows: Mapping[UUID, Sequence[Any]], names: Sequence[str], *, ending: bool = False) -> None:
    """Add to number columns of rows that the caller has locked; the table's checks refuse excess.

    ``ending``: the rows are open no longer (``is_open``), which nothing added to them may hinder.
    """
    changed = {pk: values for pk, values in rows.items() if ending or any(values)}
    _update(model, changed, tuple(names), adding=True, ending=ending)


def remove(model: type[Model], ids: Collection[UUID]) -> None:
    """Delete rows that nothing refers to and the caller has locked."""
    if ids:
        with connection.cursor() as cursor:
            text = f'DELETE FROM "{model._meta.db_table}" WHERE id = ANY(%s::uuid[])'  # noqa: S608 (as below)
            cursor.execute(Prepared(text), [array(ids)])


def insert_missing(model: type[Model], rows: Sequence[Model]) -> None:
    """Insert rows in the order given; those that somebody else has just made stay as they are."""
    if rows:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


def _update(
    model: type[Model], rows: Mapping[UUID, Sequence[Any]], names: tuple[str, ...], *, adding: bool, ending: bool
) -> None:
    if not rows:
        return
    sql, prepare, stamped = _statement(model, names, adding, ending)
    ids = sorted(rows)
    params: list[Any] = [clock.now()] if stamped else []
    params.append(array(ids))
    params += [prep(rows[pk][i] for pk in ids) for i, prep in enumerate(prepare)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@cache
def _statement(
    model: type[Model], names: tuple[str, ...], adding: bool, ending: bool
) -> tuple[str, list[Callable[[Iterable[Any]], Any]], bool]:
    """The text of the statement, what makes an array of each column's values, and whether it begins with a stamp."""
    by_name = {f.attname: f for f in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    sets = [f'"{f.column}" = {f"""t."{f.column}" + """ if adding else ""}v.c{i}' for i, f in enumerate(fields)]
    stamped = _STAMP in by_name and _STAMP not in names
    if stamped:
        sets.insert(0, f"{_STAMP} = %s")
    if ending:
        sets.append("is_open = false")
    casts = ", ".join(["%s::uuid[]", *(f"%s::{_kind(f)}[]" for f in fields)])
    alias = ", ".join(["id", *(f"c{i}" for i in range(len(fields)))])
    sql = (
        f'UPDATE "{model._meta.db_table}" AS t SET {", ".join(sets)} '  # noqa: S608 (names are the model's)
        f"FROM unnest({casts}) AS v ({alias}) WHERE t.id = v.id"
    )
    return Prepared(sql), [_column(f) for f in fields], stamped


def _kind(field: Any) -> str:
    """The type without its length: a cast to it would cut what is too long, which the column refuses."""
    return str(field.db_type(connection)).partition("(")[0]


def _column(field: Any) -> Callable[[Iterable[Any]], Any]:
    kind = field.target_field if field.is_relation else field
    if isinstance(kind, _PLAIN):
        return array
    if isinstance(kind, JSONField):
        return lambda values: [field.get_db_prep_save(value, connection) for value in values]
    return list
