"""Django's compilers, which find the text of a query once: its next one of the same shape takes it as it is.

The shape is all that the text depends on (the columns, joins, order, locks, and which columns are compared
how); the values of the conditions are all that is left to do. What is not of the usual shape (annotations,
sub-queries, expressions) goes Django's way. New rows are written from the instances' values without a call
a value. The texts are ``Prepared``.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.backends.postgresql import compiler as postgres
from django.db.models.expressions import Col, F, OrderBy
from django.db.models.fields import DateField, Field
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn, RelatedIsNull
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan, LessThanOrEqual
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

from kontor.database.prepared import Prepared, array, text_array

SQLAggregateCompiler = postgres.SQLAggregateCompiler
SQLDeleteCompiler = postgres.SQLDeleteCompiler
SQLUpdateCompiler = postgres.SQLUpdateCompiler

_MOST = 2_000  # shapes; an application has some hundred
_EQUAL = (Exact, RelatedExact)
_AMONG = (In, RelatedIn)
_NULL = (IsNull, RelatedIsNull)
_COMPARED = {GreaterThan: ">", GreaterThanOrEqual: ">=", LessThan: "<", LessThanOrEqual: "<="}
_ORDERED = frozenset({"DecimalField", "DateField", "DateTimeField", "UUIDField"})


class _Unusual(Exception):
    """A query whose text may depend on more than its shape."""


class _Text:
    """What Django has found out about a query of a shape; None for ``sql``: it goes Django's way."""

    __slots__ = ("annotations", "converters", "count", "extra", "held", "klass", "select", "sql")

    def __init__(self, compiler: Any, sql: str | None, held: list[Any]) -> None:
        self.sql = None if sql is None else Prepared(sql)
        self.held = held  # fields are known by their addresses: they must not go away
        self.select, self.klass = compiler.select, compiler.klass_info
        self.annotations, self.count = compiler.annotation_col_map, compiler.col_count
        self.extra = compiler.has_extra_select
        self.converters = compiler.get_converters([s[0] for s in self.select[: self.count]])


_texts: dict[tuple[Any, ...], _Text] = {}


class SQLCompiler(postgres.SQLCompiler):
    """A select; ``_text`` is what is known of its shape."""

    _text: _Text | None = None
    _simply = False

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> Any:
        if not with_limits or with_col_aliases or self.connection.get_autocommit():
            return super().as_sql(with_limits, with_col_aliases)
        params: list[Any] = []
        held: list[Any] = []
        try:
            key = _shape(self.query, params, held)
        except _Unusual:
            return super().as_sql()
        known = _texts.get(key)
        if known is None:
            known = self._learn(key, params, held)
        if known.sql is None:
            return super().as_sql()
        self._text = known
        self.select, self.klass_info, self.annotation_col_map = known.select, known.klass, known.annotations
        self.col_count, self.has_extra_select = known.count, known.extra
        return known.sql, tuple(params)

    def compile(self, node: Any) -> Any:
        if self._simply and (found := _compared(node)) is not None:
            return found
        return super().compile(node)

    def results_iter(
        self, results: Any = None, tuple_expected: bool = False, chunked_fetch: bool = False, chunk_size: int = 100
    ) -> Any:
        if self._text is None or results is None:
            return super().results_iter(results, tuple_expected, chunked_fetch, chunk_size)
        rows = (row for chunk in results for row in chunk)
        found: Any = self.apply_converters(rows, self._text.converters) if self._text.converters else rows
        return map(tuple, found) if tuple_expected else found

    def _learn(self, key: tuple[Any, ...], params: list[Any], held: list[Any]) -> _Text:
        self._simply = True
        try:
            sql, found = super().as_sql()
        finally:
            self._simply = False
        usual = list(found) == params and not self.has_composite_fields([s[0] for s in self.select])
        if len(_texts) >= _MOST:
            _texts.clear()
        _texts[key] = known = _Text(self, sql if usual else None, held)
        return known


def _shape(q: Any, params: list[Any], held: list[Any]) -> tuple[Any, ...]:
    """All that the text of a query depends on; its values are added to ``params``."""
    model: Any = q.model
    if (
        type(q) is not Query
        or q.annotations
        or q.extra
        or q.group_by is not None
        or q.distinct
        or q.combinator
        or q.subquery
        or q.explain_info
        or q.extra_tables
        or q.extra_order_by
        or q.select_related is True
        or q.__dict__.get("_filtered_relations")
        or model._meta.apps is not apps
    ):
        raise _Unusual
    select = []
    for col in q.select:
        if type(col) is not Col:
            raise _Unusual
        held.append(col.target)
        select.append((col.alias, id(col.target)))
    joins = []
    for alias, join in q.alias_map.items():
        field = getattr(join, "join_field", None)
        held.append(field)
        joins.append(
            (alias, join.table_name, join.join_type, join.parent_alias, id(field), q.alias_refcount[alias] > 0)
        )
    return (
        q.model,
        q.default_cols,
        tuple(select),
        tuple(q.selected.items()) if q.selected else None,
        _frozen(q.select_related),
        (frozenset(q.deferred_loading[0]), q.deferred_loading[1]),
        tuple(joins),
        _conditions(q.where, params, held),
        tuple([name if type(name) is str else _order(name) for name in q.order_by]),
        q.default_ordering,
        q.standard_ordering,
        q.low_mark,
        q.high_mark,
        q.select_for_update
        and (q.select_for_update_nowait, q.select_for_update_skip_locked, q.select_for_update_of,
             q.select_for_no_key_update),
    )  # fmt: skip


def _order(item: Any) -> tuple[Any, ...]:
    named: Any = getattr(item, "expression", None)
    if (type(item), type(named)) != (OrderBy, F):
        raise _Unusual
    return named.name, item.descending, item.nulls_first, item.nulls_last


def _frozen(related: Any) -> Any:
    return tuple((name, _frozen(below)) for name, below in related.items()) if related else ()


def _conditions(node: Any, params: list[Any], held: list[Any]) -> tuple[Any, ...]:
    out: list[Any] = [node.connector, node.negated, node.resolved]
    for child in node.children:
        if type(child) is WhereNode:
            out.append(_conditions(child, params, held))
            continue
        found = _compared(child)
        if found is None:
            raise _Unusual
        held.append(child.lhs.target)
        params += found[1]
        out.append(found[0])
    return tuple(out)


def _compared(child: Any) -> tuple[str, list[Any]] | None:
    """A column beside a value, several, or none; None for any other condition."""
    kind = type(child)
    if kind not in _COMPARED and kind not in _EQUAL and kind not in _AMONG and kind not in _NULL:
        return None
    lhs, rhs = child.lhs, child.rhs
    if type(lhs) is not Col or child.bilateral_transforms:
        return None
    # An alias that is no table's name is one of Django's own (T3, U0), written as it is.
    table = f'"{lhs.alias}"' if lhs.alias == lhs.target.model._meta.db_table else lhs.alias
    column = f'{table}."{lhs.target.column}"'
    if kind in _NULL:
        return (f"{column} IS NULL" if rhs else f"{column} IS NOT NULL", []) if isinstance(rhs, bool) else None
    field = getattr(lhs.output_field, "target_field", None) or lhs.output_field
    known = _TYPES.get(field.get_internal_type())
    if known is None or field.get_internal_type() == "JSONField":
        return None
    if kind in _AMONG:
        if not isinstance(rhs, list | tuple | set | frozenset):
            return None
        values = [_value(v, known[0]) for v in dict.fromkeys(rhs) if v is not None]
        if not values or any(type(v) is not known[0] for v in values):
            return None
        if len(values) == 1:
            return f"{column} = %s", values
        return f"{column} = ANY(%s::{known[1]}[])", [known[2](values)]
    rhs = _value(rhs, known[0])
    if type(rhs) is not known[0]:
        return None
    if kind in _EQUAL:
        if known[0] is bool:
            return column if rhs else f"NOT {column}", []
        return f"{column} = %s", [rhs]
    return (f"{column} {_COMPARED[kind]} %s", [rhs]) if field.get_internal_type() in _ORDERED else None


class SQLInsertCompiler(postgres.SQLInsertCompiler):
    """New rows: one as it is, several as an array a column, so that the text is the same for any number."""

    def as_sql(self) -> Any:  # type: ignore[override]
        q: Any = self.query
        if q.raw or self.returning_fields or q.on_conflict or not q.fields:
            return super().as_sql()
        columns = _inserted(tuple(q.fields))
        if columns is None:
            return super().as_sql()
        rows = []
        for obj in q.objs:
            kept: dict[str, Any] = obj.__dict__
            row: list[Any] = []
            value: Any
            for name, exact, plain, field, write in columns:
                if plain:
                    value = kept.get(name, q)  # q: no value at all
                else:
                    value = field.pre_save(obj, add=True)
                if value is not None and (
                    type(value) is not exact
                    or value != value
                    or (exact is dt.datetime and getattr(value, "tzinfo", q) is None)
                ):  # NaN is not itself
                    value = self.prepare_value(field, field.pre_save(obj, add=True) if plain else value)
                    if hasattr(value, "as_sql"):
                        return super().as_sql()
                row.append(value if write is None or value is None else write(value))
            rows.append(row)
        head = f'INSERT INTO "{q.get_meta().db_table}" ({", ".join(_quote(f.column) for f in q.fields)})'
        if len(rows) == 1:
            return [(Prepared(f"{head} VALUES ({', '.join(['%s'] * len(columns))})"), tuple(rows[0]))]
        kinds = _kinds(tuple(q.fields))
        places = ", ".join(f"%s::{kind}[]" for kind, _array in kinds)
        values = zip(*rows, strict=True)
        arrays = tuple(make(column) for (_kind, make), column in zip(kinds, values, strict=True))
        return [(Prepared(f"{head} SELECT * FROM unnest({places})"), arrays)]  # noqa: S608 (as above)


def _value(value: Any, kind: type) -> Any:
    """A choice as its text."""
    return str(value) if kind is str and isinstance(value, str) else value


def _quote(name: str) -> str:
    return f'"{name}"'


def _as_json(value: Any) -> Any:
    """A dict or list as text; what Django has wrapped already, too."""
    if type(value) in (dict, list):
        return json.dumps(value)
    return value.dumps(value.obj) if hasattr(value, "dumps") else value


# internal type → the type whose values need no look, the type of an array's place, who writes the array
_TYPES: dict[str, tuple[type, str, Any]] = {
    "UUIDField": (UUID, "uuid", array),
    "CharField": (str, "varchar", text_array),
    "EmailField": (str, "varchar", text_array),
    "TextField": (str, "text", text_array),
    "BooleanField": (bool, "boolean", array),
    "SmallIntegerField": (int, "smallint", array),
    "PositiveSmallIntegerField": (int, "smallint", array),
    "IntegerField": (int, "integer", array),
    "PositiveIntegerField": (int, "integer", array),
    "BigIntegerField": (int, "bigint", array),
    "PositiveBigIntegerField": (int, "bigint", array),
    "DecimalField": (Decimal, "numeric", array),
    "DateField": (dt.date, "date", array),
    "DateTimeField": (dt.datetime, "timestamptz", array),
    "JSONField": (dict, "jsonb", text_array),
}


@lru_cache(maxsize=1_000)
def _inserted(fields: tuple[Any, ...]) -> list[tuple[str, type, bool, Any, Any]] | None:
    """A column: its name, the type taken as it is, whether the instance has it as such, the field, its writing."""
    out = []
    for f in fields:
        target = f.target_field if f.is_relation else f
        known = _TYPES.get(target.get_internal_type())
        if known is None or hasattr(f, "get_placeholder"):
            return None
        if getattr(f, "encoder", None) is not None:
            return None
        stamped = getattr(f, "auto_now", False) or getattr(f, "auto_now_add", False)
        plain = not stamped and (type(f).pre_save is Field.pre_save or isinstance(f, DateField))
        out.append((f.attname, known[0], plain, f, _as_json if known[1] == "jsonb" else None))
    return out


@lru_cache(maxsize=1_000)
def _kinds(fields: tuple[Any, ...]) -> list[tuple[str, Any]]:
    return [_TYPES[(f.target_field if f.is_relation else f).get_internal_type()][1:] for f in fields]
