"""Conversion of quantities by rational factors: 12 pieces → 1 dozen → 12 pieces, exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kontor.values.money import STORED_PLACES


def as_decimal(value: Fraction, places: int = STORED_PLACES) -> Decimal:
    """Half up to ``places`` decimals; exact wherever the value has no more."""
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if 2 * rest >= scaled.denominator:
        whole += 1
    return Decimal(f"{'-' if value < 0 and whole else ''}{whole}E-{places}")  # exact, whatever the size


def to_base(quantity: Decimal, factor: Fraction) -> Decimal:
    """A quantity in base units; ``factor`` base units are one unit."""
    return as_decimal(Fraction(quantity) * factor)


def from_base(quantity: Decimal, factor: Fraction) -> Decimal:
    """A base quantity in units of ``factor`` base units each."""
    return as_decimal(Fraction(quantity) / factor)


def price_per(price: Decimal, source: Fraction, target: Fraction) -> Fraction:
    """A price per unit of ``source`` base units as the price per unit of ``target`` base units."""
    return Fraction(price) * target / source
