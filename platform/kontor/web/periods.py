"""Days that move: ``@today+7``, ``@month-1m``; and the periods that people choose by name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.values.days import add_months

_DAY = re.compile(r"@(today|week|month|quarter|year)(?:([+-]\d{1,4})([dwmqy]?))?$")
# suffix of the filter → bound; the upper bound is the first day that is out
_BOUNDS: dict[str, dict[str, str]] = {
    "@today": {"": "@today"},
    "@late": {"lt": "@today"},
    "@next7": {"gte": "@today", "lt": "@today+8"},
    "@week": {"gte": "@week", "lt": "@week+7"},
    "@last-week": {"gte": "@week-7", "lt": "@week"},
    "@month": {"gte": "@month", "lt": "@month+1m"},
    "@last-month": {"gte": "@month-1m", "lt": "@month"},
    "@quarter": {"gte": "@quarter", "lt": "@quarter+1q"},
    "@last-quarter": {"gte": "@quarter-1q", "lt": "@quarter"},
    "@year": {"gte": "@year", "lt": "@year+1y"},
    "@last-year": {"gte": "@year-1y", "lt": "@year"},
    "@30": {"gte": "@today-30"},
}


def day(ctx: Context, word: str) -> dt.date | None:
    """The day that a word means now; None if it is none of ours."""
    match = _DAY.fullmatch(word)
    if not match:
        return None
    now, count, unit = ctx.today, int(match[2] or 0), match[3] or "d"
    start = {
        "today": now,
        "week": now - dt.timedelta(days=now.weekday()),
        "month": now.replace(day=1),
        "quarter": now.replace(month=(now.month - 1) // 3 * 3 + 1, day=1),
        "year": now.replace(month=1, day=1),
    }[match[1]]
    try:
        if unit in "dw":
            return start + dt.timedelta(days=count * (7 if unit == "w" else 1))
        return add_months(start, count * {"m": 1, "q": 3, "y": 12}[unit])
    except (OverflowError, ValueError):
        return start


def bounds(name: str, word: str) -> dict[str, str]:
    """A period in words as filters that move with the day."""
    return {f"{name}__{op}" if op else name: value for op, value in _BOUNDS.get(word, {}).items()}


def counted(name: str, way: str, days: int) -> dict[str, str]:
    """The last or the next so many days."""
    if way == "last":
        return {f"{name}__gte": f"@today-{days}", f"{name}__lte": "@today"}
    return {f"{name}__gte": "@today", f"{name}__lte": f"@today+{days}"}


def named() -> list[tuple[str, str]]:
    """The periods to choose from, near ones first."""
    return [
        ("@today", _("today")),
        ("@week", _("this week")),
        ("@month", _("this month")),
        ("@quarter", _("this quarter")),
        ("@year", _("this year")),
        ("@last-week", _("last week")),
        ("@last-month", _("last month")),
        ("@last-quarter", _("last quarter")),
        ("@last-year", _("last year")),
        ("@next7", _("the next 7 days")),
        ("@30", _("the last 30 days")),
        ("@late", _("before today")),
    ]


def words(given: Mapping[str, str]) -> str:
    """What bounds (by operator) mean as a period with a name; empty if they are none."""
    sentences = {
        "@week": _("is this week"),
        "@month": _("is this month"),
        "@quarter": _("is this quarter"),
        "@year": _("is this year"),
        "@last-week": _("is last week"),
        "@last-month": _("is last month"),
        "@last-quarter": _("is last quarter"),
        "@last-year": _("is last year"),
        "@next7": _("in the next 7 days"),
        "@30": _("in the last 30 days"),
        "@late": _("is before today"),
    }
    for word, text in sentences.items():
        if dict(given) == _BOUNDS[word]:
            return text
    last = re.fullmatch(r"@today-(\d+)", given.get("gte", ""))
    following = re.fullmatch(r"@today\+(\d+)", given.get("lte", ""))
    if last and given.get("lte") == "@today":
        return _("in the last %(n)s days") % {"n": last[1]}
    if following and given.get("gte") == "@today":
        return _("in the next %(n)s days") % {"n": following[1]}
    return ""
