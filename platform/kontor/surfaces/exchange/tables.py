"""Rows out of CSV and XLSX files as people have them: any usual encoding, any delimiter, with limits."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kontor.errors import Refused
from kontor.surfaces.exchange.encodings import encoding_of
from kontor.surfaces.exchange.weighing import weigh
from kontor.values.writing import FORMULA, safe_text

LARGEST = 100 * 2**20  # bytes of a file
_MOST_UNPACKED = 2**30  # bytes of a spreadsheet's parts
_MOST_PART = 700 * 2**20
_BOMB = 200  # times smaller packed than unpacked, where it is more than a few megabytes
_MOST_COLUMNS = 500
_TITLE_ROWS = 10  # so many rows of one cell may stand above a table
_MOST_ROWS = 1_048_576  # what a spreadsheet itself can hold
SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
csv.field_size_limit(1024 * 1024)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row with the line of the file where it stands."""

    line: int
    values: dict[str, Any]


@contextmanager
def held(blocks: Iterable[bytes], ending: str) -> Iterator[Path]:
    """A file that was sent, on disk while it is read; one too large is cut, for the reader to refuse in a sentence."""
    with tempfile.NamedTemporaryFile(suffix=ending) as file:
        size = 0
        for block in blocks:
            size += len(block)
            if size <= LARGEST + 1:
                file.write(block)
        file.flush()
        yield Path(file.name)


def read(path: Path, name: str = "") -> Iterator[SheetRow]:
    """The rows of a file below its header; empty rows are passed over.

    Raises Refused with a sentence when the file is not a table that can be read.
    """
    label = name or path.name
    header: list[str] | None = None
    for line, cells in _table(path, label):
        if header is None:
            header = _header(cells, label)
            continue
        if len(cells) > len(header) and any(_filled(c) for c in cells[len(header) :]):
            said = _("%(file)s, line %(line)d: there are more cells than columns; a cell with a comma needs quotes.")
            raise Refused(said % {"file": label, "line": line}, code="too_many_cells")
        filled = [*cells[: len(header)], *[""] * (len(header) - len(cells))]
        yield SheetRow(line, {h: v for h, v in zip(header, filled, strict=True) if h})


def headers(path: Path, name: str = "") -> list[str]:
    """The column names of a file; Refused when there are none."""
    label = name or path.name
    for _line, cells in _table(path, label):
        return [h for h in _header(cells, label) if h]
    raise Refused(_("%(file)s is empty.") % {"file": label}, code="empty")


def _table(path: Path, label: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows with anything in them, from the header on: a title above the table is passed over."""
    waiting: list[tuple[int, list[Any]]] = []
    begun = False
    for line, cells in _rows(path, label):
        filled = sum(map(_filled, cells))
        if not filled:
            continue
        if begun:
            yield line, cells
        elif filled == 1 and len(waiting) < _TITLE_ROWS:
            waiting.append((line, cells))
        else:
            begun = True
            if len(waiting) >= _TITLE_ROWS:
                yield from waiting
            yield line, cells
    if not begun:
        yield from waiting  # a table of one column


def _rows(path: Path, label: str) -> Iterator[tuple[int, list[Any]]]:
    size = path.stat().st_size
    if size > LARGEST:
        raise Refused(
            _("%(file)s is larger than %(n)d MB. Divide it into parts.") % {"file": label, "n": LARGEST // 2**20},
            code="too_large",
            status=413,
        )
    if not size:
        raise Refused(_("%(file)s is empty.") % {"file": label}, code="empty")
    rows = _xlsx(path, label) if (Path(label).suffix or path.suffix).lower() in SHEETS else _csv(path, label)
    for count, row in enumerate(rows):
        if count > _MOST_ROWS:
            raise Refused(_("%(file)s has more than a million rows. Divide it into parts.") % {"file": label})
        yield row


def _header(cells: list[Any], label: str) -> list[str]:
    names = [" ".join(str(c).split()) for c in cells]
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
    with path.open("rb") as raw:
        if raw.read(4) == b"PK\x03\x04":
            raise Refused(_("%(file)s is a spreadsheet and no text; name it .xlsx.") % {"file": label}, code="format")
    encoding = encoding_of(path, label)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(64 * 1024)
        file.seek(0)
        first = next((line for line in start.splitlines() if line.strip()), "")
        delimiter = max(",;\t|", key=first.count) if first else ","
        if first.lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own word for the delimiter
            delimiter = first.strip()[4]
            file.readline()
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for cells in reader:
                yield reader.line_num, [_armed(c) for c in cells]
        except csv.Error as error:
            raise Refused(
                _("%(file)s, line %(line)d: this is not a readable table (%(why)s).")
                % {"file": label, "line": reader.line_num, "why": error},
                code="unreadable",
            ) from error


def _armed(cell: str) -> str:
    """The text behind the apostrophe that our export sets before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell


def _xlsx(path: Path, label: str) -> Iterator[tuple[int, list[Any]]]:
    from python_calamine import CalamineWorkbook

    try:
        if zipfile.is_zipfile(path):
            _refuse_bomb(path, label)
        weigh(path, label)
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except Refused:
        raise
    except Exception as error:
        raise Refused(
            _("%(file)s cannot be read as a spreadsheet. Is it protected by a password?") % {"file": label},
            code="unreadable",
        ) from error
    corner = sheet.start or (0, 0)
    tops, below = _merged(sheet, corner)
    firsts: dict[tuple[int, int], Any] = {}
    for i, cells in enumerate(rows):
        made = [_cell(c) for c in cells]
        for column, first in below.get(i, ()):
            if column < len(made):
                made[column] = firsts.get(first, "")
        for first in tops.get(i, ()):
            firsts[first] = made[first[1]] if first[1] < len(made) else ""
        yield corner[0] + 1 + i, made


def _merged(sheet: Any, corner: tuple[int, int]) -> tuple[dict[int, list[Any]], dict[int, list[Any]]]:
    """Cells merged over several rows: where each begins, and which cells below repeat its value."""
    tops: dict[int, list[Any]] = {}
    below: dict[int, list[Any]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        first = (top - corner[0], left - corner[1])
        if bottom == top or min(first) < 0 or bottom - top > _MOST_ROWS:
            continue
        tops.setdefault(first[0], []).append(first)
        for row in range(first[0] + 1, bottom - corner[0] + 1):
            below.setdefault(row, []).append((first[1], first))
    return tops, below


def _refuse_bomb(path: Path, label: str) -> None:
    """A small file that unpacks without end is refused before a byte of it is unpacked."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        whole = sum(part.file_size for part in parts)
        if whole > _MOST_UNPACKED or any(part.file_size > _MOST_PART for part in parts):
            raise Refused(_("%(file)s unpacks to more than a gigabyte.") % {"file": label}, code="too_large")
        packed = sum(part.compress_size for part in parts) or 1
        if whole > 64 * 2**20 and whole / packed > _BOMB:
            raise Refused(_("%(file)s is packed in a way no spreadsheet is.") % {"file": label}, code="too_large")


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        number = Decimal(repr(value))
        return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date()
    if isinstance(value, dt.time | dt.timedelta):
        return str(value)
    return value


def plain_cell(value: Any) -> Any:
    """A cell as JSON keeps it; the parsers of values read it back."""
    if value is None or isinstance(value, str | bool | int):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _filled(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def csv_text(rows: Iterable[Iterable[Any]]) -> str:
    """Rows as CSV that a spreadsheet opens without running anything: for error files."""
    out = io.StringIO()
    csv.writer(out).writerows([safe_text(v) if isinstance(v, str) else v for v in row] for row in rows)
    return out.getvalue()
