"""Two years of business, carried out day by day by the product's own services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.values.days import add_months
from suite.packs.sample import desks, founding, opening, plan, stocking, supply
from suite.packs.sample.actors import Cast, do
from suite.packs.sample.books import Books
from suite.packs.sample.collecting import Collecting
from suite.packs.sample.founding import Found
from suite.packs.sample.parties import CUSTOMERS
from suite.packs.sample.people import BUYER, CONTROLLER, LEAD, RECEIVERS
from suite.packs.sample.story import Story
from suite.packs.sample.trade import Trade
from suite.packs.sample.working import last_workday, next_workday

DAY = dt.timedelta(days=1)


def tell(found: Found, today: dt.date, months: int, said: Callable[[dt.date], None]) -> None:
    """Everything that happened from the first day to the eve of ``today``."""
    begin = plan.begin_of(today, months)
    orders = plan.orders(today, months)
    story = Story(Cast(found.users), today, said)
    eve = last_workday(begin - DAY)
    _first_day(story, found, orders, begin, eve)
    story.tell()  # the customers must be there before their orders are planned
    for n, firm in enumerate(CUSTOMERS):
        if firm.since != "0":
            day = next_workday(add_months(begin, int(firm.since)))
            story.at(day, 840, firm.seller, partial(_won, found, n), n)
    money = Collecting(story, found)
    trade = Trade(story, found, money)
    for order in orders:
        trade.plan(order)
    for n, receipt in enumerate(supply.receipts(orders, begin, today)):
        story.at(receipt.on, 1100, RECEIVERS[receipt.house], partial(_receive, found, receipt), n * 13 % 45)
    Books(story, found, orders, begin).plan()
    desks.plan(story, found, orders)
    story.tell()


def _first_day(story: Story, found: Found, orders: list[plan.PlannedOrder], begin: dt.date, eve: dt.date) -> None:
    story.at(eve, 900, "E009", lambda ctx: founding.suppliers(ctx, found))
    story.at(eve, 920, "E009", lambda ctx: founding.catalogue(ctx, found))
    story.at(eve, 1000, LEAD, lambda ctx: _customers(ctx, found))
    story.at(eve, 1100, LEAD, lambda ctx: founding.prices(ctx, found, begin))
    story.at(eve, 1130, CONTROLLER, lambda ctx: opening.rules(ctx, begin))
    worth: list[Any] = []
    story.at(eve, 1400, BUYER, lambda ctx: worth.append(opening.stock(ctx, found, orders, begin)))
    story.at(eve, 1630, CONTROLLER, lambda ctx: _opened(ctx, begin, worth))


def _opened(ctx: Context, begin: dt.date, worth: list[Any]) -> None:
    voucher = opening.balances(ctx, begin, worth[0])
    do(ctx, "finance.voucher", voucher.pk, "post")


def _customers(ctx: Context, found: Found) -> None:
    """Those who are customers already when the story begins."""
    first = [firm for firm in CUSTOMERS if firm.since == "0"]
    made = gate.create_many(ctx, "parties.customer", [founding.customer(firm, found) for firm in first])
    by_name = {firm.name: row.pk for firm, row in zip(first, made, strict=True)}
    found.customers = [by_name.get(firm.name) for firm in CUSTOMERS]


def _won(found: Found, n: int, ctx: Context) -> None:
    """A new customer, entered by who won it."""
    found.customers[n] = gate.create(ctx, "parties.customer", founding.customer(CUSTOMERS[n], found)).pk


def _receive(found: Found, receipt: supply.Receipt, ctx: Context) -> None:
    lines = stocking.lines(ctx, found, receipt.lines, receipt.on, receipt.house)
    data = {
        "kind": "correction",
        "warehouse": str(found.houses[receipt.house]),
        "reason": receipt.reason(ctx.language),
        "lines": lines,
    }
    made = gate.create(ctx, "inventory.adjustment", data)
    do(ctx, "inventory.adjustment", made.pk, "post")
