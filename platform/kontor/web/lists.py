"""The state of a list: read from its address, written back into links; filters in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import find_many
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.surfaces.filters import operators_of
from kontor.surfaces.plans import as_uuid, title_paths
from kontor.surfaces.query import Ask
from kontor.web import showing
from kontor.web.shell import capital

PAGE = 50
CONTROLS = frozenset({"view", "q", "sort", "columns", "cursor", "n", "show", "f", "op", "v", "v2", "at"})
_RELATIVE = re.compile(r"@(today|week|month|year)([+-]\d{1,4})?$")


@dataclass(frozen=True, slots=True)
class State:
    """What the list shows: everything that its address says."""

    path: str
    filters: Mapping[str, str] = field(default_factory=dict)
    view: str = ""
    q: str = ""
    order: str = ""
    columns: tuple[str, ...] = ()
    cursor: str = ""
    before: int = 0  # rows before this page
    show: str = "list"

    def params(self, *, page: bool = True) -> dict[str, str]:
        """The parameters that reproduce it; without ``page`` from its first row."""
        out = {"view": self.view, **self.filters, "q": self.q, "sort": self.order, "columns": ",".join(self.columns)}
        if self.show != "list":
            out["show"] = self.show
        if page and self.cursor:
            out |= {"cursor": self.cursor, "n": str(self.before)}
        return {k: v for k, v in out.items() if v}

    def url(self, *, page: bool = False, **changes: Any) -> str:
        """The address of this list with changes."""
        query = urlencode(replace(self, **changes).params(page=page))
        return f"/{self.path}/?{query}" if query else f"/{self.path}/"

    def without(self, *keys: str) -> State:
        """The same list with some filters dropped."""
        return replace(self, filters={k: v for k, v in self.filters.items() if k not in keys}, cursor="", before=0)

    @property
    def is_filtered(self) -> bool:
        return bool(self.filters or self.q)


def read(spec: Spec, given: QueryDict) -> State:
    """The state in an address; the filter editor's form (f, op, v) is taken in as a filter."""
    filters = {k: ",".join(given.getlist(k)) for k in given if k not in CONTROLS and given.get(k) != ""}
    n = given.get("n", "")
    state = State(
        path=spec.path,
        filters=filters,
        view=given.get("view", "")[:40],
        q=given.get("q", "").strip()[:200],
        order=given.get("sort", "")[:80],
        columns=tuple(c for c in given.get("columns", "").split(",") if c in spec.fields),
        cursor=given.get("cursor", ""),
        before=int(n) if n.isdigit() and len(n) < 9 else 0,
        show="board" if given.get("show") == "board" and spec.board else "list",
    )
    name = given.get("f", "")
    return _edited(state, spec.fields[name], given) if name in spec.fields else state


def _edited(state: State, f: Field, given: QueryDict) -> State:
    """The state after the filter editor: the field's earlier filters give way."""
    op = given.get("op", "")
    values = [v.strip() for v in given.getlist("v") if v.strip()]
    state = state.without(*filters_of(state, f.name))
    new: dict[str, str] = {}
    if op in ("empty", "filled"):
        new[f"{f.name}__isnull"] = "true" if op == "empty" else "false"
    elif op == "between":
        upper = given.get("v2", "").strip()
        new = {f"{f.name}__gte": values[0] if values else "", f"{f.name}__lte": upper}
    elif op.startswith("@"):
        new = _period(f.name, op)
    elif values:
        new[f"{f.name}__{op}" if op else f.name] = ",".join(values)
    return replace(state, filters={**state.filters, **{k: v for k, v in new.items() if v}})


def _period(name: str, word: str) -> dict[str, str]:
    """A period in words as two bounds that move with the day."""
    return {
        "@today": {name: "@today"},
        "@late": {f"{name}__lt": "@today"},
        "@week": {f"{name}__gte": "@week", f"{name}__lt": "@week+7"},
        "@month": {f"{name}__gte": "@month"},
        "@30": {f"{name}__gte": "@today-30"},
        "@year": {f"{name}__gte": "@year"},
    }.get(word, {})


def filters_of(state: State, name: str) -> list[str]:
    """The keys of the filters on one field."""
    return [k for k in state.filters if k == name or k.startswith(f"{name}__")]


def ask(ctx: Context, state: State, columns: tuple[str, ...], *, count: str = "capped") -> Ask:
    """What the query layer is asked for."""
    return Ask(
        fields=columns,
        filters=resolved(ctx, state.filters),
        order=state.order,
        q=state.q,
        limit=PAGE,
        cursor=state.cursor,
        count=count,
        titles=True,
    )


def resolved(ctx: Context, filters: Mapping[str, str]) -> dict[str, Any]:
    """Filters with ``@me``, ``@today+7`` and the like put into values of now."""
    return {key: _resolve(ctx, value) for key, value in filters.items()}


def _resolve(ctx: Context, value: str) -> Any:
    if value == "@me":
        return str(ctx.employee_id or "00000000-0000-0000-0000-000000000000")
    match = _RELATIVE.fullmatch(value)
    if not match:
        return value
    day = ctx.today
    start = {
        "today": day,
        "week": day - dt.timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }[match[1]]
    return (start + dt.timedelta(days=int(match[2] or 0))).isoformat()


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as people read it, and the list without it."""

    name: str
    label: str
    text: str
    without: str


def chips(ctx: Context, spec: Spec, state: State) -> list[Chip]:
    """The filters of a list, those on one field together."""
    out = []
    names = dict.fromkeys(_field_name(spec, key) for key in state.filters)
    for name in names:
        keys = [k for k in state.filters if _field_name(spec, k) == name]
        f = spec.fields.get(name)
        label = capital(f.label) if f else name.replace("__", " › ")
        text = _(" and ").join(_sentence(ctx, spec, f, key, state.filters[key]) for key in keys)
        period = _period_words(keys, state.filters)
        out.append(Chip(name, label, period or text, state.without(*keys).url()))
    return out


def _field_name(spec: Spec, key: str) -> str:
    if key in spec.fields:
        return key
    head = key.rpartition("__")[0]
    return head if head in spec.fields else key


def _period_words(keys: list[str], filters: Mapping[str, str]) -> str:
    given = {k.rpartition("__")[2] if "__" in k else "": filters[k] for k in keys}
    for word, text in (("@week", _("is this week")), ("@month", _("is this month")), ("@year", _("is this year"))):
        want = {k.rpartition("__")[2]: v for k, v in _period("x", word).items()}
        if given == want:
            return text
    if given == {"gte": "@today-30"}:
        return _("in the last 30 days")
    return _("is before today") if given == {"lt": "@today"} else ""


def _sentence(ctx: Context, spec: Spec, f: Field | None, key: str, value: str) -> str:
    op = key[len(f.name) + 2 :] if f is not None and key != f.name else ("" if f else key.rpartition("__")[2])
    if op == "isnull":
        return _("is empty") if value.lower() in ("true", "1", "yes") else _("is not empty")
    shown = ", ".join(_word(ctx, spec, f, part) for part in value.split(","))
    words = {
        "": _("is %s"),
        "in": _("is %s"),
        "ne": _("is not %s"),
        "gt": _("over %s"),
        "gte": _("from %s"),
        "lt": _("below %s") if f is None or f.kind not in ("date", "instant") else _("before %s"),
        "lte": _("up to %s"),
        "contains": _("contains “%s”"),
        "startswith": _("begins with “%s”"),
    }
    return words.get(op, "%s") % shown


def _word(ctx: Context, spec: Spec, f: Field | None, value: str) -> str:
    if f is None:
        return value
    if value == "@me":
        return _("me")
    if f.kind == "choice":
        return showing.choice_label(f, value)
    if f.kind == "boolean":
        return _("yes") if value.lower() in ("true", "1", "yes") else _("no")
    if f.kind in ("date", "instant"):
        try:
            return showing.date(dt.date.fromisoformat(str(_resolve(ctx, value))[:10]), ctx.today)
        except ValueError:
            return value
    return reference_title(ctx, spec, f, value) if f.kind == "reference" else value


def reference_title(ctx: Context, spec: Spec, f: Field, value: str) -> str:
    """The title of a record that a filter names by id or code."""
    target, paths = title_paths(spec.model, f)
    if target is not None:
        uid = as_uuid(value) or find_many(ctx, target.name, [value]).get(value)
        title = target.fields[target.title].path if target.title in target.fields else target.title
        found = target.model._default_manager.filter(pk=as_uuid(uid)).values_list(title, flat=True).first()
        return str(found or value)
    if paths and as_uuid(value):
        prefix = f"{f.path}__"
        model = spec.model._meta.get_field(f.path).related_model if "__" not in f.path else None
        if model is not None and not isinstance(model, str):
            name = paths["title"].removeprefix(prefix)
            found = model._default_manager.filter(pk=as_uuid(value)).values_list(name, flat=True).first()
            return str(found or value)
    return value


@dataclass(frozen=True, slots=True)
class Operator:
    """One choice of the filter editor; ``inputs``: 0 none, 1 a value, 2 two of them."""

    code: str
    label: str
    inputs: int = 1


def editor_operators(f: Field) -> list[Operator]:
    """The comparisons that the editor offers for a field."""
    known = operators_of(f)
    out: list[Operator] = []
    if f.kind in ("date", "instant"):
        out = [
            Operator("@today", _("today"), 0),
            Operator("@week", _("this week"), 0),
            Operator("@month", _("this month"), 0),
            Operator("@30", _("the last 30 days"), 0),
            Operator("@year", _("this year"), 0),
            Operator("@late", _("before today"), 0),
            Operator("between", _("from … to"), 2),
            Operator("", _("on the day"), 1),
        ]
    elif f.kind in showing.NUMERIC:
        out = [Operator("between", _("from … to"), 2), Operator("", _("is exactly"), 1)]
    elif f.kind == "choice":
        out = [Operator("in", _("is one of"), 1)]
    elif f.kind == "reference":
        out = [Operator("", _("is"), 1), Operator("ne", _("is not"), 1)]
    elif f.kind == "boolean":
        out = [Operator("", _("is"), 1)]
    elif f.kind == "tags":
        out = [Operator("contains", _("contains"), 1)]
    else:
        out = [
            Operator("contains", _("contains"), 1),
            Operator("", _("is"), 1),
            Operator("startswith", _("begins with"), 1),
            Operator("ne", _("is not"), 1),
        ]
    if "isnull" in known and f.nullable:
        out += [Operator("empty", _("is empty"), 0), Operator("filled", _("is not empty"), 0)]
    return out


def filterable(ctx: Context, spec: Spec) -> list[Field]:
    """The fields that can be filtered: those the declaration names first, then the other columns."""
    names = dict.fromkeys([*spec.filters, *spec.columns, *spec.fields])
    return [
        f
        for f in (spec.fields[n] for n in names)
        if f.kind not in ("json", "id", "longtext") and f.name != "version" and ctx.rights.sees(f.guard)
    ]


def pickable(f: Field) -> bool:
    """Whether a reference has a type-ahead (its resource is declared)."""
    return f.kind == "reference" and f.relation in registry._specs
