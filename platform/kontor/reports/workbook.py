"""A report as a file: XLSX with true dates and numbers, or CSV; text that would run is disarmed."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from kontor.reports.running import Result, currency_of
from kontor.values.money import digits
from kontor.values.writing import as_json, safe_text

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def write(result: Result, kind: str) -> bytes:
    """The file's bytes; ``kind`` is xlsx or csv."""
    out = io.BytesIO()
    (write_xlsx if kind == "xlsx" else write_csv)(result, out)
    return out.getvalue()


def write_csv(result: Result, out: IO[bytes]) -> None:
    """Comma-separated in UTF-8 with a mark, decimals with the digits of their currency."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    columns = result.table.columns
    writer.writerow([str(c.label) for c in columns])
    for values in _all_rows(result):
        writer.writerow(
            [_csv_cell(v, c, currency_of(columns, c, values)) for c, v in zip(columns, values, strict=True)]
        )
    text.flush()
    text.detach()


def write_xlsx(result: Result, out: IO[bytes]) -> None:
    """A sheet: the report's name and parameters, frozen head, numbers that can be summed on."""
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    )
    sheet = book.add_worksheet(str(result.report.name)[:31])
    formats: dict[tuple[str, bool], Any] = {}

    def style(number: str, bold: bool) -> Any:
        key = (number, bold)
        if key not in formats:
            formats[key] = book.add_format({"bold": bold, **({"num_format": number} if number else {})})
        return formats[key]

    columns = result.table.columns
    for at, column in enumerate(columns):
        sheet.set_column(at, at, 32 if column.type == "text" and at < 2 else 16)
    sheet.write_string(0, 0, str(result.report.label), style("", True))
    asked = "  ".join(f"{k}: {v}" for k, v in result.parameters.items() if v is not None)
    sheet.write_string(1, 0, asked)
    for at, column in enumerate(columns):
        sheet.write_string(3, at, str(column.label), style("", True))
    sheet.freeze_panes(4, 0)
    place = 4
    for row in result.table.rows:
        _write_row(sheet, place, columns, row.values, row.style != "line", style)
        place += 1
    if result.table.totals is not None:
        _write_row(sheet, place, columns, result.table.totals, True, style)
        place += 1
    for note in result.table.notes:
        place += 1
        sheet.write_string(place, 0, str(note))
    book.close()


def _write_row(sheet: Any, place: int, columns: Any, values: Any, bold: bool, style: Any) -> None:
    for at, (column, value) in enumerate(zip(columns, values, strict=True)):
        if value is None or value == "":
            continue
        if isinstance(value, bool):
            sheet.write_boolean(place, at, value)
        elif isinstance(value, Decimal):
            number = _number_format(column.type, currency_of(columns, column, values))
            sheet.write_number(place, at, float(value), style(number, bold))  # a spreadsheet knows no decimals
        elif isinstance(value, int):
            sheet.write_number(place, at, value, style("0", bold))
        elif isinstance(value, dt.date):
            sheet.write_datetime(place, at, dt.datetime.combine(value, dt.time()), style("yyyy-mm-dd", bold))
        else:
            sheet.write_string(place, at, str(value), style("", bold))


def _number_format(kind: str, currency: str) -> str:
    if kind == "percent":
        return "0.0%"
    if kind == "amount" and currency:
        places = digits(currency)
        return "#,##0" + ("." + "0" * places if places else "")
    return "#,##0.######"


def _csv_cell(value: Any, column: Any, currency: str) -> Any:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return as_json(value, column.type, currency)
    return safe_text(value) if isinstance(value, str) else str(value)


def _all_rows(result: Result) -> Any:
    for row in result.table.rows:
        yield row.values
    if result.table.totals is not None:
        yield result.table.totals
