"""Periods for other modules: find or make one, and refuse what falls into a closed one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.calendars.models import LEDGER, STOCK, TAX, Period
from kontor.configuration.api import get
from kontor.context import Context
from kontor.errors import Refused
from kontor.history.recording import Deed, record
from kontor.values.days import add_months, month_end

__all__ = [
    "LEDGER",
    "STOCK",
    "TAX",
    "YEARS",
    "PeriodInfo",
    "fiscal_year",
    "guard",
    "period_of",
    "periods_of_year",
    "set_year",
    "year_span",
]

YEARS = range(1900, 2201)  # for which periods can be made


@dataclass(frozen=True, slots=True)
class PeriodInfo:
    """A period as other modules see it."""

    id: UUID
    code: str
    year: int
    starts_on: dt.date
    ends_on: dt.date
    stock: str
    ledger: str
    tax: str


def guard(ctx: Context, on: dt.date, area: str) -> PeriodInfo:
    """The period of a date if the user may post into its area; Refused with the way out if not."""
    period = period_of(ctx, on)
    status = getattr(period, area)
    if status == Period.Status.CLOSED:
        raise Refused(
            _("Period %(period)s is closed. Choose a date in an open period, or have it reopened.")
            % {"period": period.code},
            code="period_closed",
            period=period.code,
            area=area,
        )
    if status == Period.Status.SOFT and not ctx.rights.can("calendars.period", "soft_close"):
        raise Refused(
            _("Period %(period)s is soft-closed: only accountants post into it. Choose a later date.")
            % {"period": period.code},
            code="period_closed",
            period=period.code,
            area=area,
        )
    return period


def period_of(ctx: Context, on: dt.date) -> PeriodInfo:
    """The period of a date, made (open) if there is none; its fiscal year's end makes all twelve.

    Read once a call; the ledger's trigger reads it again under lock.
    """
    start = on.replace(day=1)
    cache: dict[dt.date, PeriodInfo] = ctx.cache.setdefault("periods", {})
    if start not in cache:
        row = Period.objects.filter(starts_on=start).first() or _make(ctx, start)
        cache[start] = info(row)
    return cache[start]


def info(row: Any) -> PeriodInfo:
    """A stored period as a value."""
    return PeriodInfo(row.pk, row.code, row.year, row.starts_on, row.ends_on, row.stock, row.ledger, row.tax)


def set_year(ctx: Context, periods: Sequence[Any], *, closed: bool) -> None:
    """Close a fiscal year's periods in every area for good, or open them again; the audit keeps each."""
    status = Period.Status.CLOSED if closed else Period.Status.OPEN
    for period in periods:
        period.stock = period.ledger = period.tax = status
        period.year_closed = closed
        period.version += 1
    Period.objects.bulk_update(periods, [STOCK, LEDGER, TAX, "year_closed", "version"])
    verb = "year_closed" if closed else "year_reopened"
    record(ctx, [Deed("calendars.period", period.pk, verb, version=period.version) for period in periods])
    forget(ctx)


def periods_of_year(ctx: Context, year: int) -> list[Any]:
    """The twelve periods of a fiscal year, locked in order, made where missing."""
    first, _last = year_span(ctx, year)
    for month in range(12):
        period_of(ctx, add_months(first, month))
    forget(ctx)
    return list(Period.objects.filter(year=year).select_for_update().order_by("starts_on"))


def forget(ctx: Context) -> None:
    """Drop what this call knows of periods, after their state was changed."""
    ctx.cache.pop("periods", None)


def fiscal_year(ctx: Context, on: dt.date) -> int:
    """The fiscal year of a date, named after the calendar year in which it ends."""
    start = _start_month(ctx)
    return on.year + (1 if start > 1 and on.month >= start else 0)


def year_span(ctx: Context, year: int) -> tuple[dt.date, dt.date]:
    """First and last day of a fiscal year."""
    start = _start_month(ctx)
    first = dt.date(year - (1 if start > 1 else 0), start, 1)
    return first, add_months(first, 12) - dt.timedelta(days=1)


def _make(ctx: Context, start: dt.date) -> Any:
    if start.year not in YEARS:
        raise Refused(
            _("The date %(date)s is out of reach: years from %(first)d to %(last)d can be posted.")
            % {"date": start, "first": YEARS[0], "last": YEARS[-1]},
            code="period_unknown",
        )
    end = month_end(start)
    place = (start.month - _start_month(ctx)) % 12 + 1
    row = Period(code=f"{start:%Y-%m}", year=fiscal_year(ctx, start), place=place, starts_on=start, ends_on=end)
    Period.objects.bulk_create([row], ignore_conflicts=True)
    return Period.objects.get(starts_on=start)


def _start_month(ctx: Context) -> int:
    return int(get("calendars.fiscal_start", ctx) or 1)
