"""What the sample company sold, as a plan: a fixed seed, so every demo of a day tells the same story."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from kontor.values.days import add_months
from suite.packs.sample.parties import CUSTOMERS, Firm
from suite.packs.sample.products import Item, items
from suite.packs.sample.working import is_workday, last_workday, next_workday, truck_day

SEED = 20_260_101
MONTHS = 24
A_MONTH_LISTED = Decimal(5_350_000)  # at list prices, likewise
A_MONTH = 11  # orders, in the middle of the story
SEASON = (0.9, 0.55, 1.15, 1.0, 1.0, 1.1, 0.95, 0.9, 1.1, 1.05, 1.2, 1.15)  # January to December
SCARCE = ("SM-1500", "BS-2510-C5")  # the factory is behind with these: orders of the last weeks wait
_DESKS = (  # what the newest are today, the newest first
    "draft_quote", "sent", "draft_order", "order", "sent", "due", "draft_quote", "order", "sent", "due", "order",
    "sent", "late", "due", "shipped", "late", "sent", "shipped", "late", "order",
)  # fmt: skip


@dataclass(slots=True)
class PlannedOrder:
    """One order from the first word to the money, with the day of each step."""

    n: int
    customer: int
    ordered_on: dt.date
    promised_on: dt.date
    lines: list[tuple[str, int]]  # product code, quantity
    quoted_on: dt.date | None = None
    outcome: str = "order"  # order, lost, expired, sent, draft_quote, draft_order, cancelled
    revised: bool = False
    by_hand: bool = False
    shipped_on: list[dt.date] = field(default_factory=list)
    comes_back: bool = False
    pays_part: bool = False
    note: bool = False  # an allowance without goods follows
    waits: bool = False  # for goods that are scarce

    @property
    def firm(self) -> Firm:
        """The customer."""
        return CUSTOMERS[self.customer]

    @property
    def reference(self) -> str:
        """The customer's own number."""
        head = {"TW": "PO", "CN": "CG", "JP": "注"}.get(self.firm.country, "4500")
        return f"{head}{46_800 + self.n * 7}"


def begin_of(today: dt.date, months: int) -> dt.date:
    """The first day of the story."""
    return add_months(today.replace(day=1), -months)


def orders(today: dt.date, months: int = MONTHS) -> list[PlannedOrder]:
    """All orders in the order of their days; the last ones are still under way."""
    dice = random.Random(SEED)
    begin = begin_of(today, months)
    days = _days(dice, begin, today, months)
    goods = [i for i in items() if i.kind == "goods"]
    turns = dict.fromkeys(range(len(CUSTOMERS)), 0)
    plan = [_order(dice, n, day, begin, today, goods, turns) for n, day in enumerate(days)]
    _present(plan, today)
    for k in range(months + 1):
        _level(plan, add_months(begin, k), _growth(k, months), {i.code: i.price for i in goods}, today)
    return plan


def _growth(k: int, months: int) -> float:
    return 0.9 + 0.36 * k / max(months, 1)


def _level(plan: list[PlannedOrder], first: dt.date, growth: float, price: dict[str, Decimal], today: dt.date) -> None:
    """Bring the month's orders near what the season and the growth of the firm would have: no month of chance."""
    mine = [o for o in plan if o.ordered_on.replace(day=1) == first and o.outcome == "order"]
    value = sum(price.get(code, 0) * quantity for o in mine for code, quantity in o.lines)
    if not value:
        return
    part = min(1.0, max((today - first).days, 3) / 30)
    wanted = A_MONTH_LISTED * Decimal(str(growth * SEASON[first.month - 1] * part))
    factor = min(max(wanted / value, Decimal("0.5")), Decimal("1.9"))
    for o in mine:
        o.lines = [(code, _even(q * factor) if code in price else q) for code, q in o.lines]


def _even(quantity: Decimal) -> int:
    """People order in round numbers."""
    step = 1 if quantity < 12 else 2 if quantity < 30 else 5 if quantity < 80 else 10
    return max(1, round(quantity / step) * step)


def _days(dice: random.Random, begin: dt.date, today: dt.date, months: int) -> list[dt.date]:
    """More in later months and by season; only workdays before today."""
    out: list[dt.date] = []
    for k in range(months + 1):
        first = add_months(begin, k)
        growth = _growth(k, months)
        last = min(add_months(first, 1), today) - dt.timedelta(days=1)
        workdays = [first + dt.timedelta(days=d) for d in range((last - first).days + 1)]
        workdays = [d for d in workdays if is_workday(d) and d >= begin + dt.timedelta(days=6)]
        count = round(A_MONTH * growth * SEASON[first.month - 1] * min(1, len(workdays) / 20))
        out += dice.choices(workdays, k=count) if workdays else []
    fresh = [d for d in (today - dt.timedelta(days=n) for n in range(1, 19)) if is_workday(d)]
    return sorted([*out, *dice.choices(fresh, k=9)])


def _order(
    dice: random.Random,
    n: int,
    day: dt.date,
    begin: dt.date,
    today: dt.date,
    goods: list[Item],
    turns: dict[int, int],
) -> PlannedOrder:
    month = (day.year - begin.year) * 12 + day.month - begin.month
    customer = _next(dice, month, turns)
    firm = CUSTOMERS[customer]
    promised = truck_day(day + dt.timedelta(days=dice.choice((6, 8, 10, 13, 17, 21, 28))))
    o = PlannedOrder(n, customer, day, promised, _lines(dice, firm, goods))
    first = max(begin, next_workday(add_months(begin, int(firm.since))))  # nobody quotes a stranger
    asked = last_workday(day - dt.timedelta(days=dice.choice((2, 3, 5, 8, 12))))
    if dice.random() < 0.34 and first <= asked < day:
        o.quoted_on = asked
        o.revised = dice.random() < 0.2
        o.outcome = dice.choices(("order", "lost", "expired"), (7, 2, 1))[0]
    elif dice.random() < 0.02:
        o.outcome = "cancelled"
    o.by_hand = firm.country == "TW" and dice.random() < 0.3
    delay = dice.choices((0, 0, 3, 7), (10, 4, 2, 1))[0]
    o.shipped_on = [truck_day(promised + dt.timedelta(days=delay))]
    if len(o.lines) > 2 and dice.random() < 0.16:
        o.shipped_on.append(truck_day(o.shipped_on[0] + dt.timedelta(days=dice.choice((5, 8, 12)))))
    o.comes_back = dice.random() < 0.07
    o.note = not o.comes_back and dice.random() < 0.025
    o.pays_part = dice.random() < 0.05
    return o


def _next(dice: random.Random, month: int, turns: dict[int, int]) -> int:
    """Customers come back at even paces, each by its weight, with some chance in between."""
    known = [i for i, c in enumerate(CUSTOMERS) if int(c.since) <= month and int(c.weight)]
    for i in known:
        turns[i] += int(CUSTOMERS[i].weight)
    total = sum(int(CUSTOMERS[i].weight) for i in known)
    chosen = max(known, key=lambda i: turns[i] + dice.randrange(total // 2))
    turns[chosen] -= total
    return chosen


def _present(plan: list[PlannedOrder], today: dt.date) -> None:
    """What lies on the desks this morning, newest first: being written, waiting for an answer, due, late."""
    recent = [o for o in reversed(plan) if (today - o.ordered_on).days <= 26]
    for k, o in enumerate(recent):
        o.outcome, o.revised, o.comes_back, o.note, o.quoted_on = "order", False, False, False, None
        role = _DESKS[k] if k < len(_DESKS) else "order"
        if role in ("sent", "draft_quote", "draft_order"):
            o.outcome = role
            o.quoted_on = None if role == "draft_order" else o.ordered_on
        elif role == "due":
            o.promised_on, o.shipped_on = today, [next_workday(today)]
        elif role == "shipped":  # yesterday's or the day before's truck: the invoice is drawn up, not posted
            o.promised_on = next(d for d in _back(today) if truck_day(d) == d)
            o.shipped_on = [o.promised_on]
        elif role == "late":
            o.promised_on = last_workday(today - dt.timedelta(days=2 + k % 5))
            o.shipped_on = [truck_day(today + dt.timedelta(days=5))]
            o.waits = True
            o.lines = [line for line in o.lines if line[0] not in SCARCE]
            o.lines.append((SCARCE[k % 2], (14, 25)[k % 2]))
        elif o.shipped_on[0] < today and k < 12:
            o.promised_on = truck_day(today + dt.timedelta(days=3 + k))
            o.shipped_on = [o.promised_on]


def _back(today: dt.date) -> Iterator[dt.date]:
    return (today - dt.timedelta(days=n) for n in range(1, 40))


def _lines(dice: random.Random, firm: Firm, goods: list[Item]) -> list[tuple[str, int]]:
    count = dice.choices((1, 2, 3, 4, 5, 7), (2, 4, 5, 4, 2, 1))[0]
    out: dict[str, int] = {}
    for item in dice.choices(goods, [g.weight for g in goods], k=count):
        size = 70 if item.price < 500 else 40 if item.price < 3_000 else 16 if item.price < 12_000 else 7
        many = size * dice.choice((0.5, 1, 1, 1.5, 2, 3)) * {"A": 1.5, "B": 1.0, "C": 0.6}[firm.grade]
        out[item.code] = max(1, round(many))
    if dice.random() < 0.14:
        on_site = dice.random() < 0.4
        out["SV-INST" if on_site else "SV-CUT"] = dice.choice((1, 2, 3)) if on_site else dice.choice((8, 12, 24))
    return list(out.items())
