"""Rows out of CSV and XLSX files as people have them: any usual encoding, any delimiter, with limits."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kontor.errors import Refused

_ENCODINGS = ("utf-8-sig", "utf-16", "gb18030", "big5", "cp1252")
_MOST_UNPACKED = 1024 * 1024 * 1024
_MOST_COLUMNS = 500
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with the line of the file where it stands."""

    line: int
    values: dict[str, Any]


def read(path: Path, name: str = "") -> Iterator[SheetRow]:
    """The rows of a file below its header; empty rows are passed over.

    Raises Refused with a sentence when the file is not a table that can be read.
    """
    label = name or path.name
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        rows = _xlsx(path, label)
    else:
        rows = _csv(path, label)
    header: list[str] | None = None
    for line, cells in rows:
        if header is None:
            if any(_filled(c) for c in cells):
                header = _header(cells, label)
            continue
        if any(_filled(c) for c in cells):
            yield SheetRow(line, dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=False)))


def headers(path: Path) -> list[str]:
    """The column names of a file."""
    rows = _xlsx(path, path.name) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path, path.name)
    for _line, cells in rows:
        if any(_filled(c) for c in cells):
            return _header(cells, path.name)
    return []


def _header(cells: list[Any], label: str) -> list[str]:
    names = [str(c).strip() for c in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > _MOST_COLUMNS:
        raise Refused(_("%(file)s has more than %(n)d columns.") % {"file": label, "n": _MOST_COLUMNS})
    twice = {n for n in names if n and names.count(n) > 1}
    if twice:
        raise Refused(
            _("%(file)s has the column “%(column)s” twice.") % {"file": label, "column": sorted(twice)[0]},
            code="column_twice",
        )
    return names


def _csv(path: Path, label: str) -> Iterator[tuple[int, list[Any]]]:
    encoding = _encoding(path, label)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(64 * 1024)
        file.seek(0)
        first = start.splitlines()[0] if start.strip() else ""
        delimiter = max(",;\t|", key=first.count) if first else ","
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for cells in reader:
                yield reader.line_num, list(cells)
        except csv.Error as error:
            raise Refused(
                _("%(file)s, line %(line)d: this is not a readable table (%(why)s).")
                % {"file": label, "line": reader.line_num, "why": error},
                code="unreadable",
            ) from error


def _encoding(path: Path, label: str) -> str:
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and path.open("rb").read(2) not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            with path.open(encoding=encoding) as file:
                while file.read(1024 * 1024):
                    pass
        except (UnicodeError, UnicodeDecodeError):
            continue
        return encoding
    raise Refused(
        _("The encoding of %(file)s is not known. Save it as UTF-8 and try again.") % {"file": label},
        code="encoding",
    )


def _xlsx(path: Path, label: str) -> Iterator[tuple[int, list[Any]]]:
    from python_calamine import CalamineWorkbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MOST_UNPACKED:
                raise Refused(_("%(file)s unpacks to more than a gigabyte.") % {"file": label}, code="too_large")
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except Refused:
        raise
    except Exception as error:
        raise Refused(_("%(file)s cannot be read as a spreadsheet.") % {"file": label}, code="unreadable") from error
    offset = (sheet.start[0] if sheet.start else 0) + 1
    for i, cells in enumerate(rows):
        yield offset + i, [_cell(c) for c in cells]


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        number = Decimal(repr(value))
        return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date()
    return value


def _filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def csv_text(rows: list[list[Any]]) -> str:
    """Rows as CSV, for error files."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
