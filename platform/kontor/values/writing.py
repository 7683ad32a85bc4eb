"""From Python values to what the API shows: decimals as strings, instants in UTC."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from kontor.values.money import amount_text, plain, price_text

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of a formula


def as_json(value: Any, kind: str = "", currency: str = "") -> Any:
    """One value as JSON writes it; amounts and prices with the digits of ``currency``."""
    if value is None or isinstance(value, str | bool | int | list | dict):
        return value
    if isinstance(value, Decimal):
        if kind == "amount" and currency:
            return amount_text(value, currency)
        if kind == "price" and currency:
            return price_text(value, currency)
        return plain(value)
    return instant_text(value) if isinstance(value, dt.datetime) else str(value)


def instant_text(value: dt.datetime) -> str:
    """RFC 3339 in UTC, to the microsecond where there is one."""
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def safe_text(value: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return f"'{value}" if value.startswith(FORMULA) else value
