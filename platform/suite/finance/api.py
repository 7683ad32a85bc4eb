"""The ledger for other modules: post, preview, reverse; open items; credit; periods; charts.

Amounts are decimals in the currency that stands beside them; ids come in and go out.
"""

from __future__ import annotations

import datetime as dt

from kontor.calendars import api as calendars
from kontor.context import Context
from suite.finance.banks import BankInfo, bank_account
from suite.finance.charts import add_account_rules, install_chart
from suite.finance.credit import Exposure, credit, expose, expose_many
from suite.finance.items import allocate, cancel_item, items_of, open_item, open_items, unallocate
from suite.finance.posting import post, post_many, preview, reverse, vouchers_of
from suite.finance.rules import ROLES
from suite.finance.values import (
    AccountRow,
    ChartPack,
    CreditState,
    Fact,
    JournalRow,
    LinePreview,
    MoneyAccountRow,
    NewItem,
    OpenItemInfo,
    Posting,
    VoucherInfo,
    VoucherPreview,
)

__all__ = [
    "ROLES",
    "AccountRow",
    "BankInfo",
    "ChartPack",
    "CreditState",
    "Exposure",
    "Fact",
    "JournalRow",
    "LinePreview",
    "MoneyAccountRow",
    "NewItem",
    "OpenItemInfo",
    "Posting",
    "VoucherInfo",
    "VoucherPreview",
    "add_account_rules",
    "allocate",
    "bank_account",
    "cancel_item",
    "credit",
    "expose",
    "expose_many",
    "guard_period",
    "install_chart",
    "items_of",
    "open_item",
    "open_items",
    "post",
    "post_many",
    "preview",
    "reverse",
    "unallocate",
    "vouchers_of",
]


def guard_period(ctx: Context, on: dt.date, area: str = calendars.LEDGER) -> None:
    """Refuse a date whose period is closed for the area (stock, ledger, tax); makes a missing period."""
    calendars.guard(ctx, on, area)
