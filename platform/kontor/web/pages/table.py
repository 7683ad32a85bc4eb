"""The rows of a list as people read them: columns, cells, the two lines of a phone, the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.resources.spec import Field, Spec
from kontor.surfaces.query import Page
from kontor.values.parsing import NUMERIC
from kontor.values.wording import capital
from kontor.web import nextsteps, showing
from kontor.web.arranging import arranged, list_place
from kontor.web.lists import State


@dataclass(frozen=True, slots=True)
class Column:
    """One column's head: its label, how to sort by it, its alignment, and the width a person gave it."""

    field: Field
    label: str
    sort: str  # the list sorted by it (turned round if it is already)
    sorted: str  # ascending, descending or empty
    number: bool
    width: int = 0


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


def title_field(spec: Spec) -> str:
    """The field that names a record in its row."""
    return next((n for n in (spec.title, *spec.code, "name") if n in spec.fields), "")


def choosable(ctx: Context, spec: Spec) -> list[Field]:
    """What may be a column: every field that the reader sees, and the next step."""
    out = [
        f
        for f in spec.fields.values()
        if f.kind not in ("json", "id") and f.name not in ("custom", "version") and ctx.rights.sees(f.guard)
    ]
    return [*out, _next_field()] if nextsteps.offered(ctx, spec) else out


def visible(ctx: Context, spec: Spec, state: State) -> list[Field]:
    """The columns: the address's, else one's own, else the declared ones; what names the record stands first."""
    title = title_field(spec)
    chosen = state.columns or tuple(arranged(ctx, list_place(spec.name)).get("columns", ()))
    # a grade stands behind the name already; who wants it as a column chooses it
    names = chosen or (*(n for n in spec.columns if n != spec.mark), nextsteps.COLUMN)
    known = {f.name: f for f in choosable(ctx, spec)}
    return [known[n] for n in dict.fromkeys([*([title] if title else []), *names]) if n in known]


def fields_for(ctx: Context, spec: Spec, columns: list[Field]) -> tuple[str, ...]:
    """The fields that the query reads for these columns."""
    phone = [n for n in spec.phone if n in spec.fields and ctx.rights.sees(spec.fields[n].guard)]
    names = [f.name for f in columns if f.name != nextsteps.COLUMN] + phone
    if any(f.name == nextsteps.COLUMN for f in columns):
        names += nextsteps.needed(spec)
    names += [n for n in (title_field(spec), _own_mark(spec)) if n]
    dates = {"promised_on": "late", "due_on": "overdue"}  # an overdue date is red: the list reads whether it is
    names += [late for n, late in dates.items() if n in names and late in spec.fields]
    return tuple(dict.fromkeys(names))


def column(ctx: Context, spec: Spec, state: State, f: Field) -> Column:
    """The head of a column."""
    order = state.order or spec.order.replace(",", " ").split()[0]
    way = "" if order.lstrip("-") != f.name else "descending" if order.startswith("-") else "ascending"
    down_first = f.kind in NUMERIC or f.kind in ("date", "instant")
    down = way == "ascending" or (not way and down_first)
    url = state.url(order=("-" if down else "") + f.name, cursor="", before=0) if sortable(f) else ""
    number = f.kind in NUMERIC and f.name not in spec.bars
    width = arranged(ctx, list_place(spec.name)).get("widths", {}).get(f.name, 0)
    return Column(f, capital(f.label), url, way, number, width)


def sortable(f: Field) -> bool:
    """Whether a list can be ordered by the field."""
    return f.kind not in ("json", "tags", "longtext", "next")


def line(ctx: Context, spec: Spec, columns: list[Field], page: Page, row: Mapping[str, Any]) -> Line:
    """One row: the cells of the columns, and the four places of the phone."""
    href = f"/{spec.path}/{row['id']}/"
    title_name = title_field(spec)
    named = row.get(f"{title_name}__title") or row.get(title_name)
    title = str(named or _("(no number)"))
    cells = []
    for f in columns:
        html, classes = _value(ctx, spec, f, row, page), []
        if f.name == title_name:
            html = _with_mark(format_html('<a href="{}">{}</a>', href, title), _mark(spec, row))
            classes.append("k-id" if named else "k-id k-3 k-light")
        if f.name in spec.bars:
            classes.append("k-barcell")
        elif f.kind in NUMERIC:
            classes.append("k-num")
        elif f.kind in ("date", "instant"):
            classes.append("k-date")
            if f.name in ("promised_on", "due_on") and row.get("late", row.get("overdue")):
                classes.append("k-bad k-strong")
        if f.name in spec.phone or f.name == title_name:
            classes.append("k-wide-only")
        cells.append(Cell(html, " ".join(classes)))
    return Line(str(row["id"]), href, title, cells, _phone(ctx, spec, page, row, href, title))


def _phone(ctx: Context, spec: Spec, page: Page, row: Mapping[str, Any], href: str, title: str) -> list[Cell]:
    areas = []
    title_name = title_field(spec)
    for area, name in zip(("a-name", "a-amount", "a-meta", "a-state"), spec.phone, strict=False):
        f = spec.fields[name]
        if f.name not in row and f"{f.name}__title" not in row:
            continue
        html = showing.cell(ctx, spec, f, row, page.plan.currencies)
        if area == "a-name":
            html = format_html('<a href="{}">{}</a>', href, title if name == title_name else html)
        if area == "a-meta" and title_name not in spec.phone:
            html = format_html("<span>{}</span><span>{}</span>", title, html)
        areas.append(Cell(html, f"k-phone {area}{' k-num' if f.kind in NUMERIC else ''}"))
    return areas


def _value(ctx: Context, spec: Spec, f: Field, row: Mapping[str, Any], page: Page) -> Any:
    if f.name == nextsteps.COLUMN:
        return _next(ctx, spec, row)
    if f.name in spec.bars:
        return showing.bar(row.get(f.name))
    html = showing.cell(ctx, spec, f, row, page.plan.currencies)
    return _with_mark(html, row.get(f"{f.name}__mark")) if f.kind == "reference" else html


def _own_mark(spec: Spec) -> str:
    return spec.mark if spec.mark in spec.fields else ""


def _mark(spec: Spec, row: Mapping[str, Any]) -> Any:
    return row.get(spec.mark) if spec.mark else None


def _with_mark(html: Any, mark: Any) -> Any:
    """A name with the grade behind it."""
    if mark in (None, "", "none"):
        return html
    whole = '<span class="k-cell"><span class="k-cut">{}</span><span class="k-grade">{}</span></span>'
    return format_html(whole, html, mark)


def _next(ctx: Context, spec: Spec, row: Mapping[str, Any]) -> SafeString:
    step = nextsteps.step_of(ctx, spec, row)
    if step is None:
        return showing.NOTHING
    icon = step.action.icon or "arrow-right"
    inside = format_html('<i class="ti ti-{}" aria-hidden="true"></i>{}', icon, step.action.label)
    if step.here:
        return format_html('<button class="k-next" type="button" data-step="{}">{}</button>', step.action.name, inside)
    return format_html('<a class="k-next" href="{}">{}</a>', step.href, inside)


def _next_field() -> Field:
    return Field(nextsteps.COLUMN, "", "next", _("Next step"))
