"""The list: saved views, filters, sorting, columns, pages of rows, totals, the bulk bar; and the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid
from kontor.resources import registry
from kontor.resources.spec import Action, Field, Spec
from kontor.surfaces.query import Page, select
from kontor.web import lists, showing
from kontor.web.errors import is_htmx
from kontor.web.lists import State
from kontor.web.pages import board, views
from kontor.web.shell import Entry, capital
from kontor.web.signing import signed_in


@dataclass(frozen=True, slots=True)
class Column:
    """One column's head: its label, how to sort by it, and its alignment."""

    field: Field
    label: str
    sort: str  # the list sorted by it (turned round if it is already)
    sorted: str  # ascending, descending or empty
    number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One value with the classes of its table cell."""

    html: Any
    classes: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    id: str
    href: str
    title: str
    cells: list[Cell]
    phone: list[Cell]


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
    try:
        context |= board.lanes(ctx, spec, state) if state.show == "board" else rows(ctx, spec, state)
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
    columns = visible(ctx, spec, state)
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
        "chips": lists.chips(ctx, spec, state),
        "fields": lists.filterable(ctx, spec),
        "columns": [_column(spec, state, f) for f in columns],
        "shown": columns,
        "hidden": [f for f in _choosable(ctx, spec) if f not in columns],
        "fixed": _title_field(spec),
        "sort_label": _sort_label(spec, state),
        "sorts": [_column(spec, replace(state, order=""), f) for f in _sortable(ctx, spec)],
        "may_create": spec.creatable and ctx.rights.can(spec.name, "create"),
        "may_import": bool(spec.imports) and ctx.rights.can(spec.name, "import"),
        "may_export": ctx.rights.can(spec.name, "export"),
        "may_share": views.may_share(ctx),
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
    columns = visible(ctx, spec, state)
    phone = [spec.fields[n] for n in spec.phone if n in spec.fields and ctx.rights.sees(spec.fields[n].guard)]
    wanted = tuple(dict.fromkeys([f.name for f in (*columns, *phone)] + [n for n in (_title_field(spec),) if n]))
    page = select(ctx, spec, lists.ask(ctx, state, wanted))
    lines = [_line(ctx, spec, columns, spec.phone, page, row) for row in page.rows]
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
        "totals": totals(ctx, spec, page),
    }
    if not lines and state.is_filtered:
        out["drop"] = _drop(ctx, spec, state)
    return out


def visible(ctx: Context, spec: Spec, state: State) -> list[Field]:
    """The columns of the list; the one that names the record always stands first."""
    names = dict.fromkeys([*([_title_field(spec)] if _title_field(spec) else []), *(state.columns or spec.columns)])
    return [spec.fields[n] for n in names if ctx.rights.sees(spec.fields[n].guard)]


def bulk_actions(ctx: Context, spec: Spec) -> list[Action]:
    """Actions that can be done on many: those that make no document and ask for no lines."""
    return [
        a
        for a in spec.actions.values()
        if not any(i.lines is not None for i in a.body.values()) and ctx.rights.can(spec.name, a.name)
    ]


def totals(ctx: Context, spec: Spec, page: Page) -> list[tuple[str, str]]:
    """Label and sum of each summed column over the page, one sum a currency."""
    out = []
    for name in spec.sums:
        f = spec.fields[name]
        if not page.rows or name not in page.rows[0]:
            continue
        sums: dict[str, Decimal] = {}
        for row in page.rows:
            code = (
                showing.currency_of(ctx, page.plan.currencies.get(name, ""), row)
                if f.kind in ("amount", "price")
                else ""
            )
            if isinstance(row[name], Decimal):
                sums[code] = sums.get(code, Decimal(0)) + row[name]
        text = " + ".join(showing.amount_plain(v, c) if c else showing.quantity(v) for c, v in sorted(sums.items()))
        if text:
            out.append((capital(f.label), text))
    return out


@signed_in
def filter_editor(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The little form for a filter on one field, with what is set now."""
    ctx.rights.need(spec.name, "view")
    f = spec.fields.get(request.GET.get("field", ""))
    if f is None or not ctx.rights.sees(f.guard):
        raise Invalid.at("/field", _("There is no such field."))
    state = lists.read(spec, request.GET)
    state = replace(state, filters={k: v for k, v in state.filters.items() if k != "field"})
    mine = {k: state.filters[k] for k in lists.filters_of(state, f.name)}
    value = (
        mine.get(f.name)
        or mine.get(f"{f.name}__in")
        or mine.get(f"{f.name}__contains")
        or mine.get(f"{f.name}__gte")
        or ""
    )
    upper = mine.get(f"{f.name}__lte", "")
    rest = state.without(*mine).params(page=False)
    context = {
        "spec": spec,
        "field": f,
        "operators": lists.editor_operators(f),
        "values": value.split(",") if value else [],
        "value": "" if value.startswith("@") else value,
        "upper": "" if upper.startswith("@") else upper,
        "title": lists.reference_title(ctx, spec, f, value)
        if f.kind == "reference" and value and value != "@me"
        else "",
        "pickable": lists.pickable(f),
        "options": _options(spec, f),
        "rest": rest,
        "is_person": f.name == "owner" and ctx.employee_id is not None,
        "clear": state.without(*mine).url() if mine else "",
    }
    return render(request, "kontor/list/filter.html", context)


def _options(spec: Spec, f: Field) -> list[tuple[Any, str]]:
    """Choices of a reference whose table is no resource: its first hundred rows."""
    if f.kind != "reference" or lists.pickable(f) or "__" in f.path:
        return []
    model: Any = spec.model._meta.get_field(f.path).related_model
    return [(row.pk, getattr(row, "name", "") or str(row)) for row in model._default_manager.all()[:100]]


def _title_field(spec: Spec) -> str:
    return next((n for n in (spec.title, *spec.code, "name") if n in spec.fields), "")


def _choosable(ctx: Context, spec: Spec) -> list[Field]:
    return [
        f
        for f in spec.fields.values()
        if f.kind not in ("json", "id") and f.name not in ("custom", "version") and ctx.rights.sees(f.guard)
    ]


def _sortable(ctx: Context, spec: Spec) -> list[Field]:
    return [f for f in _choosable(ctx, spec) if f.kind not in ("tags", "longtext")]


def _column(spec: Spec, state: State, f: Field) -> Column:
    order = state.order or spec.order.replace(",", " ").split()[0]
    way = "" if order.lstrip("-") != f.name else "descending" if order.startswith("-") else "ascending"
    down_first = f.kind in showing.NUMERIC or f.kind in ("date", "instant")
    down = way == "ascending" or (not way and down_first)
    sortable = f.kind not in ("json", "tags", "longtext")
    url = state.url(order=("-" if down else "") + f.name, cursor="", before=0) if sortable else ""
    return Column(f, capital(f.label), url, way, f.kind in showing.NUMERIC)


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


def _line(
    ctx: Context, spec: Spec, columns: list[Field], phone: tuple[str, ...], page: Page, row: Mapping[str, Any]
) -> Line:
    href = f"/{spec.path}/{row['id']}/"
    title_name = _title_field(spec)
    named = row.get(f"{title_name}__title") or row.get(title_name)
    title = str(named or _("(no number)"))
    cells = []
    for f in columns:
        html = showing.cell(ctx, spec, f, row, page.plan.currencies)
        classes = []
        if f.name == title_name:
            html = format_html('<a href="{}">{}</a>', href, title)
            classes.append("k-id" if named else "k-id k-3 k-light")
        if f.kind in showing.NUMERIC:
            classes.append("k-num")
        elif f.kind in ("date", "instant"):
            classes.append("k-date")
        if f.name in spec.phone or f.name == title_name:
            classes.append("k-wide-only")
        cells.append(Cell(html, " ".join(classes)))
    areas = []
    for area, name in zip(("a-name", "a-amount", "a-meta", "a-state"), phone, strict=False):
        f = spec.fields[name]
        if f.name not in row and f"{f.name}__title" not in row:
            continue
        html = showing.cell(ctx, spec, f, row, page.plan.currencies)
        if area == "a-name":
            html = format_html('<a href="{}">{}</a>', href, title if name == title_name else html)
        if area == "a-meta" and title_name not in phone:
            html = format_html("<span>{}</span><span>{}</span>", title, html)
        areas.append(Cell(html, f"k-phone {area}{' k-num' if f.kind in showing.NUMERIC else ''}"))
    return Line(str(row["id"]), href, title, cells, areas)


def _drop(ctx: Context, spec: Spec, state: State) -> dict[str, Any]:
    """The one filter without which most rows would be there."""
    best: dict[str, Any] = {}
    most = 0
    for chip in lists.chips(ctx, spec, state):
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
                "text": f"“{state.q}”",
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
