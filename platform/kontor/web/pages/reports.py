"""Reports: the index, and a page each – what was asked, key figures, the table with ways to what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from kontor.configuration.api import company
from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import FieldError, Invalid
from kontor.history.recording import Deed, record
from kontor.reports import api as reports
from kontor.reports.running import Result, currency_of
from kontor.resources import registry
from kontor.resources.titles import titles_of
from kontor.values.parsing import as_uuid
from kontor.values.wording import capital
from kontor.values.writing import as_json
from kontor.web import showing
from kontor.web.lists import State
from kontor.web.presets import presets
from kontor.web.signing import signed_in

_FIGURES = range(3, 8)  # so many summed columns make a row of key figures


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter as an input: its value, and the title behind a reference."""

    parameter: reports.Parameter
    value: Any
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table as HTML cells."""

    cells: list[tuple[Any, str]]
    style: str
    level: int


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The reports that the user may open, by module."""
    labels = {m.name: str(m.label) for m in registry.modules()}
    groups: dict[str, list[Any]] = {}
    for r in reports.reports_for(ctx):
        groups.setdefault(labels.get(r.module, capital(r.module)), []).append(r)
    context = {"groups": list(groups.items()), "crumbs": [{"label": _("Reports")}]}
    return render(request, "kontor/report/index.html", context)


@signed_in
def show(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """One report; ``format=xlsx|csv`` is the same as a file."""
    found = reports.get(name)
    known = {p.name for p in found.parameters}
    given = {k: str(v) for k, v in request.GET.items() if k in known and v}
    form = request.GET.get("format", "")
    if form in reports.FORMATS:
        return _file(ctx, name, given, form)
    missing = [p for p in found.parameters if p.required and p.default is None and p.name not in given]
    result, wrong = _run(ctx, name, given)
    wrong = [e for e in wrong if e.pointer not in {f"/{p.name}" for p in missing}]
    table = result.table
    context = {
        "report": found,
        "asked": [_asked(ctx, p, result.parameters.get(p.name)) for p in found.parameters if p.form or p.name in given],
        "wrong": wrong,
        "missing": [p.label for p in missing],
        "columns": [(c, c.type in _NUMBERS) for c in table.columns],
        "rows": [_row(ctx, table.columns, line) for line in table.rows],
        "totals": _row(ctx, table.columns, reports.Line(table.totals, style="total"))
        if table.totals is not None
        else None,
        "figures": _figures(ctx, table),
        "presets": presets(ctx, found, given, result.parameters),
        "printed": _("%(company)s, printed %(when)s by %(who)s")
        % {"company": company(ctx).name, "when": f"{timezone.localtime():%Y-%m-%d %H:%M}", "who": ctx.user_name},
        "notes": table.notes,
        "span": " · ".join(w for w in (_span(ctx, result.parameters), _currencies(table)) if w),
        "may_export": reports.allowed(ctx, found, "export"),
        "query": urlencode({**given, "format": ""}),
        "crumbs": [{"label": _("Reports"), "href": "/reports/"}, {"label": found.label}],
    }
    return render(request, "kontor/report/page.html", context, status=422 if wrong else 200)


def _run(ctx: Context, name: str, given: dict[str, str]) -> tuple[Result, list[FieldError]]:
    """The report, without the values that were wrong; an empty one where it lacks what it needs."""
    try:
        return reports.run(ctx, name, given), []
    except Invalid as refusal:
        wrong = {e.pointer for e in refusal.errors}
        right = {k: v for k, v in given.items() if f"/{k}" not in wrong}
        try:
            return reports.run(ctx, name, right), refusal.errors
        except Invalid:
            return Result(reports.get(name), right, reports.Table((), ())), refusal.errors


_NUMBERS = frozenset({"amount", "quantity", "price", "percent", "integer"})


def _file(ctx: Context, name: str, given: dict[str, str], form: str) -> HttpResponse:
    result = reports.run(ctx, name, given, verb="export")
    response = HttpResponse(reports.write(result, form), content_type=reports.FORMATS[form])
    response["Content-Disposition"] = f'attachment; filename="{name}-{ctx.today}.{form}"'
    record(ctx, [Deed(result.report.right, None, "exported", {"parameters": given})], events=False)
    return response


def _asked(ctx: Context, p: reports.Parameter, value: Any) -> Asked:
    title = ""
    spec = registry.find(p.relation) if p.kind == "reference" else None
    if spec is not None and value is not None:
        pk = as_uuid(value) or as_uuid(find_many(ctx, spec.name, [value]).get(value))
        title = titles_of(spec, [pk]).get(pk, "") if pk else ""
    return Asked(p, as_json(value), title)


def _row(ctx: Context, columns: Sequence[reports.Column], line: reports.Line) -> Row:
    cells: list[tuple[Any, str]] = []
    href = target(line.drill)
    # names are indented, not the codes before them
    indented = 1 if len(columns) > 1 and columns[1].type == "text" else 0
    for at, (column, value) in enumerate(zip(columns, line.values, strict=True)):
        html, classes = _cell(ctx, columns, column, value, line.values)
        if href and html is not showing.NOTHING and (at == 0 or column.type in _NUMBERS):
            html = format_html('<a class="k-drill" href="{}">{}</a>', href, html)
        if at == indented:
            classes += " k-indent"
        cells.append((html, classes))
    return Row(cells, line.style, min(line.level, 4))


def _cell(
    ctx: Context, columns: Sequence[reports.Column], column: reports.Column, value: Any, values: Any
) -> tuple[Any, str]:
    if value is None or value == "":
        return ("", "k-num" if column.type in _NUMBERS else "")
    if column.type in ("amount", "price") and isinstance(value, Decimal):
        code = currency_of(columns, column, values) or ctx.currency
        if not value:
            return showing.NOTHING, "k-num"
        mixed = any(c.name == column.currency for c in columns)
        return showing.ledger(value, code, marked=mixed), "k-num k-neg" if value < 0 else "k-num"
    if column.type in ("quantity", "integer"):
        return (showing.quantity(Decimal(value)) if value else showing.NOTHING), "k-num"
    if column.type == "percent":
        return showing.percent(Decimal(value)), "k-num"
    if column.type == "date":
        return showing.date(value, ctx.today) if hasattr(value, "year") else value, "k-date"
    if column.type == "boolean":
        return (_("Yes") if value else _("No")), ""
    return str(value), ""


def _figures(ctx: Context, table: reports.Table) -> list[dict[str, Any]]:
    """Key figures from the sums of the columns, with their share of the total where there is one."""
    if table.totals is None or len(table.rows) < 2:
        return []
    summed = [
        (c, v)
        for c, v in zip(table.columns, table.totals, strict=True)
        if c.type == "amount" and isinstance(v, Decimal)
    ]
    if len(summed) not in _FIGURES:
        return []
    whole = next((v for c, v in summed if c.name == "total"), None)
    out = []
    for column, value in summed:
        share = value / whole if whole and column.name not in ("total", "advances") else None
        code = column.currency or ctx.currency
        text = showing.ledger(value, code)
        out.append({"label": column.label, "value": text, "share": f"{round(share * 100)}%" if share else ""})
    return out


def _currencies(table: reports.Table) -> str:
    """The one currency of all amounts, told once in the head; empty where they differ by row."""
    codes = {c.currency for c in table.columns if c.type == "amount"}
    names = {c.name for c in table.columns}
    return codes.pop() if len(codes) == 1 and not codes & names else ""


def _span(ctx: Context, values: Any) -> str:
    """What the table is of, in words: ``as of 2026-11-24``."""
    if values.get("as_of"):
        return _("as of %(day)s") % {"day": values["as_of"]}
    if values.get("from") or values.get("to"):
        return f"{values.get('from') or '…'} – {values.get('to') or '…'}"
    return ""


def target(drill: reports.Drill | None) -> str:
    """The address behind a row."""
    if drill is None:
        return ""
    if drill.report:
        params = {k: as_json(v) for k, v in drill.parameters.items() if v is not None}
        return f"/reports/{drill.report}/?{urlencode(params)}"
    if drill.id is not None:
        return showing.href(drill.resource, drill.id)
    spec = registry.find(drill.resource)
    if spec is None:
        return ""
    filters = {
        k: ",".join(map(str, v)) if isinstance(v, list | tuple | set) else str(as_json(v))
        for k, v in drill.filters.items()
    }
    return State(spec.path, filters, view="all").url()
