"""The lines of an account: where every number of the other reports leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.context import Context
from kontor.reports.api import FLOW, Column, Drill, Line, Parameter, Table, report
from suite.finance.accounts import accounts
from suite.finance.models import VoucherLine
from suite.finance.reports.balances import BRANCH
from suite.finance.values import ZERO

_MOST = 10_000


@report(
    "ledger",
    module="finance",
    label=lazy("Account ledger"),
    description=lazy("The lines of one account with a running balance, each leading to its voucher."),
    icon="notebook",
    period=FLOW,
    guard="cost",  # its lines tell what single deliveries cost
    parameters=(
        Parameter("account", lazy("Account"), "reference", required=True, relation="finance.account"),
        Parameter("party", lazy("Party"), "reference", relation="parties.party"),
        BRANCH,
    ),
    roles={"accountant": "view export"},
)
def ledger(ctx: Context, p: Mapping[str, Any]) -> Table:
    """Opening balance, every posted line of the span, closing balance; in book currency."""
    rows = VoucherLine.objects.exclude(voucher__state="draft").filter(account_id=p["account"])
    for name in ("party", "branch"):
        if p[name] is not None:
            rows = rows.filter(**{f"{name}_id": p[name]})
    first, last = p["from"], p["to"]
    opening = ZERO
    if first is not None:
        opening = rows.filter(voucher__date__lt=first).aggregate(s=Sum(F("debit") - F("credit")))["s"] or ZERO
        rows = rows.filter(voucher__date__gte=first)
    rows = rows.filter(voucher__date__lte=last).order_by("voucher__date", "voucher__number", "position")
    columns = [
        Column("date", lazy("Date"), "date"),
        Column("number", lazy("Voucher")),
        Column("text", lazy("Text")),
        Column("party", lazy("Party")),
        Column("debit", lazy("Debit"), "amount", ctx.currency),
        Column("credit", lazy("Credit"), "amount", ctx.currency),
        Column("balance", lazy("Balance"), "amount", ctx.currency),
    ]
    balance, debit, credit = opening, ZERO, ZERO
    out = [Line((first, "", _("Opening balance"), "", None, None, opening), style="total")]
    found = rows.values_list(
        "voucher_id",
        "voucher__date",
        "voucher__number",
        "text",
        "voucher__text",
        "party__name",
        "debit",
        "credit",
    )
    for voucher_id, day, number, text, voucher_text, party, d, c in found[:_MOST]:
        balance, debit, credit = balance + d - c, debit + d, credit + c
        out.append(
            Line((day, number, text or voucher_text, party or "", d, c, balance), Drill("finance.voucher", voucher_id))
        )
    account = accounts(ctx).get(p["account"])
    notes = [f"{account.code} {account.label(ctx.language)}"] if account else []
    if len(out) > _MOST:
        notes.append(_("Only the first %(most)d lines are shown; choose a shorter span.") % {"most": _MOST})
    return Table(columns, out, (last, "", _("Closing balance"), "", debit, credit, balance), notes)
