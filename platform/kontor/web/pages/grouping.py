"""Rows under the values of one field, each value with its count and sums; its rows come when it is opened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.resources.titles import titles_of
from kontor.surfaces.plans import title_paths
from kontor.surfaces.query import matching_rows, select
from kontor.values.days import add_months
from kontor.web import lists, showing
from kontor.web.lists import State
from kontor.web.pages import sums, table
from kontor.web.signing import signed_in

MOST = 200  # groups on a page
ROWS = 30  # rows of an opened group; the rest is a list of its own
_KINDS = frozenset({"choice", "boolean", "reference", "date", "instant", "currency"})


@dataclass(frozen=True, slots=True)
class Group:
    """One value: its words, how many rows, their sums, the list of them, and where its rows come from."""

    html: Any
    count: int
    sums: list[str]
    href: str
    rows: str


def groupable(ctx: Context, spec: Spec) -> list[Field]:
    """The fields whose values may be headings."""
    names = dict.fromkeys([*spec.columns, *spec.filters])
    fields = [spec.fields[n] for n in names]
    return [f for f in fields if f.kind in _KINDS and not f.is_computed and ctx.rights.sees(f.guard)]


def groups(ctx: Context, spec: Spec, state: State) -> dict[str, Any]:
    """The groups of the list, most rows first (days in order): one statement, one for each summed column."""
    f = spec.fields[state.group]
    rows = matching_rows(ctx, spec, lists.ask(ctx, replace(state, cursor="", before=0), ())).order_by()
    timed = f.kind in ("date", "instant")
    key = TruncMonth(f.path) if timed else None
    keyed = rows.annotate(_key=key) if timed else rows
    name = "_key" if timed else f.column
    told = keyed.values_list(name).annotate(n=Count("pk"))
    found = list(told.order_by("-_key" if timed else "-n")[: MOST + 1])
    totals = _totals(ctx, spec, keyed, name)
    titles = _titles(ctx, spec, f, [value for value, _n in found])
    made = []
    for value, count in found[:MOST]:
        inside = state.without(*lists.filters_of(state, f.name))
        inside = replace(inside, filters={**inside.filters, **_filters(f, value)}, group="")
        query = urlencode(replace(inside, columns=state.columns).params(page=False))
        html = titles.get(value) or _words(ctx, spec, f, value)
        made.append(Group(html, count, totals.get(value, []), inside.url(), f"/{spec.path}/group/?{query}"))
    return {"groups": made, "group_more": len(found) > MOST, "lines": made, "group_label": f.label}


@signed_in
def rows(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The first rows of an opened group, and the way to the rest."""
    ctx.rights.need(spec.name, "view")
    state = lists.read(spec, request.GET)
    columns = table.visible(ctx, spec, state)
    ask = replace(lists.ask(ctx, state, table.fields_for(ctx, spec, columns)), limit=ROWS)
    page = select(ctx, spec, ask)
    context = {
        "spec": spec,
        "lines": [table.line(ctx, spec, columns, page, row) for row in page.rows],
        "columns": columns,
        "page": page,
        "rest": (page.count or 0) - len(page.rows),
        "href": state.url(),
    }
    return render(request, "kontor/list/group_rows.html", context)


def _totals(ctx: Context, spec: Spec, rows: Any, name: str) -> dict[Any, list[str]]:
    out: dict[Any, list[str]] = {}
    for f in sums.summed(ctx, spec)[:1]:
        by_value: dict[Any, dict[str, Any]] = {}
        for value, code, n in sums.grouped(ctx, spec, f, rows, name):
            by_value.setdefault(value, {})[code] = n
        for value, told in by_value.items():
            out.setdefault(value, []).append(sums.written(told))
    return out


def _filters(f: Field, value: Any) -> dict[str, str]:
    if value in (None, ""):
        return {f"{f.name}__isnull": "true"}
    if f.kind in ("date", "instant"):
        start = value.date() if isinstance(value, dt.datetime) else value
        return {f"{f.name}__gte": start.isoformat(), f"{f.name}__lt": add_months(start, 1).isoformat()}
    if f.kind == "boolean":
        return {f.name: "true" if value else "false"}
    return {f.name: str(value)}


def _titles(ctx: Context, spec: Spec, f: Field, values: list[Any]) -> dict[Any, Any]:
    if f.kind != "reference":
        return {}
    ids = [v for v in values if v is not None]
    target = registry.find(f.relation)
    if target is not None:
        return titles_of(target, ids)
    _target, paths = title_paths(spec.model, f)
    if not paths or "__" in f.path:
        return {}
    model: Any = spec.model._meta.get_field(f.path).related_model
    return dict(model._default_manager.filter(pk__in=ids).values_list("pk", paths["title"].removeprefix(f"{f.path}__")))


def _words(ctx: Context, spec: Spec, f: Field, value: Any) -> Any:
    if value in (None, ""):
        return _("(empty)")
    if f.kind in ("date", "instant"):
        return value.strftime("%Y-%m")
    if f.kind == "boolean":
        return _("Yes") if value else _("No")
    if f.name == "state" and spec.has_state:
        return showing.state(spec, value)
    return showing.choice_label(f, value) if f.choices else str(value)
