"""Calendar days: months on and back, the end of a month."""

from __future__ import annotations

import calendar
import datetime as dt


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day so many months on; the last of a shorter month. ``ValueError`` beyond the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_end(day: dt.date) -> dt.date:
    """The last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
