"""Where goods come from: receipts of the suppliers' goods, planned from what will be shipped.

Purchasing is not built yet, so a receipt is a dated correction of stock with unit costs that names the
supplier in its reason, posted against goods received, not invoiced; the supplier's invoice follows as
a voucher at the month's end (``books``).
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from kontor.values.days import add_months
from suite.packs.sample import rates
from suite.packs.sample.parties import SUPPLIERS
from suite.packs.sample.plan import SCARCE, PlannedOrder
from suite.packs.sample.products import Item, items
from suite.packs.sample.working import next_workday

BY_LOT = {"GR-400": 720}  # kept by lot: days until it expires
HORIZON = dt.timedelta(days=24)  # stock is bought for so long after the next receipt
SCARCE_DAYS = 45  # so long the factory has not sent what is scarce
_Need = dict[tuple[str, str], list[tuple[dt.date, int]]]  # house, product → day of shipment, quantity


@dataclass(frozen=True, slots=True)
class Receipt:
    """Goods of one supplier (or of several, at a small warehouse) on one day."""

    on: dt.date
    house: str
    suppliers: tuple[int, ...]
    lines: tuple[tuple[str, int, Decimal], ...]  # product, quantity, unit cost

    @property
    def value(self) -> dict[int, Decimal]:
        """What each supplier will invoice, without tax."""
        maker = {i.code: i.supplier for i in items()}
        out: dict[int, Decimal] = defaultdict(Decimal)
        for code, quantity, cost in self.lines:
            out[maker[code]] += quantity * cost
        return dict(out)

    def reason(self, language: str) -> str:
        """What the keeper writes on it."""
        single = SUPPLIERS[self.suppliers[0]].name if len(self.suppliers) == 1 else ""
        if language == "zh-hans":
            return f"采购入库：{single or '多家供应商'} {self.on:%m/%d} 到货"
        return f"進貨入庫：{single or '多家廠商'} {self.on:%m/%d} 到貨"


def unit_cost(item: Item, month: int) -> Decimal:
    """What a piece costs in that month: prices drift up, imports follow the exchange rate, days differ."""
    dice = random.Random(f"{item.code}/{month}")
    drift = Decimal(1) + Decimal("0.0018") * month + Decimal(dice.randint(-18, 18)) / 1000
    currency = SUPPLIERS[item.supplier].currency
    if currency != "TWD":
        drift *= rates.rate(currency, month) / rates.rate(currency, 0)
    return (item.cost * drift).quantize(Decimal("0.1"))


def needs(plan: list[PlannedOrder]) -> _Need:
    """What will be shipped of each product from each warehouse."""
    out: _Need = defaultdict(list)
    for o in plan:
        if o.outcome == "order":
            for code, quantity in o.lines:
                if o.waits and code in SCARCE:
                    continue  # nobody saw it coming
                out[o.firm.house, code].append((o.shipped_on[0], quantity))
    return out


def opening(plan: list[PlannedOrder], begin: dt.date) -> dict[str, list[tuple[str, int, Decimal]]]:
    """The stock with which the story begins, by warehouse: enough for its first weeks."""
    need, out = needs(plan), defaultdict(list)
    until = begin + dt.timedelta(days=45)
    for item in _goods():
        for house in ("MAIN", "TC", "SZ"):
            wanted = sum(q for day, q in need.get((house, item.code), []) if day <= until)
            quantity = _lots(item, wanted + (_lot(item) if house == "MAIN" else 0))
            if quantity:
                out[house].append((item.code, quantity, unit_cost(item, 0)))
    return dict(out)


def receipts(plan: list[PlannedOrder], begin: dt.date, today: dt.date) -> Iterator[Receipt]:
    """Every receipt before today in the order of days: each supplier has its day of the month."""
    need = needs(plan)
    have = {(h, code): q for h, rows in opening(plan, begin).items() for code, q, _c in rows}
    months = (today.year - begin.year) * 12 + today.month - begin.month
    goods = {i.code: i for i in _goods()}
    groups = sorted({i.supplier for i in goods.values()})
    calls: list[tuple[str, tuple[int, ...], int]] = [("MAIN", (s,), 4 + 2 * at) for at, s in enumerate(groups)]
    calls += [("TC", tuple(groups), 8), ("SZ", tuple(groups), 12)]
    planned = sorted(
        (next_workday(add_months(begin, k).replace(day=day)), house, suppliers, k)
        for k in range(months + 1)
        for house, suppliers, day in calls
    )
    for on, house, suppliers, month in planned:
        if on >= today:
            continue
        cover = add_months(on.replace(day=1), 1).replace(day=on.day if on.day < 29 else 28) + HORIZON
        lines = []
        for item in (i for i in goods.values() if i.supplier in suppliers):
            if item.code in SCARCE and on > today - dt.timedelta(days=SCARCE_DAYS):
                continue
            key = (house, item.code)
            known = need.get(key, [])
            wanted = sum(q for day, q in known if day <= cover) + _expected(known, cover, today)
            if wanted > have.get(key, 0):
                quantity = _lots(item, wanted - have.get(key, 0) + _lot(item) // 2)
                have[key] = have.get(key, 0) + quantity
                lines.append((item.code, quantity, unit_cost(item, month)))
        if lines:
            makers = tuple(sorted({goods[code].supplier for code, _q, _c in lines}))
            yield Receipt(on, house, makers, tuple(lines))


def _expected(known: list[tuple[dt.date, int]], cover: dt.date, today: dt.date) -> int:
    """What will be ordered until ``cover`` though nobody has yet: as much as in the half year before."""
    ahead = (cover - today).days
    half = sum(q for day, q in known if 0 <= (today - day).days < 182)
    return half * min(ahead, 40) // 182 if ahead > 0 else 0


def _goods() -> list[Item]:
    return [i for i in items() if i.kind == "goods"]


def _lot(item: Item) -> int:
    return 50 if item.price < 500 else 20 if item.price < 3_000 else 10 if item.price < 12_000 else 5


def _lots(item: Item, quantity: int) -> int:
    lot = _lot(item)
    return -(-quantity // lot) * lot if quantity > 0 else 0
