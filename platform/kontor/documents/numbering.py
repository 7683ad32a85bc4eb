"""Numbers from counter rows under a row lock: unique under load, gapless where declared so."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from django.db import connection

from kontor.configuration.kept import kept
from kontor.context import Context
from kontor.database.prepared import Prepared
from kontor.documents.models import NumberRule
from kontor.errors import Refused
from kontor.values.columns import new_id

_ADVANCE = Prepared(
    "INSERT INTO documents_numbercounter AS c (id, series, last, gapless, shape, width) "
    "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (series) DO UPDATE SET last = c.last + EXCLUDED.last, "
    "shape = EXCLUDED.shape, width = EXCLUDED.width RETURNING last, upper"
)
_PART = re.compile(r"\{(yyyy|yy|mm|dd|n)(?::0?(\d+))?\}")


def give(
    key: str, pattern: str, dates: Sequence[dt.date], *, gapless: bool = False, custom: bool = True,
    ctx: Context | None = None,
) -> list[str]:  # fmt: skip
    """Numbers for documents of these dates, in order; the counter rows stay locked to the end.

    ``key`` is the resource (or journal); the date parts of the pattern make the series.
    """
    if custom:
        pattern = (_patterns() if ctx is None else kept(ctx, "numbers", "number rules", _patterns)).get(key) or pattern
    wanted: dict[str, list[dt.date]] = {}
    series = [_series(key, pattern, date) for date in dates]
    for name, date in zip(series, dates, strict=True):
        wanted.setdefault(name, []).append(date)
    last: dict[str, int] = {}
    for name in sorted(wanted):
        same = wanted[name]
        shape = render(pattern, same[0]) if gapless else ""
        last[name] = advance(name, len(same), gapless=gapless, shape=shape, width=_width(pattern)) - len(same)
    out = []
    for name, date in zip(series, dates, strict=True):
        last[name] += 1
        out.append(render(pattern, date, last[name]))
    return out


def _patterns() -> dict[str, str]:
    return dict(NumberRule.objects.values_list("resource", "pattern"))


def advance(series: str, count: int, *, gapless: bool, shape: str = "", width: int = 0) -> int:
    """Move the counter of a series on by ``count`` and return its new end; the row stays locked.

    A gapless counter moves by one at a time, and keeps the ``shape`` (``JV-2026-{n}``, ``n`` padded to
    ``width``) by which the trigger on the document's table knows its numbers.
    """
    steps, size = (count, 1) if gapless else (1, count)
    end = 0
    with connection.cursor() as cursor:
        for _step in range(steps):
            cursor.execute(_ADVANCE, [new_id(), series, size, gapless, shape, width])
            end, upper = cursor.fetchone()
            if upper is not None and end > upper:
                raise Refused(f"The allotted numbers of {series} are used up at {upper}.", code="numbers_used_up")
    return int(end)


def render(pattern: str, date: dt.date, n: int | None = None) -> str:
    """The number of a pattern: ``{yyyy} {yy} {mm} {dd} {n:04}``; without ``n`` its shape, ``SO-2611-{n}``."""
    # Two digits name one century, 1969 to 2068 as POSIX has it; a slip of the finger (1926) must not take
    # the numbers of 2026, so other years are written out.
    short = f"{date:%y}" if 1969 <= date.year <= 2068 else f"{date.year:04}"
    values = {"yyyy": f"{date.year:04}", "yy": short, "mm": f"{date:%m}", "dd": f"{date:%d}"}

    def part(match: re.Match[str]) -> str:
        name, width = match.groups()
        if name != "n":
            return values[name]
        return "{n}" if n is None else str(n).zfill(int(width or 0))

    return _PART.sub(part, pattern)


def _width(pattern: str) -> int:
    return next((int(width or 0) for name, width in _PART.findall(pattern) if name == "n"), 0)


def _series(key: str, pattern: str, date: dt.date) -> str:
    parts = [name for name, _width in _PART.findall(pattern) if name != "n"]
    return ":".join(
        [key, *(f"{date:%Y}" if p in ("yyyy", "yy") else f"{date:%m}" if p == "mm" else f"{date:%d}" for p in parts)]
    )
