"""Sums of posted lines per account: the one query under every report of the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import DecimalField, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from kontor.context import Context
from kontor.reports.api import Drill, Parameter
from suite.finance.models import Journal, VoucherLine
from suite.finance.values import ZERO

BRANCH = Parameter("branch", _("Branch"), "reference", relation="organization.branch")


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one account: the balance before the span, and what moved in it."""

    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


def sums(
    first: dt.date | None, last: dt.date, *, branch: UUID | None = None, closing_vouchers: bool = True
) -> Mapping[UUID, Sums]:
    """Per account: opening before ``first`` (none: the beginning) and movements up to ``last``; one query.

    Without ``closing_vouchers`` the year-end's carry-forward is left out (income statement).
    """
    rows = VoucherLine.objects.exclude(voucher__state="draft").filter(voucher__date__lte=last)
    if branch is not None:
        rows = rows.filter(branch_id=branch)
    if not closing_vouchers:
        rows = rows.exclude(voucher__journal__kind=Journal.Kind.CLOSING)
    within = Q(voucher__date__gte=first) if first else Q()
    before = Q(voucher__date__lt=first) if first else Q(pk__in=[])
    found = rows.values("account_id").annotate(
        opening=_sum(F("debit") - F("credit"), before), moved_debit=_sum(F("debit"), within),
        moved_credit=_sum(F("credit"), within))  # fmt: skip
    return {r["account_id"]: Sums(r["opening"], r["moved_debit"], r["moved_credit"]) for r in found}


def _sum(expression: Any, where: Q) -> Any:
    return Coalesce(Sum(expression, filter=where), ZERO, output_field=DecimalField())


def account_drill(ctx: Context, account_id: UUID, p: Mapping[str, Any], first: Any, last: Any) -> Drill:
    """Behind a balance: the lines of the account in the span."""
    given = {"account": account_id, "from": first, "to": last, "branch": p.get("branch")}
    return Drill(report="ledger", parameters={k: v for k, v in given.items() if v is not None})
