"""Days and hours at which this company works: weekends and the fixed holidays of Taiwan are free."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Taipei")
# New Year, Peace Memorial, Tomb Sweeping and Children's Day, Labour Day, National Day (month, day)
_HOLIDAYS = {(1, 1), (2, 28), (4, 4), (4, 5), (5, 1), (10, 10)}
# The week of the Lunar New Year: its eve and the six days after, by the year of the feast.
_LUNAR = {2024: (2, 9), 2025: (1, 28), 2026: (2, 16), 2027: (2, 5), 2028: (1, 25), 2029: (2, 12), 2030: (2, 2)}


def is_workday(day: dt.date) -> bool:
    """Whether anybody is in the office."""
    if day.weekday() >= 5 or (day.month, day.day) in _HOLIDAYS:
        return False
    feast = _LUNAR.get(day.year)
    return feast is None or not 0 <= (day - dt.date(day.year, *feast)).days <= 6


def next_workday(day: dt.date) -> dt.date:
    """The day itself or the next one at which people work."""
    while not is_workday(day):
        day += dt.timedelta(days=1)
    return day


def last_workday(day: dt.date) -> dt.date:
    """The day itself or the one before it at which people work."""
    while not is_workday(day):
        day -= dt.timedelta(days=1)
    return day


def truck_day(day: dt.date) -> dt.date:
    """The next Tuesday or Friday that is a workday: the forwarder comes twice a week."""
    while day.weekday() not in (1, 4) or not is_workday(day):
        day += dt.timedelta(days=1)
    return day


def pay_day(day: dt.date) -> dt.date:
    """The next 5th, 15th or 25th (or the workday after it): customers pay in runs."""
    while day.day not in (5, 15, 25):
        day += dt.timedelta(days=1)
    return next_workday(day)


def moment(day: dt.date, clock: int, minute: int = 0) -> dt.datetime:
    """An instant of the day; ``clock`` is the time as a number, 1430 for half past two."""
    at = dt.datetime.combine(day, dt.time(clock // 100, clock % 100), tzinfo=ZONE)
    return at + dt.timedelta(minutes=minute)
