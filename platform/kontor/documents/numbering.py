"""Numbers from counter rows under a row lock: unique under load, gapless where declared so."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from django.db import connection

from kontor.documents.models import NumberRule
from kontor.errors import Refused
from kontor.values.columns import new_id

_PART = re.compile(r"\{(yyyy|yy|mm|dd|n)(?::0?(\d+))?\}")


def give(key: str, pattern: str, dates: Sequence[dt.date], *, gapless: bool = False, custom: bool = True) -> list[str]:
    """Numbers for documents of these dates, in order; the counter rows stay locked to the end.

    ``key`` is the resource (or journal); the date parts of the pattern make the series.
    """
    if custom:
        pattern = NumberRule.objects.filter(resource=key).values_list("pattern", flat=True).first() or pattern
    wanted: dict[str, int] = {}
    series = [_series(key, pattern, date) for date in dates]
    for name in series:
        wanted[name] = wanted.get(name, 0) + 1
    last = {name: advance(name, wanted[name], gapless=gapless) - wanted[name] for name in sorted(wanted)}
    out = []
    for name, date in zip(series, dates, strict=True):
        last[name] += 1
        out.append(render(pattern, date, last[name]))
    return out


def advance(series: str, count: int, *, gapless: bool) -> int:
    """Move the counter of a series on by ``count`` and return its new end; the row stays locked.

    A gapless counter moves by one at a time, which a trigger enforces.
    """
    steps, size = (count, 1) if gapless else (1, count)
    end = 0
    with connection.cursor() as cursor:
        for _step in range(steps):
            cursor.execute(
                "INSERT INTO documents_numbercounter AS c (id, series, last, gapless) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (series) DO UPDATE SET last = c.last + EXCLUDED.last RETURNING last, upper",
                [new_id(), series, size, gapless],
            )
            end, upper = cursor.fetchone()
            if upper is not None and end > upper:
                raise Refused(f"The allotted numbers of {series} are used up at {upper}.", code="numbers_used_up")
    return int(end)


def render(pattern: str, date: dt.date, n: int) -> str:
    """The number of a pattern: ``{yyyy} {yy} {mm} {dd} {n:04}``."""
    values = {"yyyy": f"{date:%Y}", "yy": f"{date:%y}", "mm": f"{date:%m}", "dd": f"{date:%d}"}

    def part(match: re.Match[str]) -> str:
        name, width = match.groups()
        return str(n).zfill(int(width or 0)) if name == "n" else values[name]

    return _PART.sub(part, pattern)


def _series(key: str, pattern: str, date: dt.date) -> str:
    parts = [name for name, _width in _PART.findall(pattern) if name != "n"]
    return ":".join(
        [key, *(f"{date:%Y}" if p in ("yyyy", "yy") else f"{date:%m}" if p == "mm" else f"{date:%d}" for p in parts)]
    )
