"""A list out again: the columns, filters and scope as seen, with true dates and numbers.

Rows stream from keyset pages, so a million need no more memory than a page. Text that a
spreadsheet would run as a formula is disarmed by a leading apostrophe in CSV; a cell of a workbook
is written as text. ``for_import`` gives the file that an import takes back unchanged: field names as
headers, ids and codes in place of titles, a row a line of the document.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import xlsxwriter
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid
from kontor.history.recording import Deed, record
from kontor.resources.spec import Field, Spec
from kontor.surfaces.exchange import columns
from kontor.surfaces.query import Ask, lines_of, matching_rows, select
from kontor.values.money import plain
from kontor.values.parsing import NUMERIC
from kontor.values.wording import capital
from kontor.values.writing import safe_text

PAGE = 2_000
PAGE_OF_DOCUMENTS = 500  # with their lines
FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST_SHEET = 1_048_575  # rows of a worksheet below its header
Say = Callable[[int], None]
Shown = Callable[[Mapping[str, Any]], list[list[Any]]]  # a record → its rows of cells


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user wants in the file, as a job carries it."""

    format: str = "xlsx"
    fields: list[str] = field(default_factory=list)
    filters: dict[str, Any] = field(default_factory=dict)
    order: str = ""
    q: str = ""
    ids: list[str] | None = None
    for_import: bool = False


def ask_of(wish: Wish) -> Ask:
    """The wish in the words of the query layer."""
    return Ask(fields=wish.fields or None, filters=wish.filters, order=wish.order, q=wish.q, ids=wish.ids)


def count(ctx: Context, spec: Spec, ask: Ask, most: int) -> int:
    """How many records the file would have, at most ``most``."""
    return matching_rows(ctx, spec, ask).order_by().values("pk")[:most].count()


def export(
    ctx: Context, spec: Spec, ask: Ask, path: Path, wish: Wish | None = None, say: Say = lambda done: None
) -> int:
    """Write the rows of a list to ``.csv`` or ``.xlsx``; returns how many records. The audit keeps that it was done."""
    ctx.rights.need(spec.name, "export")
    for_import = wish is not None and wish.for_import
    header, names, shown = _for_import(ctx, spec) if for_import else _as_seen(ctx, spec, ask)
    pages = _pages(ctx, spec, replace(ask, fields=tuple(names), count="", cursor=""), for_import, say)
    done = (_xlsx if path.suffix == ".xlsx" else _csv)(ctx, header, pages, shown, path)
    said = {"rows": done, "columns": header, "file": path.suffix.lstrip("."), "filters": dict(ask.filters), "q": ask.q}
    record(ctx, [Deed(spec.name, None, "exported", {k: v for k, v in said.items() if v})], events=False)
    return done


def _pages(ctx: Context, spec: Spec, ask: Ask, with_lines: bool, say: Say) -> Iterator[list[dict[str, Any]]]:
    """Keyset pages; the same compiled plan serves all of them."""
    wanted = _lines(ctx, spec) if with_lines else {}
    size = PAGE_OF_DOCUMENTS if wanted else PAGE
    cursor, done = "", 0
    while True:
        page = select(ctx, spec, replace(ask, limit=size, most=size, cursor=cursor, titles=True))
        if wanted:
            held = lines_of(ctx, spec, [r["id"] for r in page.rows], list(wanted), titles=True)
            for row in page.rows:
                row.update({name: by_record.get(row["id"], []) for name, by_record in held.items()})
        yield page.rows
        done += len(page.rows)
        say(done)
        cursor = page.next_cursor
        if not cursor:
            return


def _as_seen(ctx: Context, spec: Spec, ask: Ask) -> tuple[list[str], list[str], Shown]:
    names = [n for n in (ask.fields or spec.columns) if n in spec.fields and ctx.rights.sees(spec.fields[n].guard)]
    if not names:
        raise Invalid.at("/fields", _("Choose at least one column."), "required")
    steps = [_reader(spec.fields[n]) for n in names]
    header = [capital(spec.fields[n].label) for n in names]
    return header, names, lambda row: [[step(row) for step in steps]]


def _reader(f: Field) -> Callable[[Mapping[str, Any]], Any]:
    """From a row to the cell of one field, as people read it."""
    name = f"{f.name}__title" if f.kind == "reference" else f.name
    if f.kind == "choice":
        labels = {str(k): str(label) for k, label in f.choices}
        return lambda row: labels.get(str(row.get(name)), row.get(name))
    if f.kind in NUMERIC:
        return lambda row: _number(row.get(name))
    if f.kind == "boolean":
        yes, no = _("Yes"), _("No")
        return lambda row: None if row.get(name) is None else yes if row[name] else no
    return lambda row: _text(row.get(name))


def _number(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(v) for v in value)
    return orjson.dumps(value).decode() if isinstance(value, dict) else value


# -- the file that an import takes back ------------------------------------------------------------


def _for_import(ctx: Context, spec: Spec) -> tuple[list[str], list[str], Shown]:
    own = [t for t in columns.targets(ctx, spec) if not t.lines]
    lines = _lines(ctx, spec)
    steps = [_machine(t.field) for t in own]
    line_steps = [(name, [_machine(f) for f in fields]) for name, fields in lines.items()]
    header = ["id", *(t.name for t in own)]
    for name, fields in lines.items():
        header += [f"{name}.id", *(f"{name}.{f.name}" for f in fields)]
    blank = {name: [None] * (len(fields) + 1) for name, fields in lines.items()}

    def shown(row: Mapping[str, Any]) -> list[list[Any]]:
        head = [str(row["id"]), *(step(row) for step in steps)]
        if not line_steps:
            return [head]
        rows = []
        for held in zip_longest(*(row.get(name, []) for name, _s in line_steps)) or [()]:
            cells = list(head)
            for (name, inner), line in zip(line_steps, held, strict=True):
                cells += blank[name] if line is None else [str(line["id"]), *(step(line) for step in inner)]
            rows.append(cells)
        return rows or [[*head, *(c for name, _s in line_steps for c in blank[name])]]

    return header, [t.name for t in own], shown


def _lines(ctx: Context, spec: Spec) -> dict[str, list[Field]]:
    out: dict[str, list[Field]] = {}
    for target in columns.targets(ctx, spec):
        if target.lines:
            out.setdefault(target.lines, []).append(target.field)
    return out


def _machine(f: Field) -> Callable[[Mapping[str, Any]], Any]:
    """From a row to the cell of one field, as the parsers read it back."""
    if f.kind == "reference":
        return lambda row: row.get(f"{f.name}__code") or (str(row[f.name]) if row.get(f.name) else None)
    if f.kind == "boolean":
        return lambda row: None if row.get(f.name) is None else str(row[f.name]).lower()
    if f.kind == "json":
        return lambda row: orjson.dumps(row[f.name]).decode() if row.get(f.name) else None
    if f.kind in NUMERIC:
        return lambda row: _number(row.get(f.name))
    return lambda row: _text(row.get(f.name))


# -- files -----------------------------------------------------------------------------------------


def _csv(ctx: Context, header: Sequence[str], pages: Iterator[list[dict[str, Any]]], shown: Shown, path: Path) -> int:
    zone, done = ZoneInfo(ctx.zone), 0

    def cell(value: Any) -> Any:
        if isinstance(value, str):
            return safe_text(value)
        if isinstance(value, Decimal):
            return plain(value)
        if isinstance(value, dt.datetime):
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        return "" if value is None else value

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([safe_text(h) for h in header])
        for rows in pages:
            done += len(rows)
            writer.writerows([cell(v) for v in cells] for row in rows for cells in shown(row))
    return done


def _xlsx(ctx: Context, header: Sequence[str], pages: Iterator[list[dict[str, Any]]], shown: Shown, path: Path) -> int:
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    zone, done, line = ZoneInfo(ctx.zone), 0, 0
    sheet = _sheet(book, header, bold)
    for rows in pages:
        for row in rows:
            done += 1
            for cells in shown(row):
                if line >= MOST_SHEET:
                    sheet, line = _sheet(book, header, bold), 0
                line += 1
                for at, value in enumerate(cells):
                    _write(sheet, line, at, value, zone, moment)
    book.close()
    return done


def _sheet(book: Any, header: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet()
    for at, name in enumerate(header):
        sheet.write_string(0, at, name, bold)
    sheet.set_column(0, max(0, len(header) - 1), 16)
    sheet.freeze_panes(1, 0)
    return sheet


def _write(sheet: Any, line: int, at: int, value: Any, zone: ZoneInfo, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(line, at, value[:32_767])  # the most that a cell holds
    elif isinstance(value, bool):
        sheet.write_boolean(line, at, value)
    elif isinstance(value, int | Decimal):
        sheet.write_number(line, at, float(value))  # a spreadsheet knows no decimals
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(line, at, value.astimezone(zone).replace(tzinfo=None), moment)
    elif isinstance(value, dt.date):
        sheet.write_datetime(line, at, dt.datetime.combine(value, dt.time()))
    else:
        sheet.write_string(line, at, str(value))
