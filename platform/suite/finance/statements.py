"""The layout of balance sheet and income statement: which statement lines a kind of account has."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

# The last of each kind takes what is not told apart.
SUBKINDS: dict[str, tuple[str, ...]] = {
    "asset": ("cash", "receivable", "stock", "prepaid", "fixed_asset", "other_asset", "current_asset"),
    "liability": ("payable", "advance", "tax", "long_liability", "current_liability"),
    "equity": ("capital", "reserve", "retained"),
    "income": ("revenue", "revenue_deduction", "other_income"),
    "expense": ("cost_of_sales", "operating_expense", "income_tax", "other_expense"),
}

ASSETS = ("cash", "receivable", "stock", "prepaid", "current_asset", "fixed_asset", "other_asset")
CLAIMS = {
    "liability": ("payable", "advance", "tax", "current_liability", "long_liability"),
    "equity": ("capital", "reserve", "retained"),
}

# Statement lines, and the running total that follows them.
INCOME_LAYOUT: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("revenue", "revenue_deduction"), _("Net revenue")),
    (("cost_of_sales",), _("Gross profit")),
    (("operating_expense",), _("Operating result")),
    (("other_income", "other_expense"), _("Result before tax")),
    (("income_tax",), _("Net result")),
)
