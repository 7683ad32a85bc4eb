"""What a country pack holds, as plain facts; the installing modules make rows of them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh-hant", "zh-hans")
_KINDS = {
    **dict.fromkeys(("cash", "receivable", "stock", "prepaid", "current_asset", "fixed_asset", "other_asset"), "asset"),
    **dict.fromkeys(("payable", "advance", "tax", "current_liability", "long_liability"), "liability"),
    **dict.fromkeys(("capital", "reserve", "retained"), "equity"),
    **dict.fromkeys(("revenue", "revenue_deduction", "other_income"), "income"),
    **dict.fromkeys(("cost_of_sales", "operating_expense", "other_expense", "income_tax"), "expense"),
}
_COLUMNS = {"name": "en", "name_hant": "zh-hant", "name_hans": "zh-hans"}


@dataclass(frozen=True, slots=True)
class Names:
    """A name in our languages; where one is missing the nearest script stands in."""

    en: str
    hant: str = ""
    hans: str = ""

    def of(self, language: str) -> str:
        """The name in a language of ours."""
        if language == "zh-hant":
            return self.hant or self.hans or self.en
        if language == "zh-hans":
            return self.hans or self.hant or self.en
        return self.en


@dataclass(frozen=True, slots=True)
class Account:
    """An account: ``line`` is its line in the statements, ``names`` by language."""

    code: str
    line: str
    names: Mapping[str, str]

    @property
    def kind(self) -> str:
        """asset, liability, equity, income or expense."""
        return _KINDS[self.line]

    def name(self, language: str) -> str:
        """The name in a language of ours."""
        return Names(*(self.names.get(code, "") for code in LANGUAGES)).of(language)


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax; ``register_code`` is what the country's return calls it."""

    code: str
    names: Names
    rate: str
    kind: str = "taxable"
    register_code: str = ""


@dataclass(frozen=True, slots=True)
class TaxRule:
    """Which taxes a party class and a product class lead to; empty is any."""

    names: Names
    taxes: tuple[str, ...]
    party_class: str = ""
    product_class: str = ""
    side: str = "both"


@dataclass(frozen=True, slots=True)
class Term:
    """A payment term with the payload of the dictionary."""

    code: str
    names: Names
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: ``factor`` is numerator over denominator in base units of the dimension."""

    code: str
    names: Names
    dimension: str = "count"
    factor: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class MoneyAccount:
    """Where money lies; its currency is the company's."""

    code: str
    names: Names
    kind: str
    account: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A country: its chart, which account plays which role, taxes, terms, habits of rounding."""

    country: str
    roles: Mapping[str, str]
    money: tuple[MoneyAccount, ...]
    taxes: tuple[Tax, ...] = ()
    tax_rules: tuple[TaxRule, ...] = ()
    terms: tuple[Term, ...] = ()
    tax_rounding: str = "document"
    headings: frozenset[str] = field(default_factory=frozenset)  # accounts that only sum those below
    class_roles: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The chart, read once a process from ``<country>/accounts.csv``."""
        return _chart(self.country)


@lru_cache(maxsize=8)
def _chart(country: str) -> tuple[Account, ...]:
    path = Path(__file__).parent / country / "accounts.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Account(row["code"], row["line"], {lang: row[col] for col, lang in _COLUMNS.items() if row.get(col)})
            for row in csv.DictReader(file)
        )
