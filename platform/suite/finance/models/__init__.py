"""The tables of the ledger: accounts, vouchers, rules, open items, payments, credit."""

from suite.finance.models.accounts import Account, Journal, MoneyAccount
from suite.finance.models.credit import CreditLine
from suite.finance.models.items import Allocation, OpenItem
from suite.finance.models.payments import Payment
from suite.finance.models.posting_rules import AccountRule, PostingRule, PostingRuleLine
from suite.finance.models.vouchers import Voucher, VoucherLine

__all__ = [
    "Account",
    "AccountRule",
    "Allocation",
    "CreditLine",
    "Journal",
    "MoneyAccount",
    "OpenItem",
    "Payment",
    "PostingRule",
    "PostingRuleLine",
    "Voucher",
    "VoucherLine",
]
