"""Exchange rates: 1 within one currency, else the catalogue's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from kontor.context import Context
from suite.catalog import api as catalog


def rate(ctx: Context, source: str, target: str, on: dt.date) -> Decimal:
    """Units of ``target`` per unit of ``source`` on the date; Refused if none is known."""
    if source == target:
        return Decimal(1)
    return catalog.rate(ctx, source, target, on)
