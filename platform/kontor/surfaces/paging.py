"""Keyset paging: the order of a list, and signed cursors that name the row a page ends with."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.tenancy import current_schema
from kontor.errors import Invalid
from kontor.resources.spec import Field, Spec
from kontor.surfaces.plans import has_column, title_paths

_SIGNATURE = 12  # bytes


MOST_KEYS = 5


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order; empty values stand last in either direction."""

    path: str
    down: bool
    nullable: bool
    kind: str = ""
    computed: Field | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The columns of an order with the id behind them as tie-break; no columns: the id alone."""

    name: str  # as callers write it: "-ordered_on,number"
    keys: tuple[Key, ...]
    down: bool  # which way the id goes

    @property
    def computed(self) -> dict[str, Field]:
        """The computed fields that the query must have."""
        return {key.computed.name: key.computed for key in self.keys if key.computed is not None}


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a row in an order; ``back`` asks for the page before it."""

    values: tuple[Any, ...]
    id: UUID
    back: bool = False


def order_of(ctx: Context, spec: Spec, asked: str) -> Order:
    """The order asked for (names between commas), else the resource's own; guarded and unknown fields are refused.

    Where nobody asks and the resource is ordered by its creation, the id serves: it is made of the
    instant of creation and has an index (a million rows would be sorted otherwise).
    """
    if not asked:
        return _usual(ctx, spec, (spec.order.replace(",", " ").split() or ["-created_at"])[0])
    names = [name.strip() for name in asked.split(",")]
    plain = [name.removeprefix("-") for name in names]
    if len(names) > MOST_KEYS:
        raise Invalid.at("/order", _("A list is ordered by at most %(n)d fields.") % {"n": MOST_KEYS})
    for at, name in enumerate(plain):
        if name in plain[:at]:
            raise Invalid.at("/order", _("“%(name)s” stands twice in the order.") % {"name": name[:80]})
    keys: list[Key] = []
    down = False
    for given, name in zip(names, plain, strict=True):
        down = given.startswith("-")
        if name in ("id", "pk"):
            break  # what comes after the id orders nothing
        key = _key(ctx, spec, name, down)
        if key is None:
            raise Invalid.at("/order", _("The list cannot be ordered by “%(name)s”.") % {"name": name[:80]})
        keys.append(key)
    return Order(",".join(names), tuple(keys), down)


def _usual(ctx: Context, spec: Spec, name: str) -> Order:
    down, field_name = name.startswith("-"), name.lstrip("-")
    by_id = field_name in ("id", "pk") or (field_name == "created_at" and not _indexed(spec.model, "created_at"))
    key = None if by_id else _key(ctx, spec, field_name, down)
    if key is None:
        return Order(name if by_id else "-id", (), down or not by_id)
    return Order(name, (key,), down)


def _key(ctx: Context, spec: Spec, name: str, down: bool) -> Key | None:
    f = spec.fields.get(name)
    if f is None or f.kind in ("json", "tags") or (f.guard and not ctx.rights.sees(f.guard)):
        return None
    if f.is_computed:
        return Key(f.path, down, True, f.kind, f)
    if f.kind == "reference":
        _target, paths = title_paths(spec.model, f)
        return Key(paths.get("title", f.column), down, True, "text" if paths else "id")
    return Key(_sorted_by(spec, f), down, f.nullable or "__" in f.path, f.kind)


def _sorted_by(spec: Spec, f: Field) -> str:
    """A name is ordered by the sort key kept beside it (pinyin), where its table has one."""
    relation, _sep, column = f.path.rpartition("__")
    table = spec.model._meta.get_field(relation).related_model if relation and "__" not in relation else spec.model
    if column != "name" or not has_column(table, "sort_key"):
        return f.path
    return f"{relation}__sort_key" if relation else "sort_key"


def _indexed(model: Any, name: str) -> bool:
    return any(index.fields and index.fields[0].lstrip("-") == name for index in model._meta.indexes)


def clauses(order: Order, *, back: bool) -> list[Any]:
    """What ``order_by`` gets."""
    out: list[Any] = []
    for key in order.keys:
        column, down = F(key.path), key.down != back
        if key.nullable:
            last = {"nulls_first": True} if back else {"nulls_last": True}
            out.append(column.desc(**last) if down else column.asc(**last))
        else:
            out.append(column.desc() if down else column.asc())
    out.append("-pk" if order.down != back else "pk")
    return out


def beyond(order: Order, mark: Mark) -> Q:
    """The rows after the mark (before it, when it looks back)."""
    found = Q(**{f"pk__{_word(order.down, mark)}": mark.id})
    for key, value in reversed(list(zip(order.keys, mark.values, strict=True))):
        found = _beyond(key, value, mark, found)
    return found


def _beyond(key: Key, value: Any, mark: Mark, behind: Q) -> Q:
    """Past the value in this column, or level with it and past the mark in those behind."""
    empty = Q(**{f"{key.path}__isnull": True})
    if value is None:
        return (~empty | behind) if mark.back else (empty & behind)
    word = _word(key.down, mark)
    # The closed bound beside the pair lets the planner begin the index at the mark.
    level = Q(**{f"{key.path}__{word}e": value}) & (Q(**{f"{key.path}__{word}": value}) | behind)
    return level | empty if key.nullable and not mark.back else level


def _word(down: bool, mark: Mark) -> str:
    return "lt" if down != mark.back else "gt"


def seal(order: Order, mark: Mark) -> str:
    """An opaque cursor that nobody can forge and no other company can use."""
    body = orjson.dumps([order.name, int(mark.back), [_plain(value) for value in mark.values], str(mark.id)])
    return base64.urlsafe_b64encode(_sign(body) + body).rstrip(b"=").decode()


def unseal(order: Order, cursor: str) -> Mark:
    """The mark in a cursor; Invalid if it is no cursor of ours or belongs to another order."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        sign, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(sign, _sign(body)):
            raise ValueError
        name, back, values, pk = orjson.loads(body)
    except (ValueError, UnicodeError):
        raise Invalid.at("/cursor", _("This cursor is not valid; begin again without one.")) from None
    if name != order.name or len(values) != len(order.keys):
        raise Invalid.at("/cursor", _("The cursor belongs to another order of the list; begin again without one."))
    return Mark(tuple(_typed(k, v) for k, v in zip(order.keys, values, strict=True)), UUID(pk), bool(back))


def _sign(body: bytes) -> bytes:
    key = hashlib.sha256(f"cursor:{settings.SECRET_KEY}:{current_schema()}".encode()).digest()
    return hmac.new(key, body, hashlib.sha256).digest()[:_SIGNATURE]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _typed(key: Key, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if key.kind == "instant":
        return dt.datetime.fromisoformat(value)
    if key.kind == "date":
        return dt.date.fromisoformat(value)
    if key.kind in ("quantity", "amount", "price", "percent", "rate"):
        return Decimal(value)
    return value
