"""The accountants' months: suppliers' invoices and their payment, wages, rent, depreciation, tax, year-end."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.documents import gate
from kontor.reports import api as reports
from kontor.values.days import add_months, month_end
from suite.packs.sample import rates, supply
from suite.packs.sample.actors import do
from suite.packs.sample.founding import Found
from suite.packs.sample.parties import SUPPLIERS
from suite.packs.sample.people import BOOKKEEPER, CONTROLLER
from suite.packs.sample.plan import PlannedOrder
from suite.packs.sample.story import Story
from suite.packs.sample.working import last_workday, next_workday

VOUCHER, PERIOD = "finance.voucher", "calendars.period"
DAY = dt.timedelta(days=1)
BANK, PAYABLE, ACCRUED = "1100", "2171", "2211"
INPUT_TAX, OUTPUT_TAX, MAINLAND_TAX = "1481", "2281", "2287"
PAY_AFTER = 2  # months after its invoice a supplier is paid
Lines = list[tuple[str, Decimal, Any]]  # account, debit (credit below zero), party


@dataclass(slots=True)
class Books:
    """Puts the recurring vouchers on the calendar; each is written by one and posted by another."""

    story: Story
    found: Found
    orders: list[PlannedOrder]
    begin: dt.date
    bought: dict[dt.date, dict[int, Decimal]] = field(default_factory=dict)  # month → supplier → invoiced, with tax

    def plan(self) -> None:
        """Everything that recurs, and what the year asks for."""
        months = (self.story.today.year - self.begin.year) * 12 + self.story.today.month - self.begin.month
        for r in supply.receipts(self.orders, self.begin, self.story.today):
            rows = self.bought.setdefault(r.on.replace(day=1), defaultdict(Decimal))
            for supplier, amount in r.value.items():
                rows[supplier] += amount
        for k in range(months + 1):
            self._month(k, add_months(self.begin, k))

    def _month(self, k: int, first: dt.date) -> None:
        start, fifth = next_workday(first), next_workday(first.replace(day=5))
        last = last_workday(month_end(first))
        self.story.at(start, 850, BOOKKEEPER, lambda ctx: self._rates(ctx, k), 5)
        self._voucher(start, 1510, "房租", rent)
        if k:
            self._voucher(fifth, 1110, "發放上月薪資及勞健保", partial(wages_paid, k - 1))
            self._voucher(
                next_workday(first.replace(day=25)), 1410, "支付廠商貨款", partial(self._suppliers_paid, first)
            )
            self.story.at(next_workday(first.replace(day=16)), 1700, CONTROLLER, partial(self._close, first))
        self._voucher(last, 1610, "各項費用報支", partial(expenses, k, first))
        self._voucher(last, 1630, "薪資、折舊及利息提列", partial(accruals, k, first))
        self._voucher(last, 1650, "進貨發票", partial(self._suppliers_invoiced, first))
        if first.month % 2 and k > 1:
            self._voucher(next_workday(first.replace(day=14)), 1420, "繳納營業稅", self._business_tax)
        if first.month == 3 and k > 2:
            self.story.at(next_workday(first.replace(day=24)), 1540, CONTROLLER, self._year_end)

    def _voucher(self, day: dt.date, clock: int, text: str, make: Any) -> None:
        self.story.at(day, clock, BOOKKEEPER, partial(self._write, text, make, day))

    def _write(self, text: str, make: Any, day: dt.date, ctx: Context) -> None:
        lines = [(account, amount, party) for account, amount, party in make(ctx) if amount]
        if not lines:
            return
        data = [
            {"account": a, "debit" if n > 0 else "credit": str(abs(n)), **({"party": str(p)} if p else {})}
            for a, n, p in lines
        ]
        made = gate.create(ctx, VOUCHER, {"text": f"{text} {day:%Y-%m}", "lines": data})
        self.story.act(next_workday(day + DAY), 940, CONTROLLER, VOUCHER, "post", made.pk)

    def _rates(self, ctx: Context, k: int) -> None:
        gate.create_many(ctx, "catalog.exchange_rate", rates.rows(ctx.today.replace(day=1), k))

    def _suppliers_invoiced(self, first: dt.date, ctx: Context) -> Lines:
        lines: Lines = []
        tax = Decimal(0)
        for supplier, net in sorted(self.bought.get(first, {}).items()):
            gross = _round(net)
            if SUPPLIERS[supplier].country == "TW":
                part = _round(net * Decimal("0.05"))
                tax, gross = tax + part, gross + part
            lines.append((PAYABLE, -gross, self.found.suppliers[supplier]))
        net_total = -sum((n for _a, n, _p in lines), Decimal(0)) - tax
        return [("2172", net_total, None), (INPUT_TAX, tax, None), *lines]

    def _suppliers_paid(self, first: dt.date, ctx: Context) -> Lines:
        owed: Lines = []
        for supplier, net in sorted(self.bought.get(add_months(first, -PAY_AFTER), {}).items()):
            gross = _round(net)
            if SUPPLIERS[supplier].country == "TW":
                gross += _round(net * Decimal("0.05"))
            owed.append((PAYABLE, gross, self.found.suppliers[supplier]))
        return [*owed, (BANK, -sum((n for _a, n, _p in owed), Decimal(0)), None)]

    def _business_tax(self, ctx: Context) -> Lines:
        """Two months of output against input; what is over is carried forward, mainland tax is paid as it is."""
        until = ctx.today.replace(day=1) - DAY
        have = balances(ctx, until)
        output, deducted = -have.get(OUTPUT_TAX, Decimal(0)), have.get(INPUT_TAX, Decimal(0))
        mainland, used = -have.get(MAINLAND_TAX, Decimal(0)), min(output, deducted)
        paid = output - used + mainland
        return [
            (OUTPUT_TAX, output, None),
            (MAINLAND_TAX, mainland, None),
            (INPUT_TAX, -used, None),
            (BANK, -paid, None),
        ]

    def _close(self, first: dt.date, ctx: Context) -> None:
        """The month before is soft-closed: only accountants post into it."""
        period = calendars.period_of(ctx, first - DAY)
        if period.ledger == "open":
            do(ctx, PERIOD, period.id, "soft_close", area="all")

    def _year_end(self, ctx: Context) -> None:
        """Income tax of the year is provided for, then the year is closed by the product."""
        last = ctx.today.replace(month=1, day=1) - DAY
        have = balances(ctx, last)
        profit = -sum((n for code, n in have.items() if "4" <= code[0] <= "7"), Decimal(0))
        tax = _round(max(profit, Decimal(0)) * Decimal("0.2"))
        if tax:
            lines = [{"account": "8101", "debit": str(tax)}, {"account": "2221", "credit": str(tax)}]
            made = gate.create(ctx, VOUCHER, {"date": str(last), "text": f"{last.year} 年度所得稅", "lines": lines})
            do(ctx, VOUCHER, made.pk, "post")
        do(ctx, PERIOD, calendars.period_of(ctx, last).id, "close_year")
        if tax:
            day = next_workday(ctx.today.replace(month=5, day=28))
            paid = [("2221", tax, None), (BANK, -tax, None)]
            self._voucher(day, 1050, f"繳納 {last.year} 年度所得稅", lambda _ctx: paid)


def balances(ctx: Context, until: dt.date) -> dict[str, Decimal]:
    """Every account's balance on a day by its code, debit above zero."""
    table = reports.run(ctx, "trial-balance", {"as_of": str(until)}).table
    return {row.values[0]: Decimal(row.values[2]) - Decimal(row.values[3]) for row in table.rows}


def rent(ctx: Context) -> Lines:
    """Two offices, two warehouses; the invoice of the landlord carries tax."""
    return _paid([("6611", "128000"), ("6611", "42000"), (INPUT_TAX, "6400")])


def wages(k: int, first: dt.date) -> list[tuple[str, Decimal]]:
    """Wages of a month: they rise each January, which also brings the year-end bonus."""
    raised = Decimal(1) + Decimal("0.03") * (first.year - 2024)
    pay = _round(Decimal(868_000) * min(raised, Decimal("1.12")))
    bonus = _round(pay * Decimal("0.9")) if first.month == 1 else Decimal(0)
    insured, pension = _round(pay * Decimal("0.115")), _round(pay * Decimal("0.06"))
    return [("6511", pay + bonus), ("6521", insured), ("6531", pension)]


def accruals(k: int, first: dt.date, ctx: Context) -> Lines:
    """What the month cost though nothing was paid yet: wages, depreciation, interest."""
    lines: Lines = [(account, amount, None) for account, amount in wages(k, first)]
    owed = sum((n for _a, n, _p in lines), Decimal(0))
    interest = _round(Decimal(6_000_000 - 100_000 * k) * Decimal("0.0245") / 12)
    lines += [(ACCRUED, -owed, None), ("6651", Decimal(96_500), None), ("1609", Decimal(-96_500), None)]
    return [*lines, ("7511", interest, None), ("2571", Decimal(100_000), None), (BANK, -interest - 100_000, None)]


def wages_paid(k: int, ctx: Context) -> Lines:
    """What was accrued a month ago goes out."""
    owed = sum((n for _a, n in wages(k, ctx.today.replace(day=1) - DAY)), Decimal(0))
    return [(ACCRUED, owed, None), (BANK, -owed, None)]


def expenses(k: int, first: dt.date, ctx: Context) -> Lines:
    """Power by season, travel, freight, telephone; a fair, insurance and an audit in their months."""
    summer = Decimal("1.45") if 6 <= first.month <= 9 else Decimal(1)
    rows = [
        ("6621", str(_round(Decimal(31_200) * summer) + 370 * (k % 5))),
        ("6711", str(33_000 + 2_900 * (k % 7))),
        ("6721", str(41_500 + 3_700 * (k % 6))),
        ("6731", str(11_800 + 140 * (k % 4))),
        ("6741", str(6_400 + 310 * (k % 5))),
        ("6541", str(14_000 + (38_000 if first.month in (6, 9, 12) else 0))),
        ("6631", str(8_500 + 5_200 * (k % 3))),
    ]
    rows += [("6751", "186000")] if first.month in (3, 8) else []
    rows += [("6641", "132000")] if first.month == 1 else []
    rows += [("6761", "90000")] if first.month in (4, 11) else []
    tax = _round(sum((Decimal(n) for _a, n in rows), Decimal(0)) * Decimal("0.03"))
    return _paid([*rows, (INPUT_TAX, str(tax))])


def _paid(rows: list[tuple[str, str]]) -> Lines:
    total = sum((Decimal(n) for _a, n in rows), Decimal(0))
    return [*((account, Decimal(n), None) for account, n in rows), (BANK, -total, None)]


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), ROUND_HALF_UP)
