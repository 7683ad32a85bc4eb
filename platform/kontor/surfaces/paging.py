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


@dataclass(frozen=True, slots=True)
class Order:
    """One column with the id behind it as tie-break; empty values stand last in either direction."""

    name: str  # as callers write it: "-ordered_on"
    path: str
    down: bool
    nullable: bool
    kind: str = ""
    computed: Field | None = None

    @property
    def by_id(self) -> bool:
        """Whether the id alone is the order."""
        return self.path == "pk"


@dataclass(frozen=True, slots=True)
class Mark:
    """The place of a row in an order; ``back`` asks for the page before it."""

    value: Any
    id: UUID
    back: bool = False


def order_of(ctx: Context, spec: Spec, asked: str) -> Order:
    """The order asked for, else the resource's own; guarded and unknown fields are refused.

    Where nobody asks and the resource is ordered by its creation, the id serves: it is made of the
    instant of creation and has an index (a million rows would be sorted otherwise).
    """
    name = asked or (spec.order.replace(",", " ").split() or ["-created_at"])[0]
    down, field_name = name.startswith("-"), name.lstrip("-")
    if not asked and field_name == "created_at" and not _indexed(spec.model, "created_at"):
        return Order(name, "pk", down, False)
    if field_name in ("id", "pk"):
        return Order(name, "pk", down, False)
    f = spec.fields.get(field_name)
    if f is None or f.kind in ("json", "tags") or (f.guard and not ctx.rights.sees(f.guard)):
        if not asked:
            return Order("-id", "pk", True, False)
        raise Invalid.at("/order", _("The list cannot be ordered by “%(name)s”.") % {"name": field_name[:80]})
    if f.is_computed:
        return Order(name, f.path, down, True, f.kind, f)
    if f.kind == "reference":
        _target, paths = title_paths(spec.model, f)
        return Order(name, paths.get("title", f.column), down, True, "text" if paths else "id")
    return Order(name, _sorted_by(spec, f), down, f.nullable or "__" in f.path, f.kind)


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
    down = order.down != back
    out: list[Any] = []
    if not order.by_id:
        column = F(order.path)
        if order.nullable:
            last = {"nulls_first": True} if back else {"nulls_last": True}
            out.append(column.desc(**last) if down else column.asc(**last))
        else:
            out.append(column.desc() if down else column.asc())
    out.append("-pk" if down else "pk")
    return out


def beyond(order: Order, mark: Mark) -> Q:
    """The rows after the mark (before it, when it looks back)."""
    word = "lt" if order.down != mark.back else "gt"
    next_id = Q(**{f"pk__{word}": mark.id})
    if order.by_id:
        return next_id
    empty = Q(**{f"{order.path}__isnull": True})
    if mark.value is None:
        return (~empty | next_id) if mark.back else (empty & next_id)
    # The closed bound beside the pair lets the planner begin the index at the mark.
    same_or = Q(**{f"{order.path}__{word}e": mark.value}) & (Q(**{f"{order.path}__{word}": mark.value}) | next_id)
    return same_or | empty if order.nullable and not mark.back else same_or


def seal(order: Order, mark: Mark) -> str:
    """An opaque cursor that nobody can forge and no other company can use."""
    body = orjson.dumps([order.name, int(mark.back), _plain(mark.value), str(mark.id)])
    return base64.urlsafe_b64encode(_sign(body) + body).rstrip(b"=").decode()


def unseal(order: Order, cursor: str) -> Mark:
    """The mark in a cursor; Invalid if it is no cursor of ours or belongs to another order."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        sign, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
        if not hmac.compare_digest(sign, _sign(body)):
            raise ValueError
        name, back, value, pk = orjson.loads(body)
    except (ValueError, UnicodeError):
        raise Invalid.at("/cursor", _("This cursor is not valid; begin again without one.")) from None
    if name != order.name:
        raise Invalid.at("/cursor", _("The cursor belongs to another order of the list; begin again without one."))
    return Mark(_typed(order, value), UUID(pk), bool(back))


def _sign(body: bytes) -> bytes:
    key = hashlib.sha256(f"cursor:{settings.SECRET_KEY}:{current_schema()}".encode()).digest()
    return hmac.new(key, body, hashlib.sha256).digest()[:_SIGNATURE]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _typed(order: Order, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if order.kind == "instant":
        return dt.datetime.fromisoformat(value)
    if order.kind == "date":
        return dt.date.fromisoformat(value)
    if order.kind in ("quantity", "amount", "price", "percent", "rate"):
        return Decimal(value)
    return value
