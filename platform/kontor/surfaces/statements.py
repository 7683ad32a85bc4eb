"""A list's SQL, made once and kept: Django writes a query of thirty columns anew in two milliseconds each time.

What differs between two pages of the same list — who asks, where the page begins — stands in the statement as
slots. All else that a statement depends on is the key it is kept under.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Field, JSONField, QuerySet

_KEEP = 2_000  # statements a process; a client that asks for ever new orders must not fill the memory
_kept: dict[Hashable, Statement] = {}


class Slot(Expression):
    """A value that is filled in when the statement runs."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=Field())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, Any]:
        return "%s", [self]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slot) and other.name == self.name

    def __hash__(self) -> int:
        return hash(("slot", self.name))


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with slots among its values, and what makes Python's values of columns; no SQL: no rows."""

    sql: str
    values: tuple[Any, ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]
    made_for: Any  # the declaration; after another one under the same name it is written anew

    def rows(self, slots: Mapping[str, Any]) -> list[Sequence[Any]]:
        """All rows, in the transaction of the call."""
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [slots[v.name] if isinstance(v, Slot) else v for v in self.values])
            found = cursor.fetchall()
        if not self.converters:
            return list(found)
        out: list[Sequence[Any]] = []
        for row in found:
            values = list(row)
            for at, convert in self.converters:
                values[at] = convert(values[at])
            out.append(values)
        return out


def kept(key: Hashable, made_for: Any, make: Callable[[], QuerySet[Any, Any]]) -> Statement:
    """The statement under this key; written by ``make`` the first time."""
    found = _kept.get(key)
    if found is None or found.made_for is not made_for:
        if len(_kept) > _KEEP:
            _kept.clear()
        found = _kept[key] = _written(make(), made_for)
    return found


def _written(rows: QuerySet[Any, Any], made_for: Any) -> Statement:
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, values = compiler.as_sql()
    except EmptyResultSet:  # nothing can match: who has no employee in a narrow scope
        return Statement("", (), (), made_for)
    columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
    converters = tuple((at, _converter(f, given)) for at, (given, f) in compiler.get_converters(columns).items())
    return Statement(sql, tuple(values), converters, made_for)


def _converter(column: Any, given: Iterable[Any]) -> Callable[[Any], Any]:
    """Django's converters of a column in one; of JSON, what is mostly empty is not parsed."""
    chain = tuple(given)
    whole = isinstance(column.output_field, JSONField) and column.output_field.decoder is None and len(chain) == 1
    if whole:
        return _json

    def convert(value: Any) -> Any:
        for function in chain:
            value = function(value, column, connection)
        return value

    return convert


def _json(text: Any) -> Any:
    if text == "{}":
        return {}
    if text == "[]":
        return []
    return json.loads(text) if isinstance(text, str | bytes) else text
