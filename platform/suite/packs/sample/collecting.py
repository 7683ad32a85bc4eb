"""Money that comes in: customers pay in runs, each after its habit, several invoices at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.values.money import round_amount
from suite.packs.sample.founding import Found
from suite.packs.sample.parties import CUSTOMERS, Firm
from suite.packs.sample.people import BOOKKEEPER, CONTROLLER
from suite.packs.sample.story import Story
from suite.packs.sample.working import next_workday, pay_day
from suite.sales import api as sales

RECEIPT = "finance.receipt"
NEVER = 90  # who is so late does not pay at all before somebody calls


@dataclass(slots=True)
class Collecting:
    """Posted invoices wait here for the customer's next run of payments."""

    story: Story
    found: Found
    runs: dict[tuple[Any, dt.date], list[tuple[Any, Decimal]]] = field(default_factory=dict)

    def owed(self, ctx: Context, invoice: Any, *, part: bool = False) -> None:
        """The invoice is out: it will be paid on a day, in two parts if ``part``."""
        firm = CUSTOMERS[self.found.customers.index(invoice.customer_id)]
        if invoice.kind == "deposit":
            self._run(invoice, next_workday(ctx.today + dt.timedelta(days=4)), Decimal(1))
            return
        habit = int(firm.habit)
        if habit >= NEVER and (self.story.today - ctx.today).days < 330:
            return
        early = dt.timedelta(days=habit - 8)  # the run before it is due, for who is punctual
        day = pay_day(max(invoice.due_on + early, ctx.today + dt.timedelta(days=1)))
        self._run(invoice, day, Decimal("0.6") if part else Decimal(1))
        if part:
            self._run(invoice, pay_day(day + dt.timedelta(days=35)), Decimal(1))

    def _run(self, invoice: Any, day: dt.date, share: Decimal) -> None:
        key = (invoice.customer_id, day)
        if key not in self.runs:
            self.runs[key] = []
            minute = len(self.runs) * 3 % 45
            self.story.at(day, 1330, BOOKKEEPER, partial(self._received, key), minute)
        self.runs[key].append((invoice.pk, share))

    def _received(self, key: tuple[Any, dt.date], ctx: Context) -> None:
        customer, day = key
        firm = CUSTOMERS[self.found.customers.index(customer)]
        share = dict(self.runs.pop(key))
        rows = []
        for pk, info in sales.invoices(ctx, list(share)).items():
            amount = round_amount(info.open_amount * share[pk], info.currency)
            if amount > 0:
                rows.append({"invoice": str(pk), "amount": str(amount)})
                currency = info.currency
        if not rows:
            return
        data = {
            "party": str(customer),
            "account": "BANK" if currency == ctx.currency else f"BANK-{currency}",
            "amount": str(sum(Decimal(r["amount"]) for r in rows)),
            "currency": currency,
            "reference": _reference(firm, day),
            "allocations": rows,
        }
        made = gate.create(ctx, RECEIPT, data)
        self.story.act(next_workday(day + dt.timedelta(days=1)), 930, CONTROLLER, RECEIPT, "post", made.pk)


def _reference(firm: Firm, day: dt.date) -> str:
    word = {"TW": "匯入", "CN": "电汇"}.get(firm.country, "SWIFT")
    return f"{word} {day:%m%d}-{CUSTOMERS.index(firm):02d}"
