"""Two years of business, carried out day by day by the product's own services."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from kontor.resources import registry
from kontor.surfaces import query
from suite.packs.sample.founding import Found
from suite.packs.sample.parties import CUSTOMERS
from suite.packs.sample.plan import PlannedOrder, orders
from suite.packs.sample.products import items

Step = Callable[[dt.date], None]
EXPENSES = [("6511", "186000"), ("6521", "24000"), ("6611", "60000"), ("6621", "18500"), ("6711", "12000")]
BANK = "1100"
RATES = {"USD": "31.8", "EUR": "34.6", "CNY": "4.42"}


@dataclass(slots=True)
class History:
    """A calendar of steps; each may put later ones on it. Steps after today stay undone."""

    ctx: Context
    found: Found
    today: dt.date
    say: Callable[[str], None]
    calendar: list[tuple[dt.date, int, Step]] = field(default_factory=list)
    tick: Iterator[int] = field(default_factory=itertools.count)
    price: dict[str, Decimal] = field(default_factory=lambda: {i.code: i.price for i in items()})

    def run(self) -> None:
        """Carry out the plan up to today."""
        plan = list(orders(self.today))
        self._opening(plan)
        for order in plan:
            self._at(order.ordered_on, partial(self._ask, order))
        self._expenses(plan[0].ordered_on)
        total, done = len(self.calendar), 0
        while self.calendar:
            day, _tick, step = heapq.heappop(self.calendar)
            if day > self.today:
                continue
            step(day)
            done += 1
            if done % 100 == 0:
                self.say(f"{day:%Y-%m}: {done} of about {total * 4}")

    def _at(self, day: dt.date, step: Step) -> None:
        heapq.heappush(self.calendar, (day, next(self.tick), step))

    def _do(self, resource: str, pk: Any, action: str, **body: Any) -> Any:
        outcome = gate.perform(self.ctx, resource, pk, action, body)
        return outcome.made if outcome.made is not None else outcome.record

    def _opening(self, plan: list[PlannedOrder]) -> None:
        first = plan[0].ordered_on - dt.timedelta(days=10)
        for currency, rate in RATES.items():
            gate.create(
                self.ctx,
                "finance.money_account",
                {"code": f"BANK-{currency}", "name": f"外幣存款 {currency}", "currency": currency, "account": BANK},
            )
            gate.create(
                self.ctx,
                "catalog.exchange_rate",
                {
                    "source": currency,
                    "target": self.ctx.currency,
                    "on": str(first),
                    "rate": rate,
                },
            )
        sold: dict[str, int] = {}
        for order in plan:
            if order.shipped_on:
                for code, quantity, _discount in order.lines:
                    sold[code] = sold.get(code, 0) + quantity
        lines = []
        for n, item in enumerate(i for i in items() if i.kind == "goods"):
            rest = (0, 3, 8, 14, 25, 40)[n % 6]
            lines.append(
                {
                    "product": str(self.found.products[item.code]),
                    "quantity": str(sold.get(item.code, 0) + rest or 5),
                    "unit_cost": str(item.cost),
                }
            )
        made = gate.create(self.ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
        self._do("inventory.adjustment", made.pk, "post", posted_on=str(first))

    def _ask(self, order: PlannedOrder, day: dt.date) -> None:
        firm = CUSTOMERS[order.customer]
        data: dict[str, Any] = {
            "customer": str(self.found.customers[order.customer]),
            "owner": str(self.found.employees[firm.seller]),
            "lines": [
                {
                    "product": str(self.found.products[code]),
                    "quantity": str(quantity),
                    "discount": discount,
                    "unit_price": str(self._price(code, firm.currency)),
                }
                for code, quantity, discount in order.lines
            ],
        }
        if not (order.quoted or order.outcome in ("quote", "rejected")):
            self._order(
                order,
                gate.create(
                    self.ctx,
                    "sales.order",
                    {
                        **data,
                        "ordered_on": str(day),
                        "promised_on": str(order.promised_on),
                        "customer_reference": order.customer_ref,
                    },
                ),
                day,
            )
            return
        quote = gate.create(
            self.ctx,
            "sales.quotation",
            {
                **data,
                "quoted_on": str(day),
                "valid_until": str(day + dt.timedelta(days=30)),
            },
        )
        self._do("sales.quotation", quote.pk, "send")
        if order.outcome == "rejected":
            self._do("sales.quotation", quote.pk, "reject", reason="價格高於預算")
        elif order.outcome != "quote":
            made = self._do("sales.quotation", quote.pk, "accept", accepted_on=str(day))
            made = gate.update(
                self.ctx,
                "sales.order",
                made.pk,
                {
                    "ordered_on": str(day),
                    "promised_on": str(order.promised_on),
                    "customer_reference": order.customer_ref,
                },
            )
            self._order(order, made, day)

    def _order(self, order: PlannedOrder, made: Any, day: dt.date) -> None:
        if order.outcome == "draft":
            return
        try:
            self._do("sales.order", made.pk, "confirm")
        except Refused:
            return  # over the credit limit: it waits as a draft, as it would in life
        days = order.shipped_on
        for n, shipped in enumerate(days):
            part = n + 1 < len(days)
            self._at(max(shipped, day), partial(self._ship, order, made.pk, part))

    def _ship(self, order: PlannedOrder, pk: Any, part: bool, day: dt.date) -> None:
        body: dict[str, Any] = {}
        if part:
            lines = self._lines_of(pk)[:-1]
            body["lines"] = [{"line": str(line), "quantity": str(quantity)} for line, quantity in lines]
        try:
            delivery = self._do("sales.order", pk, "deliver", **body)
        except Refused:
            return  # nothing of it in stock: stays open and late
        self._do("sales.delivery", delivery.pk, "ship", shipped_on=str(day))
        invoice = self._do("sales.order", pk, "invoice")
        self._do("sales.invoice", invoice.pk, "post", posted_on=str(day))
        if order.paid_on:
            self._at(max(order.paid_on, day), partial(self._pay, order, invoice.pk))

    def _pay(self, order: PlannedOrder, invoice_id: Any, day: dt.date) -> None:
        """The customer pays what is open, into the account of its currency."""
        invoice = query.one(self.ctx, registry.spec("sales.invoice"), invoice_id, ("open_amount", "currency"))
        if not invoice["open_amount"]:
            return
        amount, currency = invoice["open_amount"], invoice["currency"]
        made = gate.create(
            self.ctx,
            "finance.receipt",
            {
                "party": str(self.found.customers[order.customer]),
                "account": "BANK" if currency == self.ctx.currency else f"BANK-{currency}",
                "amount": amount,
                "currency": currency,
                "received_on": str(day),
                "allocations": [{"invoice": str(invoice_id), "amount": amount}],
            },
        )
        self._do("finance.receipt", made.pk, "post")

    def _expenses(self, first: dt.date) -> None:
        """Wages, rent and power, by hand at each month's end, so that the income statement is one."""
        month = first.replace(day=1)
        while month <= self.today:
            following = (month + dt.timedelta(days=32)).replace(day=1)
            self._at(following - dt.timedelta(days=1), self._month_end)
            month = following

    def _month_end(self, day: dt.date) -> None:
        lines = [{"account": code, "debit": amount} for code, amount in EXPENSES]
        total = sum(int(amount) for _code, amount in EXPENSES)
        made = gate.create(
            self.ctx,
            "finance.voucher",
            {
                "date": str(day),
                "lines": [*lines, {"account": BANK, "credit": str(total)}],
            },
        )
        self._do("finance.voucher", made.pk, "post")

    def _price(self, code: str, currency: str) -> Decimal:
        price = self.price[code]
        if currency == "TWD":
            return price
        return (price / Decimal(RATES[currency]) * Decimal("1.08")).quantize(Decimal("0.01"))

    def _lines_of(self, order_id: Any) -> list[tuple[Any, Decimal]]:
        spec = registry.spec("sales.order")
        rows = query.lines_of(self.ctx, spec, [order_id], ["lines"])["lines"][order_id]
        return [(row["id"], row["quantity"]) for row in rows]
