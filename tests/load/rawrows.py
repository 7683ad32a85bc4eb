"""The limit of writing: the rows that a deed wrote, written again by bare psycopg into tables without indexes.

No checks, no keys looked up, no numbers drawn: values that were read before go out as they are, one transaction
a time, either a row a statement or a table a statement.
"""

from __future__ import annotations

import collections
import re
import uuid
from collections.abc import Callable
from typing import Any


class Rows:
    """What one deed inserts and leaves: as many rows of each table as it wrote, taken from the last ones."""

    def __init__(self, scope: Callable[[], Any], deed: Callable[[], Any]) -> None:
        self.scope = scope
        counted = _counted(deed)
        self._tables: list[tuple[str, str, str, list[list[Any]]]] = []
        with scope(), _cursor() as cursor:
            for table, rows in counted.items():
                cursor.execute(f'CREATE TABLE "raw_{table}" (LIKE "{table}" INCLUDING DEFAULTS)')
                key = _key(cursor, table)
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY "{key}" DESC LIMIT %s', [rows])
                names = [c.name for c in cursor.description or ()]
                values = [_ordered(row, names, key) for row in cursor.fetchall()]
                if not values:
                    continue
                columns = ", ".join(f'"{n}"' for n in [key, *(n for n in names if n != key)])
                self._tables.append((table, columns, f"({', '.join(['%s'] * len(names))})", values))

    @property
    def count(self) -> int:
        """Rows of all tables."""
        return sum(len(values) for *_table, values in self._tables)

    def a_row_each(self) -> None:
        """All of them in one transaction, a row a statement."""
        with self.scope(), _cursor() as cursor:
            for table, columns, marks, values in self._tables:
                for row in values:
                    cursor.execute(f'INSERT INTO "raw_{table}" ({columns}) VALUES {marks}', _fresh(row))

    def a_table_each(self) -> None:
        """All of them in one transaction, a table a statement."""
        with self.scope(), _cursor() as cursor:
            for table, columns, marks, values in self._tables:
                flat = [value for row in values for value in _fresh(row)]
                all_marks = ", ".join([marks] * len(values))
                cursor.execute(f'INSERT INTO "raw_{table}" ({columns}) VALUES {all_marks}', flat)


def _cursor() -> Any:
    """Psycopg's own, without Django's wrapping."""
    from django.db import connection

    return connection.connection.cursor()


def _counted(deed: Callable[[], Any]) -> dict[str, int]:
    """Table and rows that a deed inserts."""
    from django.db import connection

    found: collections.Counter[str] = collections.Counter()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        out = execute(sql, params, many, context)
        if match := re.match(r'INSERT INTO "?(\w+)"?', sql):
            found[match.group(1)] += max(context["cursor"].rowcount, 1)
        return out

    with connection.execute_wrapper(note):
        deed()
    return {table: n for table, n in found.items() if table != "documents_numbercounter"}


def _key(cursor: Any, table: str) -> str:
    cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
    names = [c.name for c in cursor.description]
    return "id" if "id" in names else names[0]


def _ordered(row: tuple[Any, ...], names: list[str], key: str) -> list[Any]:
    held = dict(zip(names, row, strict=True))
    return [held[key], *(held[n] for n in names if n != key)]


def _fresh(row: list[Any]) -> list[Any]:
    """Under another key where the key is a UUID."""
    return [uuid.uuid4() if isinstance(row[0], uuid.UUID) else row[0], *row[1:]]
