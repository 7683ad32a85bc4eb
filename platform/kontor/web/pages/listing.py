"""The list: saved views, filters, sorting, columns, pages of rows, totals, the bulk bar; and the board."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kontor.context import Context
from kontor.errors import Invalid
from kontor.resources import registry
from kontor.resources.spec import Action, Spec
from kontor.surfaces.query import select
from kontor.values.parsing import counted
from kontor.values.wording import capital, quoted
from kontor.web import chips, lists
from kontor.web.arranging import arranged, keep, list_place
from kontor.web.errors import is_htmx
from kontor.web.lists import State
from kontor.web.nextsteps import COLUMN
from kontor.web.pages import board, filtering, grouping, sums, table, views
from kontor.web.shell import Entry
from kontor.web.signing import signed_in


@signed_in
def show(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The list page; htmx gets the list alone. The address reproduces all of it."""
    ctx.rights.need(spec.name, "view")
    tabs = views.tabs(ctx, spec)
    target = _opening(request, tabs)
    if target:
        return HttpResponseRedirect(target)
    state = lists.read(spec, request.GET)
    context = frame(ctx, spec, state, tabs)
    body = board.lanes if state.show == "board" else grouping.groups if state.group else rows
    try:
        context |= body(ctx, spec, state)
    except Invalid as wrong:
        context |= {"wrong": wrong.errors, "lines": []}
    part = is_htmx(request) and "HX-History-Restore-Request" not in request.headers
    response = render(request, "kontor/list/list.html" if part else "kontor/list/page.html", context)
    if part:
        response["HX-Push-Url"] = state.url(page=True)
    return response


def _opening(request: HttpRequest, tabs: list[views.Tab]) -> str:
    """Where the address alone says too little: the user's default view, or the state of a view named by its key."""
    given = request.GET
    if not given:
        chosen = next((t for t in tabs if t.default), None)
        return chosen.href if chosen else ""
    if set(given) == {"view"}:
        chosen = next((t for t in tabs if t.key == given["view"]), None)
        return chosen.href if chosen and chosen.state else ""
    return ""


def frame(ctx: Context, spec: Spec, state: State, tabs: list[views.Tab]) -> dict[str, Any]:
    """What stands around the rows: tabs, chips, buttons, the column chooser."""
    columns = table.visible(ctx, spec, state)
    current = _current(tabs, state)
    chosen = next((t for t in tabs if t.key == state.view), None)
    module = next((m for m in registry.modules() if m.name == spec.menu), None)
    heading = capital(spec.label_plural)
    crumbs = [{"label": module.label, "href": ""}] if module and str(module.label) != heading else []
    if spec.menu == "settings":
        crumbs = [{"label": _("Settings"), "href": "/settings/"}]
    return {
        "spec": spec,
        "state": state,
        "heading": heading,
        "crumbs": [*crumbs, {"label": heading}],
        "tabs": tabs,
        "current": current,
        "chosen": chosen,
        "changed": chosen is not None and chosen.mine and chosen.key != current,
        "chips": chips.chips(ctx, spec, state),
        "fields": filtering.filterable(ctx, spec),
        "nested": filtering.nested(ctx, spec),
        "columns": [table.column(ctx, spec, state, f) for f in columns],
        "shown": columns,
        "hidden": [f for f in table.choosable(ctx, spec) if f.name not in {c.name for c in columns}],
        "fixed": table.title_field(spec),
        "is_set_up": bool(arranged(ctx, list_place(spec.name))),
        "sort_label": _sort_label(spec, state),
        "sorts": [
            table.column(ctx, spec, replace(state, order=""), f)
            for f in table.choosable(ctx, spec)
            if table.sortable(f)
        ],
        "groupings": [
            (f, state.url(group="" if f.name == state.group else f.name, cursor="", before=0))
            for f in grouping.groupable(ctx, spec)
        ],
        "grouped_by": spec.fields[state.group].label if state.group else "",
        "may_create": spec.creatable and ctx.rights.can(spec.name, "create"),
        "may_import": bool(spec.imports) and ctx.rights.can(spec.name, "import"),
        "may_export": ctx.rights.can(spec.name, "export"),
        "may_share": views.may_share(ctx, spec),
        "share_roles": views.share_roles(ctx, spec),
        "bulk": bulk_actions(ctx, spec),
        "may_assign": "owner" in spec.fields and spec.editable and ctx.rights.can(spec.name, "edit"),
        "may_delete": spec.deletable and ctx.rights.can(spec.name, "delete"),
        "state_params": state.params(page=False),
        "as_list": state.url(show="list", cursor="", before=0),
        "as_board": state.url(show="board", cursor="", before=0),
        "reset_columns": state.url(columns=(), cursor="", before=0),
        "related_new": _empty_ways(ctx, spec),
    }


def rows(ctx: Context, spec: Spec, state: State) -> dict[str, Any]:
    """One page of rows with its foot; refused filters and orders say so in place of the rows."""
    columns = table.visible(ctx, spec, state)
    page = select(ctx, spec, lists.ask(ctx, state, table.fields_for(ctx, spec, columns)))
    lines = [table.line(ctx, spec, columns, page, row) for row in page.rows]
    first = state.before + 1 if page.rows else 0
    older = newer = ""
    if page.next_cursor:
        older = replace(state, cursor=page.next_cursor, before=state.before + len(lines)).url(page=True)
    if page.previous_cursor and state.before > 0:
        before = max(0, state.before - lists.PAGE)
        newer = (
            replace(state, cursor=page.previous_cursor, before=before).url(page=True)
            if before
            else state.url(cursor="", before=0)
        )
    out = {
        "lines": lines,
        "page": page,
        "first": first,
        "last": state.before + len(lines),
        "older": older,
        "newer": newer,
        "totals": sums.of_page(ctx, spec, page),
        "whole": not older and not newer,
    }
    if not lines and state.is_filtered:
        out["drop"] = _drop(ctx, spec, state)
    return out


def bulk_actions(ctx: Context, spec: Spec) -> list[Action]:
    """Actions that can be done on many: those that make no document and ask for no lines."""
    return [
        a
        for a in spec.actions.values()
        if not any(i.lines is not None for i in a.body.values()) and ctx.rights.can(spec.name, a.name)
    ]


@signed_in
@require_POST
def set_up(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """Keep one's columns or widths of this list; nothing given goes back to the declared ones."""
    ctx.rights.need(spec.name, "view")
    place = list_place(spec.name)
    value = dict(arranged(ctx, place))
    if "columns" in request.POST:
        known = {f.name for f in table.choosable(ctx, spec)}
        value["columns"] = [n for n in request.POST["columns"].split(",") if n in known][:60]
    if "width" in request.POST:
        name, _sep, pixels = request.POST["width"].partition(":")
        widths = {k: v for k, v in value.get("widths", {}).items() if k in spec.fields or k == COLUMN}
        if (name in spec.fields or name == COLUMN) and (wide := counted(pixels)) is not None:
            widths[name] = max(40, min(wide, 800))
        value["widths"] = widths
    if request.POST.get("reset"):
        value = {}
    keep(ctx, place, {k: v for k, v in value.items() if v})
    return HttpResponse(status=204)


def _sort_label(spec: Spec, state: State) -> str:
    name = (state.order or spec.order.replace(",", " ").split()[0]).lstrip("-")
    if not state.order and name in ("created_at", "id"):
        return _("Newest")
    return capital(spec.fields[name].label) if name in spec.fields else _("Newest")


def _current(tabs: list[views.Tab], state: State) -> str:
    """The tab whose state is the list's own; the named one if it was changed on the way."""
    mine = {k: v for k, v in state.params(page=False).items() if k != "view"}
    for tab in tabs:
        if tab.key == (state.view or "all") and tab.state == mine:
            return tab.key
    same = next((t.key for t in tabs if t.state == mine), "")
    return same if not state.view else ""


def _drop(ctx: Context, spec: Spec, state: State) -> dict[str, Any]:
    """The one filter without which most rows would be there."""
    best: dict[str, Any] = {}
    most = 0
    for chip in chips.chips(ctx, spec, state):
        less = state.without(*lists.filters_of(state, chip.name))
        page = select(ctx, spec, replace(lists.ask(ctx, less, ()), limit=1))
        if (page.count or 0) > most:
            most = page.count or 0
            best = {"label": chip.label, "text": chip.text, "without": chip.without, "count": page.count_text}
    if state.q:
        less = replace(state, q="", cursor="", before=0)
        page = select(ctx, spec, replace(lists.ask(ctx, less, ()), limit=1))
        if (page.count or 0) > most:
            best = {
                "label": _("the search for"),
                "text": quoted(state.q),
                "without": less.url(),
                "count": page.count_text,
            }
    return best


def _empty_ways(ctx: Context, spec: Spec) -> list[Entry]:
    """Where such a record may come from: resources whose actions make it."""
    return [
        Entry(capital(s.label_plural), f"/{s.path}/", s.icon, s.name)
        for s in registry.specs()
        if ctx.rights.can(s.name, "view") and any(a.makes == spec.name for a in s.actions.values())
    ]
