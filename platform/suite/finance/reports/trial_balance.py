"""Trial balance: every account with its balance as of a date, or its movements in a span."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.context import Context
from kontor.reports.api import BALANCE, Column, Line, Parameter, Table, report, total_line
from suite.finance.accounts import accounts
from suite.finance.reports.balances import BRANCH, account_drill, sums
from suite.finance.values import ZERO


@report(
    "trial-balance",
    module="finance",
    label=lazy("Trial balance"),
    description=lazy("Every account with its balance; debit equals credit."),
    icon="scale",
    period=BALANCE,
    ask_whole=True,
    parameters=(
        BRANCH,
        Parameter("closing", lazy("With the year-end vouchers"), "boolean", default=lambda ctx: True),
    ),
    roles={"accountant": "view export"},
)
def trial_balance(ctx: Context, p: Mapping[str, Any]) -> Table:
    """As of a date: balances by side. From and to: opening, debit, credit, closing."""
    first, last = p["from"], p["as_of"]
    span = first is not None
    found = sums(first, last, branch=p["branch"], closing_vouchers=p["closing"])
    names = (Column("code", lazy("Account")), Column("name", lazy("Name")))
    money = ("opening", "debit", "credit", "closing") if span else ("debit", "credit")
    labels = {
        "opening": lazy("Opening"), "debit": lazy("Debit"), "credit": lazy("Credit"), "closing": lazy("Closing"),
    }  # fmt: skip
    columns = [*names, *(Column(name, labels[name], "amount", ctx.currency) for name in money)]
    rows = []
    for account in accounts(ctx).values():
        s = found.get(account.id)
        if s is None or not (s.opening or s.debit or s.credit):
            continue
        if span:
            values: tuple[Any, ...] = (s.opening, s.debit, s.credit, s.closing)
        else:
            values = (max(s.closing, ZERO), max(-s.closing, ZERO))
            if not s.closing:
                continue
        rows.append(
            Line((account.code, account.label(ctx.language), *values), account_drill(ctx, account.id, p, first, last))
        )
    return Table(columns, rows, total_line(columns, rows, _("Total")))
