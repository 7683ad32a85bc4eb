"""The bank accounts that papers name."""

from __future__ import annotations

from dataclasses import dataclass

from kontor.configuration.api import company
from kontor.context import Context
from kontor.organization.api import root_branch
from kontor.organization.models import Branch
from suite.finance.models import MoneyAccount


@dataclass(frozen=True, slots=True)
class BankInfo:
    """An account to which customers pay."""

    bank: str
    number: str
    holder: str
    currency: str


def bank_account(ctx: Context, currency: str) -> BankInfo | None:
    """The active bank account in that currency, the first by code; None where none has a number."""
    rows = MoneyAccount.objects.filter(kind=MoneyAccount.Kind.BANK, is_active=True, currency=currency)
    found = rows.exclude(bank_number="").order_by("code").first()
    if found is None:
        return None
    root_id = root_branch()
    root = Branch.objects.filter(pk=root_id).first() if root_id else None
    holder = (root.legal_name or root.name) if root else company(ctx).name
    return BankInfo(found.bank_name or found.name, found.bank_number, holder, currency)
