"""The periods of a report with a name: this month, last quarter, the fiscal year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kontor.calendars.api import fiscal_year, year_span
from kontor.context import Context
from kontor.reports.api import Report
from kontor.reports.period import FLOW
from kontor.values.days import add_months

_DATES = ("as_of", "from", "to")


@dataclass(frozen=True, slots=True)
class Preset:
    """One choice of the quick bar: its words, the report with it, and whether it is what is shown."""

    label: str
    href: str
    now: bool


def presets(ctx: Context, found: Report, given: Mapping[str, str], values: Mapping[str, Any]) -> list[Preset]:
    """The named periods of a report; the rest of what was asked stays."""
    names = {p.name for p in found.parameters}
    rest = {k: v for k, v in given.items() if k not in _DATES}
    out = []
    spans = _spans(ctx)
    if found.period == FLOW and {"from", "to"} <= names:
        for label, first, last in spans:
            dates = {"from": first.isoformat(), "to": last.isoformat()}
            now = (values.get("from"), values.get("to")) == (first, last)
            out.append(Preset(label, f"?{urlencode({**rest, **dates})}", now))
    elif found.period and "as_of" in names:
        for label, day in _days(ctx, spans):
            now = values.get("as_of") == day and not values.get("from")
            out.append(Preset(label, f"?{urlencode({**rest, 'as_of': day.isoformat()})}", now))
    return out


def _spans(ctx: Context) -> list[tuple[str, dt.date, dt.date]]:
    today = ctx.today
    month = today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    before = dt.timedelta(days=1)
    year = fiscal_year(ctx, today)
    first, last = year_span(ctx, year)
    old_first, old_last = year_span(ctx, year - 1)
    return [
        (_("This month"), month, add_months(month, 1) - before),
        (_("Last month"), add_months(month, -1), month - before),
        (_("This quarter"), quarter, add_months(quarter, 3) - before),
        (_("Last quarter"), add_months(quarter, -3), quarter - before),
        (_("This fiscal year"), first, last),
        (_("Last fiscal year"), old_first, old_last),
    ]


def _days(ctx: Context, spans: list[tuple[str, dt.date, dt.date]]) -> list[tuple[str, dt.date]]:
    return [
        (_("Today"), ctx.today),
        (_("End of last month"), spans[1][2]),
        (_("End of last quarter"), spans[3][2]),
        (_("End of last fiscal year"), spans[5][2]),
    ]
