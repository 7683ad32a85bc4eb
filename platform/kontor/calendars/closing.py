"""Changing the state of a period, in the order that the house keeps: stock, then ledger."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kontor.calendars.models import AREAS, Period
from kontor.errors import Refused


def set_status(period: Any, area: str, status: str) -> None:
    """Set one area or all; Refused where stock and ledger would be out of order."""
    names = [name for name, _label in AREAS] if area == "all" else [area]
    if all(getattr(period, name) == status for name in names):
        raise Refused(
            _("Period %(period)s is already %(state)s there.")
            % {"period": period.code, "state": str(Period.Status(status).label).lower()},
            code="illegal_state",
        )
    if period.year_closed:
        raise Refused(
            _("The fiscal year %(year)s is closed. Reopen the whole year first.") % {"year": period.year},
            code="year_closed",
        )
    for name in names:
        setattr(period, name, status)
    if period.ledger == Period.Status.CLOSED and period.stock != Period.Status.CLOSED:
        raise Refused(_("Stock is closed first, then the ledger; reopen the ledger before stock."), code="stock_first")
