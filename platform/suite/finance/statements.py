"""The layout of balance sheet and income statement: which statement lines a kind of account has."""

from __future__ import annotations

SUBKINDS: dict[str, tuple[str, ...]] = {
    "asset": ("cash", "receivable", "stock", "prepaid", "fixed_asset", "other_asset", "current_asset"),
    "liability": ("payable", "advance", "tax", "long_liability", "current_liability"),
    "equity": ("capital", "reserve", "retained"),
    "income": ("revenue", "revenue_deduction", "other_income"),
    "expense": ("cost_of_sales", "operating_expense", "income_tax", "other_expense"),
}
