"""Balance sheet and income statement, laid out by the statement lines of the accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.context import Context
from kontor.reports.api import BALANCE, FLOW, Column, Line, Parameter, Table, report
from kontor.reports.api import before as day_before
from suite.finance.accounts import AccountInfo, accounts
from suite.finance.models import Account
from suite.finance.reports.balances import BRANCH, Sums, account_drill, sums
from suite.finance.statements import ASSETS, CLAIMS, INCOME_LAYOUT
from suite.finance.values import ZERO

Pair = tuple[Decimal, Decimal]
NONE: Pair = (ZERO, ZERO)


@report(
    "balance-sheet",
    module="finance",
    label=lazy("Balance sheet"),
    description=lazy("Assets, liabilities and equity as of a date, beside an earlier one."),
    icon="building-bank",
    period=BALANCE,
    parameters=(Parameter("compare_to", lazy("Compare with"), "date"), BRANCH),
    roles={"accountant": "view export"},
)
def balance_sheet(ctx: Context, p: Mapping[str, Any]) -> Table:
    """What is not yet closed of income and expense stands as the result of the period.

    Beside it stands the date asked for, else the day before the span, else the same day a year before.
    """
    last = p["as_of"]
    before = p["compare_to"] or day_before(p) or _year_before(last)
    sheet = _Sheet(ctx, p, sums(None, last, branch=p["branch"]), sums(None, before, branch=p["branch"]), None, last)
    assets = sheet.part(lazy("Assets"), ASSETS, sign=1, total=lazy("Total assets"))
    claims = sheet.part(lazy("Liabilities"), CLAIMS["liability"], sign=-1, total=lazy("Total liabilities"))
    sheet.heading(lazy("Equity"))
    equity = sheet.lines(CLAIMS["equity"], sign=-1)
    result = sheet.sum_kinds(("income", "expense"), sign=-1)
    sheet.line(_("Result not yet carried forward"), result)
    equity = _add(equity, result)
    sheet.total(lazy("Total equity"), equity)
    both = _add(claims, equity)
    sheet.total(lazy("Total liabilities and equity"), both, level=0)
    notes = [] if assets == both else [_("Assets and claims differ: ask for support, this must not happen.")]
    return Table(_columns(ctx, _("as of %(date)s") % {"date": last}, _("as of %(date)s") % {"date": before}),
                 sheet.rows, None, notes)  # fmt: skip


@report(
    "income-statement",
    module="finance",
    label=lazy("Income statement"),
    description=lazy("Revenue, cost, expenses and the result of a span, beside the year before."),
    icon="report-analytics",
    period=FLOW,
    parameters=(BRANCH,),
    roles={"accountant": "view export"},
)
def income_statement(ctx: Context, p: Mapping[str, Any]) -> Table:
    """From the first revenue line to the net result; the year-end's own vouchers are left out."""
    first, last = p["from"], p["to"]
    was = (_year_before(first), _year_before(last))
    sheet = _Sheet(
        ctx, p, sums(first, last, branch=p["branch"], closing_vouchers=False),
        sums(was[0], was[1], branch=p["branch"], closing_vouchers=False), first, last)  # fmt: skip
    running = NONE
    for subkinds, total in INCOME_LAYOUT:
        running = _add(running, sheet.lines(subkinds, sign=-1))
        sheet.total(total, running)
    return Table(_columns(ctx, f"{first} – {last}", f"{was[0]} – {was[1]}"), sheet.rows, None, ())


class _Sheet:
    """Rows of a statement in the making: accounts under their statement line, now and before."""

    def __init__(
        self, ctx: Context, p: Mapping[str, Any], now: Mapping[UUID, Sums], before: Mapping[UUID, Sums],
        first: dt.date | None, last: dt.date,
    ) -> None:  # fmt: skip
        self.ctx, self.p, self.now, self.before, self.first, self.last = ctx, p, now, before, first, last
        self.rows: list[Line] = []
        self.chart = list(accounts(ctx).values())
        self.labels = dict(Account.Subkind.choices)

    def part(self, title: Any, subkinds: Iterable[str], *, sign: int, total: Any) -> Pair:
        """A headed part with its total."""
        self.heading(title)
        amounts = self.lines(subkinds, sign=sign)
        self.total(total, amounts)
        return amounts

    def lines(self, subkinds: Iterable[str], *, sign: int) -> Pair:
        """Each statement line with its accounts below; what is zero now and before is left out."""
        whole = NONE
        for subkind in subkinds:
            mine = [(a, self._amounts(a, sign)) for a in self.chart if a.subkind == subkind]
            mine = [(a, pair) for a, pair in mine if pair != NONE]
            if not mine:
                continue
            sub = NONE
            for _account, pair in mine:
                sub = _add(sub, pair)
            self.rows.append(Line(("", str(self.labels[subkind]), *sub), style="heading", level=1))
            for account, pair in mine:
                drill = account_drill(self.ctx, account.id, self.p, self.first, self.last)
                self.rows.append(Line((account.code, account.label(self.ctx.language), *pair), drill, level=2))
            whole = _add(whole, sub)
        return whole

    def sum_kinds(self, kinds: tuple[str, ...], *, sign: int) -> Pair:
        """The sum over all accounts of these kinds."""
        whole = NONE
        for account in self.chart:
            if account.kind in kinds:
                whole = _add(whole, self._amounts(account, sign))
        return whole

    def heading(self, title: Any) -> None:
        self.rows.append(Line(("", str(title), None, None), style="heading"))

    def line(self, title: str, pair: Pair) -> None:
        self.rows.append(Line(("", title, *pair), level=2))

    def total(self, title: Any, pair: Pair, level: int = 1) -> None:
        self.rows.append(Line(("", str(title), *pair), style="total", level=level))

    def _amounts(self, account: AccountInfo, sign: int) -> Pair:
        def of(found: Mapping[UUID, Sums]) -> Decimal:
            s = found.get(account.id)
            return sign * (s.debit - s.credit) if s else ZERO  # the opening is nil or left out of the span

        return of(self.now), of(self.before)


def _columns(ctx: Context, now: str, before: str) -> list[Column]:
    return [
        Column("code", lazy("Account")),
        Column("name", lazy("Name")),
        Column("amount", now, "amount", ctx.currency),
        Column("before", before, "amount", ctx.currency),
    ]


def _add(a: Pair, b: Pair) -> Pair:
    return a[0] + b[0], a[1] + b[1]


def _year_before(day: dt.date) -> dt.date:
    """The same day a year before; the last of February stays the last."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
