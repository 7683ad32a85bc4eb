"""Statements that a connection prepares once: PostgreSQL neither reads nor plans them again.

``Prepared`` marks a text with ``%s`` places whose types follow from the text alone (a column, or a cast: arrays
always have one). Its second run on a connection prepares it, under the search path of the company, so that
each company has plans of its own. Where statements must not outlive a transaction (a pooler that hands its
sessions to others), ``KONTOR_PREPARED=0`` sends it as any other.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.backends.postgresql import base as _postgres
from psycopg import DataError, errors
from psycopg.generators import execute as executed
from psycopg.pq import ExecStatus
from psycopg.types.json import Jsonb

_ClientCursor: Any = _postgres.Cursor  # type: ignore[attr-defined, unused-ignore]
_MOST = 400  # prepared statements of a connection
_SAVED = {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}


class Prepared(str):
    """The text of a statement that is run often with other values."""

    __slots__ = ()


class Cursor(_ClientCursor):  # type: ignore[misc] # no stubs tell what Django's is
    """Django's, but what is ``Prepared`` goes to the server with its values beside it."""

    def execute(self, query: Any, params: Any = None, **named: Any) -> Any:
        if type(query) is Prepared and params is not None and settings.PREPARED_STATEMENTS:
            try:
                with self._conn.lock:
                    self._conn.wait(self._run(query, [_text(value) for value in params]))
            except errors._NO_TRACEBACK as error:
                raise error.with_traceback(None) from error.__cause__
            return self
        return super().execute(query, params, **named)

    def _run(self, query: str, values: list[bytes | None]) -> Iterator[Any]:
        """psycopg's generator of one statement, with names of our own instead of its cache by types."""
        yield from self._start_query()
        raw = self._pgconn
        kept = statements(self._conn)
        name = kept.name((getattr(self._conn, "search_path", ""), query))
        if name is None:
            raw.send_query_params(_numbered(query), values)
            self._set_results(self._checked((yield from executed(raw)), kept))
            return
        for old in kept.dropped():
            raw.send_query(b"DEALLOCATE " + old)
            yield from executed(raw)
        if name not in kept.ready:
            raw.send_prepare(name, _numbered(query))
            self._checked((yield from executed(raw)), kept)
            kept.ready.add(name)
        raw.send_query_prepared(name, values)
        self._set_results(self._checked((yield from executed(raw)), kept))

    def _checked(self, results: list[Any], kept: Statements) -> list[Any]:
        for result in results:
            if result.status not in _SAVED:
                if result.error_field(67) in (b"26000", b"0A000"):  # 67: C, the state
                    kept.forget()  # unknown to the server, or its columns have other types now
                self._raise_for_result(result)
        return results


class Statements:
    """What a connection has prepared, under which names."""

    def __init__(self) -> None:
        self.ready: set[bytes] = set()
        self._names: OrderedDict[tuple[str, str], bytes | None] = OrderedDict()
        self._dropped: list[bytes] = []
        self._count = 0

    def name(self, key: tuple[str, str]) -> bytes | None:
        """The name under which a statement is prepared; None the first time, when it is not worth it yet."""
        if key not in self._names:
            self._names[key] = None
            if len(self._names) > _MOST:
                _key, old = self._names.popitem(last=False)
                if old in self.ready:
                    self._dropped.append(old)
            return None
        self._names.move_to_end(key)
        name = self._names[key]
        if name is None:
            self._count += 1
            name = self._names[key] = f"kontor_{self._count}".encode()
        return name

    def dropped(self) -> list[bytes]:
        """Names that the server may forget; told once."""
        out, self._dropped = self._dropped, []
        self.ready.difference_update(out)
        return out

    def forget(self) -> None:
        """All is prepared anew, under new names."""
        self._names.clear()
        self.ready.clear()


def statements(connection: Any) -> Statements:
    """Of a psycopg connection; they last as long as it does."""
    found: Statements | None = getattr(connection, "prepared_statements", None)
    if found is None:
        found = connection.prepared_statements = Statements()
    return found


def array(values: Iterable[Any]) -> str:
    """The text of an array of numbers, instants, dates, truths or ids, for a place with a cast.

    The client library would look each element up by its type, which costs more than the statement does.
    """
    return "{" + ",".join(["NULL" if v is None else v.hex if type(v) is UUID else str(v) for v in values]) + "}"


def text_array(values: Iterable[Any]) -> str:
    """The text of an array of texts, for a place with a cast."""
    return "{" + ",".join(["NULL" if v is None else _quoted(_said(v)) for v in values]) + "}"


def _said(value: Any) -> str:
    """A value as text; JSON as psycopg wraps it."""
    if isinstance(value, Jsonb):
        dumps: Any = value.dumps or json.dumps
        return str(dumps(value.obj))
    return str(value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(value: Any) -> bytes | None:
    if value is None:
        return None
    if type(value) is UUID:
        return value.hex.encode()
    if isinstance(value, list | tuple):
        first = next((v for v in value if v is not None), None)
        return _text(text_array(value) if isinstance(first, str | Jsonb) else array(value))
    said = _said(value).encode()
    if b"\0" in said:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return said


@lru_cache(maxsize=5_000)
def _numbered(query: str) -> bytes:
    """``%s`` as ``$1``, ``$2``, …"""
    first, *rest = query.split("%s")
    return "".join([first, *(f"${i}{part}" for i, part in enumerate(rest, 1))]).replace("%%", "%").encode()
