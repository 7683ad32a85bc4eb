"""Arithmetic of stock without a database: who gets what, what can be promised, what comes back at which cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kontor.values.money import round_amount, spread

ZERO = Decimal(0)


@dataclass(slots=True)
class Source:
    """Free goods in one place (or free expected supply); ``left`` goes down as they are given away."""

    key: Any
    left: Decimal
    lot: Any = None
    location: Any = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants goods of a pool (product and warehouse), of any lot and place unless named."""

    key: Any
    pool: Any
    quantity: Decimal
    lot: Any = None
    location: Any = None


@dataclass(frozen=True, slots=True)
class Grant:
    """So much of a source goes to a wish."""

    wish: Any
    source: Any
    quantity: Decimal


def allocate(wishes: Iterable[Wish], pools: dict[Any, list[Source]]) -> list[Grant]:
    """Give the wishes, in their order, what the sources of their pool hold, in theirs.

    No piece is given twice; nobody gets more than wished; a source is passed over only if lot or
    location forbid it.
    """
    out: list[Grant] = []
    for wish in wishes:
        wanted = wish.quantity
        for source in pools.get(wish.pool, ()):
            if wanted <= 0:
                break
            if source.left <= 0 or (wish.lot is not None and source.lot != wish.lot):
                continue
            if wish.location is not None and source.location != wish.location:
                continue
            part = min(wanted, source.left)
            source.left -= part
            wanted -= part
            out.append(Grant(wish.key, source.key, part))
    return out


def cut(
    parts: Sequence[tuple[Any, Decimal]], keep: Decimal
) -> tuple[list[tuple[Any, Decimal]], list[tuple[Any, Decimal]]]:
    """Cut a row of parts at ``keep``: what stays before the cut, and what falls behind it."""
    before: list[tuple[Any, Decimal]] = []
    behind: list[tuple[Any, Decimal]] = []
    left = keep
    for key, quantity in parts:
        first = max(min(quantity, left), ZERO)
        left -= first
        if first > 0:
            before.append((key, first))
        if quantity > first:
            behind.append((key, quantity - first))
    return before, behind


def promise(
    stock: Decimal, events: Iterable[tuple[dt.date, Decimal]], wanted: Decimal, earliest: dt.date
) -> dt.date | None:
    """The first day from ``earliest`` on from which the cumulated balance stays at or above ``wanted``.

    ``events`` are dated supply (positive) and demand (negative); None: not within the known future.
    """
    by_day: dict[dt.date, Decimal] = {}
    for day, change in events:
        day = max(day, earliest)
        by_day[day] = by_day.get(day, ZERO) + change
    days = sorted({earliest, *by_day})
    balance, levels = stock, []
    for day in days:
        balance += by_day.get(day, ZERO)
        levels.append(balance)
    found: dt.date | None = None
    for day, level in zip(reversed(days), reversed(levels), strict=True):
        if level < wanted:
            break
        found = day
    return found


def returned_value(
    cost: Decimal, delivered: Decimal, before: Decimal, before_value: Decimal, quantity: Decimal, currency: str
) -> Decimal:
    """What ``quantity`` pieces of a delivery are worth when they come back: the cost they left with.

    ``before`` pieces came back earlier for ``before_value``; the last piece takes the rest.
    """
    if before + quantity >= delivered:
        return cost - before_value
    return min(round_amount(cost * quantity / delivered, currency), cost - before_value)


def share_value(value: Decimal, quantities: Sequence[Decimal], currency: str) -> list[Decimal]:
    """A cost group's value over its warehouses, by what each holds; the parts add up to the whole."""
    if len(quantities) == 1:
        return [value]
    if not any(quantities):
        return [value, *[ZERO] * (len(quantities) - 1)] if quantities else []
    return spread(value, quantities, currency)
