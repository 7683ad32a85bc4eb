"""The first day: taxes of the mainland, where receipts are booked, opening stock, opening balances."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.values.money import round_amount
from suite.packs.sample import rates, stocking, supply
from suite.packs.sample.actors import do
from suite.packs.sample.founding import Found
from suite.packs.sample.plan import PlannedOrder

# What stands in the old books beside the stock: account, debit, credit. Retained earnings take the rest.
BALANCES = [
    ("1101", 60_000, 0),
    ("1100", 13_800_000, 0),
    ("1411", 240_000, 0),
    ("1601", 14_600_000, 0),
    ("1609", 0, 4_900_000),
    ("2571", 0, 6_000_000),
    ("3100", 0, 20_000_000),
    ("3311", 0, 820_000),
]
TAX = "VAT13"


def rules(ctx: Context, begin: dt.date) -> None:
    """Accounts: mainland tax apart, gains of stock against goods received; money accounts by currency."""
    gate.create(ctx, "catalog.tax", {"code": TAX, "name": "增值税 13%", "rate": "0.13", "kind": "taxable"})
    rule = {"name": "大陆境内销售", "side": "sell", "party_class": "mainland", "taxes": [TAX]}
    gate.create(ctx, "catalog.tax_rule", rule)
    day = str(begin - dt.timedelta(days=1))
    account = {"role": "output_tax", "tax": TAX, "account": "2287", "valid_from": day}
    gate.create(ctx, "finance.account_rule", account)
    lines = [
        ("debit", "stock", "opening"),
        ("credit", "opening_balance", "opening"),
        ("debit", "stock", "gain"),
        ("credit", "goods_received", "gain"),
        ("debit", "stock_difference", "loss"),
        ("credit", "stock", "loss"),
    ]
    posting = {
        "event": "inventory.adjusted",
        "name": "庫存調整（進貨入庫列應付暫估）",
        "valid_from": day,
        "journal": "ST",
        "lines": [
            {"side": side, "role": role, "amount": amount, "dimensions": ["branch", "warehouse"]}
            for side, role, amount in lines
        ],
    }
    gate.create(ctx, "finance.posting_rule", posting)
    accounts = [
        {"code": f"BANK-{c}", "name": f"外幣存款 {c}", "kind": "bank", "currency": c, "account": "1100"}
        for c in rates.CURRENCIES
    ]
    gate.create_many(ctx, "finance.money_account", accounts)


def stock(ctx: Context, found: Found, plan: list[PlannedOrder], begin: dt.date) -> Decimal:
    """Opening stock by warehouse; what it is worth."""
    worth = Decimal(0)
    for house, rows in supply.opening(plan, begin).items():
        lines = stocking.lines(ctx, found, rows, begin - dt.timedelta(days=1), house)
        data = {"kind": "opening", "warehouse": str(found.houses[house]), "reason": "開帳庫存", "lines": lines}
        worth += sum((round_amount(quantity * cost, ctx.currency) for _code, quantity, cost in rows), Decimal(0))
        made = gate.create(ctx, "inventory.adjustment", data)
        do(ctx, "inventory.adjustment", made.pk, "post", posted_on=str(begin - dt.timedelta(days=1)))
    return worth


def balances(ctx: Context, begin: dt.date, stock_worth: Decimal) -> Any:
    """The opening voucher: what the old books said on the day before the first."""
    lines = [
        {"account": account, **({"debit": str(debit)} if debit else {"credit": str(credit)})}
        for account, debit, credit in BALANCES
    ]
    lines.append({"account": "3999", "debit": str(stock_worth)})
    rest = sum((Decimal(d) - Decimal(c) for _a, d, c in BALANCES), stock_worth)
    lines.append({"account": "3300", "credit" if rest > 0 else "debit": str(abs(rest))})
    day = begin - dt.timedelta(days=1)
    return gate.create(ctx, "finance.voucher", {"date": str(day), "text": "開帳傳票", "lines": lines})
