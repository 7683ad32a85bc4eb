"""What the sample company sold in two years, as a plan: a fixed seed, so every demo tells the same story."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from suite.packs.sample.parties import CUSTOMERS, Firm
from suite.packs.sample.products import Item, items

DAYS = 730
ORDERS = 280
RECENT = 30  # of the last weeks, most of them still under way
TERM_DAYS = {"NET30": 30, "NET45": 45, "NET60": 60}


@dataclass(slots=True)
class PlannedOrder:
    """One order from the first word to the money, with the day of each step (None: not yet)."""

    customer: int
    ordered_on: dt.date
    promised_on: dt.date
    lines: list[tuple[str, int, str]]  # product code, quantity, discount
    quoted: bool
    outcome: str  # done, part, open, late, draft, quote, rejected
    shipped_on: list[dt.date] = field(default_factory=list)
    paid_on: dt.date | None = None
    customer_ref: str = ""


def orders(today: dt.date) -> Iterator[PlannedOrder]:
    """The orders in the order of their days, the last ones still under way."""
    dice = random.Random(20_260_101)
    goods = [i for i in items() if i.kind == "goods"]
    services = [i for i in items() if i.kind == "service"]
    start = today - dt.timedelta(days=DAYS)
    days = sorted(
        [_day(dice, start) for _n in range(ORDERS)]
        + [today - dt.timedelta(days=dice.randrange(18)) for _n in range(RECENT)]
    )
    for n, day in enumerate(days):
        yield _order(dice, n, day, today, goods, services)


def _day(dice: random.Random, start: dt.date) -> dt.date:
    """More orders in later months, few in February, none on Sundays."""
    while True:
        part = dice.random() ** 0.8
        day = start + dt.timedelta(days=int(part * (DAYS - 1)))
        if day.weekday() < 6 and (day.month != 2 or dice.random() < 0.6):
            return day


def _order(
    dice: random.Random, n: int, day: dt.date, today: dt.date, goods: list[Item], services: list[Item]
) -> PlannedOrder:
    index = dice.choices(range(len(CUSTOMERS)), [int(c.weight) for c in CUSTOMERS])[0]
    firm = CUSTOMERS[index]
    promised = _workday(day + dt.timedelta(days=dice.choice((7, 10, 14, 18, 21, 30))))
    lines = _lines(dice, firm, goods, services)
    age = (today - day).days
    order = PlannedOrder(
        index, day, promised, lines, quoted=dice.random() < 0.3, outcome="done", customer_ref=f"PO{46_800 + n * 7}"
    )
    delay = dice.choice((-2, -1, 0, 0, 0, 1, 3, 6))
    shipped = _workday(promised + dt.timedelta(days=delay))
    if shipped > today:
        order.outcome = _unfinished(dice, age, promised < today)
        return order
    order.shipped_on = [shipped]
    later = _workday(shipped + dt.timedelta(days=dice.choice((5, 9, 14))))
    if len(lines) > 2 and dice.random() < 0.18:
        order.outcome = "done" if later <= today else "part"
        order.shipped_on.append(later)
    elif age < 60 and dice.random() < 0.12:
        order.outcome, order.shipped_on = "late", []
        return order
    habit = dice.choices((-5, 0, 3, 12, 35, 400), (2, 6, 5, 3, 1.2, 0.5))[0]
    paid = order.shipped_on[-1] + dt.timedelta(days=TERM_DAYS[firm.term] + habit)
    order.paid_on = paid if paid <= today else None
    return order


def _unfinished(dice: random.Random, age: int, is_late: bool) -> str:
    if is_late:
        return "late"
    if age <= 6:
        return dice.choice(("draft", "open", "quote", "open"))
    return dice.choice(("open", "open", "open", "quote", "rejected"))


def _lines(dice: random.Random, firm: Firm, goods: list[Item], services: list[Item]) -> list[tuple[str, int, str]]:
    count = dice.choices((1, 2, 3, 4, 5, 7), (2, 4, 5, 4, 2, 1))[0]
    out: dict[str, tuple[str, int, str]] = {}
    for item in dice.choices(goods, [g.weight for g in goods], k=count):
        size = 40 if item.price < 500 else 12 if item.price < 3_000 else 5 if item.price < 12_000 else 2
        quantity = max(1, round(size * dice.choice((0.5, 1, 1, 2, 3)) * (1.5 if firm.grade == "A" else 1)))
        out[item.code] = (item.code, quantity, dice.choice(("0", "0", "0", "0.03", "0.05")))
    if dice.random() < 0.12:
        service = dice.choice(services)
        out[service.code] = (service.code, 1 if service.code == "SV-INST" else 8, "0")
    return list(out.values())


def _workday(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=(7 - day.weekday()) if day.weekday() >= 5 else 0)
