"""The state of a list: read from its address, written back into links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.surfaces.filters import need_few
from kontor.surfaces.query import Ask
from kontor.values.parsing import counted
from kontor.values.wording import capital
from kontor.web import periods
from kontor.web.nextsteps import COLUMN

PAGE = 50
CONTROLS = frozenset({"view", "q", "sort", "columns", "cursor", "n", "show", "group", "f", "op", "v", "v2", "at"})


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
    group: str = ""  # the field whose values the rows stand under

    def params(self, *, page: bool = True) -> dict[str, str]:
        """The parameters that reproduce it; without ``page`` from its first row."""
        out = {"view": self.view, **self.filters, "q": self.q, "sort": self.order, "columns": ",".join(self.columns)}
        if self.show != "list":
            out["show"] = self.show
        out["group"] = self.group
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
    need_few(filters)
    state = State(
        path=spec.path,
        filters=filters,
        view=given.get("view", "")[:40],
        q=given.get("q", "").strip()[:200],
        order=given.get("sort", "")[:80],
        columns=tuple(c for c in given.get("columns", "").split(",") if c in spec.fields or c == COLUMN),
        cursor=given.get("cursor", ""),
        before=counted(given.get("n", "")) or 0,
        show="board" if given.get("show") == "board" and spec.board else "list",
        group=given.get("group", "") if given.get("group", "") in spec.fields else "",
    )
    edited = field_of(spec, given.get("f", ""))
    return _edited(state, edited, given) if edited is not None else state


def field_of(spec: Spec, name: str) -> Field | None:
    """A field by its name, or one behind a reference (``customer__grade``) under both labels."""
    if name in spec.fields:
        return spec.fields[name]
    first, _sep, rest = name.partition("__")
    via = spec.fields.get(first)
    target = registry.find(via.relation) if via is not None and via.kind == "reference" else None
    inner = target.fields.get(rest) if target is not None else None
    if via is None or inner is None or inner.is_computed:
        return None
    return replace(inner, name=name, label=f"{capital(via.label)} › {inner.label}", nullable=True)


def _edited(state: State, f: Field, given: QueryDict) -> State:
    """The state after the filter editor: the field's earlier filters give way."""
    op = given.get("op", "")
    values = list(dict.fromkeys(v.strip() for v in given.getlist("v") if v.strip()))
    state = state.without(*filters_of(state, f.name))
    new: dict[str, str] = {}
    if op in ("empty", "filled"):
        new[f"{f.name}__isnull"] = "true" if op == "empty" else "false"
    elif op == "between":
        new = {f"{f.name}__gte": values[0] if values else "", f"{f.name}__lte": given.get("v2", "").strip()}
    elif op in ("last", "next") and values and (days := counted(values[0][:4])) is not None:
        new = periods.counted(f.name, op, days)
    elif op.startswith("@"):
        new = periods.bounds(f.name, op)
    elif values:
        values = values[:1] if op == "ne" else values
        op = "in" if len(values) > 1 and op == "" else op
        new[f"{f.name}__{op}" if op else f.name] = ",".join(values)
    return replace(state, filters={**state.filters, **{k: v for k, v in new.items() if v}})


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
    return ",".join(_one(ctx, part) for part in value.split(",")) if "@" in value else value


def _one(ctx: Context, value: str) -> str:
    if value == "@me":
        return str(ctx.employee_id or UUID(int=0))
    day = periods.day(ctx, value)
    return value if day is None else day.isoformat()
