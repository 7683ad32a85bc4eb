"""Money and quantities: Decimal, one rounding function, the currencies' digits.

Digits after ISO 4217; Taiwan's dollar has none on documents, by law and practice.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

STORED_PLACES = 6  # numeric(20,6)
_STEP = Decimal(1).scaleb(-STORED_PLACES)

_DIGITS = {
    **dict.fromkeys(("TWD", "JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF", "RWF"), 0),
    **dict.fromkeys(("BHD", "KWD", "OMR", "JOD", "TND", "IQD", "LYD"), 3),
}
SYMBOLS = {"TWD": "NT$", "CNY": "¥", "USD": "US$", "EUR": "€", "JPY": "JP¥", "GBP": "£", "HKD": "HK$"}


def digits(currency: str) -> int:
    """How many decimals an amount of the currency has."""
    return _DIGITS.get(currency, 2)


def round_amount(value: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's digits: the only function that makes an amount."""
    return value.quantize(Decimal(1).scaleb(-digits(currency)), rounding=ROUND_HALF_UP)


def round_stored(value: Decimal) -> Decimal:
    """Round half up to the six decimals that the database keeps (quantities, prices, costs)."""
    return value.quantize(_STEP, rounding=ROUND_HALF_UP)


def spread(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split an amount over weights by largest remainder, so that the parts add up to the whole.

    Weights that are all zero share equally. The sign of ``total`` may be negative.
    """
    if not weights:
        return []
    if total < 0:
        return [-part for part in spread(-total, weights, currency)]
    step = Decimal(1).scaleb(-digits(currency))
    whole = sum(weights, Decimal(0))
    shares = [total * (w / whole if whole else Decimal(1) / len(weights)) for w in weights]
    floors = [(share // step) * step for share in shares]
    rest = int(((total - sum(floors, Decimal(0))) / step).to_integral_value())
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
    for i in order[:rest]:
        floors[i] += step
    return floors


def plain(value: Decimal) -> str:
    """A decimal without trailing zeros and without an exponent: ``2``, ``0.5``."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "") else text


def amount_text(value: Decimal, currency: str) -> str:
    """An amount with exactly the currency's digits: ``1486275`` in TWD, ``18.00`` in USD."""
    return format(round_amount(value, currency), "f")


def price_text(value: Decimal, currency: str) -> str:
    """A unit price: at least the currency's digits, at most six."""
    places = max(digits(currency), -int(value.normalize().as_tuple().exponent))
    return format(value.quantize(Decimal(1).scaleb(-min(places, STORED_PLACES))), "f")
