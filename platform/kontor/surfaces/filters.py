"""Filters as callers write them (``customer__name__contains``) → conditions, each value typed by its field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import FieldError, Invalid
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.surfaces.plans import related_model
from kontor.values import parsing
from kontor.values.parsing import PARSERS, TEXTUAL, as_uuid
from kontor.values.wording import either

OPERATORS = ("gt", "gte", "lt", "lte", "in", "ne", "contains", "startswith", "isnull")
_COMPARE = frozenset({"gt", "gte", "lt", "lte"})
MOST_FILTERS = 100
_MOST_VALUES = 500
_LONGEST = 1_000


@dataclass(slots=True)
class Conditions:
    """The condition of a list, and the computed fields it needs beside the table's columns."""

    where: Q = field(default_factory=Q)
    computed: dict[str, Field] = field(default_factory=dict)


def operators_of(f: Field) -> tuple[str, ...]:
    """The operators that make sense for a field; equality needs no name."""
    if f.kind in ("json",):
        return ()
    if f.kind == "tags":
        return ("contains",)
    if f.kind == "boolean":
        return ("ne", "isnull")
    if f.kind in ("reference", "id", "choice"):
        return ("in", "ne", "isnull")
    if f.kind in TEXTUAL:
        return ("in", "ne", "contains", "startswith", "isnull", "gt", "gte", "lt", "lte")
    return ("gt", "gte", "lt", "lte", "in", "ne", "isnull")


def conditions(ctx: Context, spec: Spec, filters: Mapping[str, Any]) -> Conditions:
    """All filters at once; raises Invalid with every wrong one at its own parameter."""
    need_few(filters)
    out, errors = Conditions(), []
    for key, raw in filters.items():
        try:
            out.where &= _one(ctx, spec, key, raw, out)
        except Invalid as refusal:
            errors += refusal.errors
        except ValueError as error:
            errors.append(FieldError(f"/{key}", "invalid", str(error)))
    if errors:
        raise Invalid(errors)
    return out


def need_few(filters: Mapping[str, Any]) -> None:
    """Invalid beyond what anybody asks for: each filter stands in each link of the page."""
    if len(filters) > MOST_FILTERS:
        raise Invalid.at("/", _("At most %(n)d filters can be given.") % {"n": MOST_FILTERS})


def _one(ctx: Context, spec: Spec, key: str, raw: Any, out: Conditions) -> Q:
    f, operator = _name(ctx, spec, key)
    if f is not None:
        if f.is_computed:
            out.computed[f.name] = f
        return _condition(ctx, spec, f, operator, raw, key)
    first, _sep, rest = key.partition("__")
    via = spec.fields.get(first)
    target = registry.find(via.relation) if via is not None and via.kind == "reference" else None
    if via is None or target is None or not rest or not ctx.rights.can(target.name, "view"):
        raise _unknown(key)
    if via.guard and not ctx.rights.sees(via.guard):
        raise _unknown(key)
    f, operator = _name(ctx, target, rest)
    if f is None or f.is_computed:
        raise _unknown(key)
    inner = _condition(ctx, target, f, operator, raw, key)
    # Another scope than the row's own must not be asked around the corner, nor rows behind a field right.
    rows = target.model._default_manager.filter(inner).filter(predicate(ctx, target))
    return Q(**{f"{via.column}__in": rows.values("pk")})


def _name(ctx: Context, spec: Spec, key: str) -> tuple[Field | None, str]:
    f, operator = spec.fields.get(key), ""
    if f is None:
        name, _sep, operator = key.rpartition("__")
        f = spec.fields.get(name)
        if f is None:
            return None, ""
        if operator not in operators_of(f):
            if operator not in OPERATORS:
                return None, ""
            raise Invalid.at(
                f"/{key}",
                _("“%(field)s” cannot be compared by “%(op)s”; possible are: %(ops)s.")
                % {"field": name, "op": operator, "ops": either(operators_of(f)) or "–"},
                "unknown_operator",
            )
    if f.guard and not ctx.rights.sees(f.guard):
        raise Invalid.at(f"/{key}", _("You have no right to this field."), "not_allowed")
    return f, operator


def _unknown(key: str) -> Invalid:
    return Invalid.at(f"/{key}", _("There is no such parameter or filter."), "unknown_parameter")


def _condition(ctx: Context, spec: Spec, f: Field, operator: str, raw: Any, key: str) -> Q:
    column = f.path if f.is_computed else f.column
    if operator == "isnull":
        empty = parsing.boolean(_single(raw))
        blank = Q(**{f"{column}__isnull": True})
        if f.kind in TEXTUAL:
            blank |= Q(**{column: ""})
        return blank if empty else ~blank
    if f.kind == "tags":
        return Q(**{f"{f.path}__contains": [parsing.text(_single(raw))]})
    if f.kind == "json":
        raise ValueError(_("This field cannot be filtered."))
    if operator == "in":
        values = _many(raw)
        typed = _references(ctx, spec, f, values, key) if f.kind == "reference" else [_typed(ctx, f, v) for v in values]
        return Q(**{f"{column}__in": typed})
    value = _single(raw)
    if f.kind == "reference":
        if value is None or value == "":
            return Q(**{f"{column}__isnull": True})
        return _eq(column, _references(ctx, spec, f, [value], key)[0], operator)
    if operator in ("contains", "startswith"):
        return Q(**{f"{column}__{'icontains' if operator == 'contains' else 'startswith'}": parsing.text(value)})
    if f.kind == "instant" and isinstance(value, str | dt.date) and not isinstance(value, dt.datetime):
        return _instant(ctx, column, operator, value)
    typed_value = _typed(ctx, f, value)
    return Q(**{f"{column}__{operator}": typed_value}) if operator in _COMPARE else _eq(column, typed_value, operator)


def _eq(column: str, value: Any, operator: str) -> Q:
    return ~Q(**{column: value}) if operator == "ne" else Q(**{column: value})


def _instant(ctx: Context, column: str, operator: str, raw: Any) -> Q:
    """A moment; a bare date means that whole day by the company's clock."""
    try:
        day = parsing.date(raw)
    except ValueError:
        moment = parsing.instant(raw)
        return Q(**{f"{column}__{operator}": moment}) if operator in _COMPARE else _eq(column, moment, operator)
    begin = dt.datetime.combine(day, dt.time(), ZoneInfo(ctx.zone))
    try:
        end = begin + dt.timedelta(days=1)
    except OverflowError:
        raise ValueError(_("The date is too far away.")) from None
    edge = {"gt": ("gte", end), "gte": ("gte", begin), "lt": ("lt", begin), "lte": ("lt", end)}
    if operator in edge:
        op, moment = edge[operator]
        return Q(**{f"{column}__{op}": moment})
    inside = Q(**{f"{column}__gte": begin, f"{column}__lt": end})
    return ~inside if operator == "ne" else inside


def _typed(ctx: Context, f: Field, raw: Any) -> Any:
    if isinstance(raw, str) and len(raw) > _LONGEST:
        raise ValueError(_("The value is too long."))
    if f.kind == "instant" and not isinstance(raw, dt.datetime):
        return parsing.instant(raw)
    kind = "id" if f.kind == "reference" else "text" if f.kind == "email" else f.kind
    value = PARSERS[kind](raw)
    if f.choices and str(value) not in {str(k) for k, _label in f.choices}:
        raise ValueError(_("One of these is expected: %(choices)s.") % {"choices": either(k for k, _l in f.choices)})
    return value


def _references(ctx: Context, spec: Spec, f: Field, values: list[Any], key: str) -> list[Any]:
    """Ids as they are, also unknown ones (no rows then); other words must name exactly one record."""
    ids = {v: as_uuid(v) for v in values}
    words = [parsing.text(v) for v, uid in ids.items() if uid is None]
    if not words:
        return list(ids.values())
    if registry.find(f.relation) is None or (related_model(spec.model, f.path) is None and not f.is_computed):
        raise Invalid.at(f"/{key}", _("An id is expected here."))
    found = find_many(ctx, f.relation, words)
    errors = [FieldError(f"/{key}", "not_found", str(found[w])) for w in words if isinstance(found[w], str)]
    if errors:
        raise Invalid(errors)
    return [uid or found[parsing.text(v)] for v, uid in ids.items()]


def _single(raw: Any) -> Any:
    if isinstance(raw, list | tuple):
        if len(raw) != 1:
            raise ValueError(_("One value is expected here; several need “__in”."))
        return raw[0]
    return raw


def _many(raw: Any) -> list[Any]:
    parts: Iterable[Any] = raw if isinstance(raw, list | tuple | set | frozenset) else [raw]
    values: list[Any] = []
    for part in parts:
        values += [w.strip() for w in part.split(",") if w.strip()] if isinstance(part, str) else [part]
    if len(values) > _MOST_VALUES:
        raise ValueError(_("At most %(n)d values can be given.") % {"n": _MOST_VALUES})
    return values
