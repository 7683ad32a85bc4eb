"""A list out again: the columns, filters and scope as seen, with true dates and numbers.

Rows stream from keyset pages, so a million need no more memory than a page. Text that a
spreadsheet would run as a formula is disarmed by a leading apostrophe.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from kontor.context import Context
from kontor.history.recording import Deed, record
from kontor.resources.spec import Spec
from kontor.surfaces.query import Ask, select
from kontor.values.parsing import NUMERIC

PAGE = 1_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(ctx: Context, spec: Spec, ask: Ask, path: Path, say: Callable[[int], None] = lambda done: None) -> int:
    """Write the rows of a list to ``.csv`` or ``.xlsx``; returns how many. The audit keeps that it was done."""
    ctx.rights.need(spec.name, "export")
    names = [n for n in (ask.fields or spec.columns) if n in spec.fields and ctx.rights.sees(spec.fields[n].guard)]
    rows = _rows(ctx, spec, replace(ask, fields=tuple(names)), say)
    done = (_xlsx if path.suffix == ".xlsx" else _csv)(ctx, spec, names, rows, path)
    record(ctx, [Deed(spec.name, None, "exported", {"rows": done, "columns": names})], events=False)
    return done


def _rows(ctx: Context, spec: Spec, ask: Ask, say: Callable[[int], None]) -> Iterator[dict[str, Any]]:
    cursor, done = None, 0
    while True:
        page = select(ctx, spec, replace(ask, limit=PAGE, cursor=cursor, titles=True))
        yield from page.rows
        done += len(page.rows)
        say(done)
        cursor = page.next_cursor
        if not cursor:
            return


def _shown(spec: Spec, name: str, row: dict[str, Any]) -> Any:
    f = spec.fields[name]
    value = row.get(f"{name}__title") if f.kind == "reference" else row.get(name)
    if f.kind == "choice" and value is not None:
        value = str(dict(f.choices).get(value, value))
    if f.kind in NUMERIC and isinstance(value, str):
        return Decimal(value)
    if f.kind == "date" and isinstance(value, str):
        return dt.date.fromisoformat(value)
    if isinstance(value, list):
        return ", ".join(str(v) for v in value)
    return value


def safe_text(value: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def _csv(ctx: Context, spec: Spec, names: list[str], rows: Iterator[dict[str, Any]], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([str(spec.fields[n].label) for n in names])
        for row in rows:
            count += 1
            values = (_shown(spec, n, row) for n in names)
            writer.writerow([safe_text(v) if isinstance(v, str) else "" if v is None else v for v in values])
    return count


def _xlsx(ctx: Context, spec: Spec, names: list[str], rows: Iterator[dict[str, Any]], path: Path) -> int:
    from zoneinfo import ZoneInfo

    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    sheet = book.add_worksheet()
    bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, [str(spec.fields[n].label) for n in names], bold)
    sheet.freeze_panes(1, 0)
    zone, count = ZoneInfo(ctx.zone), 0
    for row in rows:
        count += 1
        for column, name in enumerate(names):
            value = _shown(spec, name, row)
            if isinstance(value, Decimal):
                sheet.write_number(count, column, float(value))  # a spreadsheet knows no decimals
            elif isinstance(value, dt.datetime):
                sheet.write_datetime(count, column, value.astimezone(zone).replace(tzinfo=None), moment)
            elif isinstance(value, dt.date):
                sheet.write_datetime(count, column, dt.datetime.combine(value, dt.time()))
            elif isinstance(value, str):
                sheet.write_string(count, column, value)
            elif value is not None:
                sheet.write(count, column, value)
    book.close()
    return count
