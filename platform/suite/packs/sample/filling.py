"""Filling a company with the sample: whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kontor import clock
from kontor.configuration.api import get, put
from kontor.context import Context
from kontor.history.models import Notification, OutboxEvent
from kontor.identity.api import system_context
from kontor.surfaces import reindexing
from suite.packs.sample import founding, history, plan
from suite.packs.sample.working import ZONE, last_workday, moment

DONE = "sample.filled"


def fill(
    scope: Callable[[], AbstractContextManager[None]],
    say: Callable[[str], None],
    *,
    today: dt.date | None = None,
    months: int = plan.MONTHS,
) -> dict[str, str]:
    """Fill the company whose transaction ``scope()`` opens; returns the password of each role shown.

    All in one transaction: either the sample is whole or the company is as it was. The story of
    ``months`` months ends on the eve of ``today`` (the company's own date by default).
    """
    spoken = translation.get_language() or "en"

    def tell(text: Any, **words: str) -> None:
        with translation.override(spoken):  # of whoever waits for it
            say(str(text) % words)

    with scope():
        if get(DONE):
            return {}
        day = today or clock.now().astimezone(ZONE).date()
        begin = plan.begin_of(day, months)
        ctx = _context()
        with translation.override(ctx.language):
            tell(_("People, customers, products and prices"))
            with clock.told_at(moment(last_workday(begin - dt.timedelta(days=1)), 800)):
                found = founding.structure(ctx)
            history.tell(found, day, months, _by_month(tell))
            tell(_("Search index"))
            reindexing.rebuild()  # people and terms were written past the gate
        OutboxEvent.objects.all().delete()  # nobody has to be told of what is long past
        long_ago = moment(day - dt.timedelta(days=6), 800)
        Notification.objects.filter(at__lt=long_ago).update(read_at=F("at") + dt.timedelta(hours=2))
        put({DONE: True})
        return found.passwords


def _by_month(tell: Callable[..., None]) -> Callable[[dt.date], None]:
    """Says each month of the story once."""
    seen: set[str] = set()

    def said(day: dt.date) -> None:
        month = f"{day:%Y-%m}"
        if month not in seen:
            seen.add(month)
            tell(_("Business of %(month)s"), month=month)

    return said


def _context() -> Context:
    ctx = system_context("sample")
    ctx.user_name = "Administrator"
    return ctx
