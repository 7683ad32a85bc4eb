"""Exchange rates of the story: a spot rate a month for each currency, gentle waves around a level."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

# currency → level in TWD, swing as a share, months a wave takes, decimals quoted
_LEVELS = {
    "USD": ("31.85", "0.026", 17, 3),
    "EUR": ("34.70", "0.034", 13, 3),
    "JPY": ("0.2125", "0.038", 11, 5),
    "CNY": ("4.425", "0.018", 15, 4),
}
CURRENCIES = tuple(_LEVELS)


def rate(currency: str, month: int) -> Decimal:
    """TWD for one unit in the month of the story with that number."""
    level, swing, wave, places = _LEVELS[currency]
    turn = Decimal(str(round(math.sin(2 * math.pi * (month + 2) / wave), 6)))
    return (Decimal(level) * (1 + Decimal(swing) * turn)).quantize(Decimal(1).scaleb(-places))


def rows(on: dt.date, month: int) -> list[dict[str, str]]:
    """The spot rates that the accountant enters on the first workday of a month."""
    return [
        {"source": c, "target": "TWD", "kind": "spot", "on": str(on), "rate": str(rate(c, month))} for c in CURRENCIES
    ]
