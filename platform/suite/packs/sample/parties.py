"""Customers and suppliers of the sample company, read from the tables beside this file.

Names, numbers and addresses are made up; tax numbers are well formed and in ranges nobody was given.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Firm:
    """A customer: names, where it is, who looks after it, what it may owe, how often it orders.

    ``habit``: days between due date and payment; ``since``: month of the story in which it came;
    ``house``: the warehouse that serves it.
    """

    name: str
    english: str
    country: str
    province: str
    city: str
    postal: str
    street: str
    phone: str
    email: str
    tax_number: str
    contact: str
    job: str
    seller: str
    region: str
    grade: str
    currency: str
    term: str
    credit: str
    weight: str
    habit: str
    since: str
    house: str

    @property
    def language(self) -> str:
        """The language of its documents."""
        return {"TW": "zh-hant", "CN": "zh-hans"}.get(self.country, "en")

    @property
    def tax_class(self) -> str:
        """Taiwan taxes its own, the mainland branch its own; everything else is exported."""
        return {"TW": "", "CN": "mainland"}.get(self.country, "export")


@dataclass(frozen=True, slots=True)
class Source:
    """A supplier: names, where it is, its currency, lead time and term."""

    name: str
    english: str
    country: str
    city: str
    street: str
    phone: str
    email: str
    tax_number: str
    contact: str
    currency: str
    lead_days: str
    term: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CUSTOMERS = [Firm(**row) for row in _rows("customers.csv")]
SUPPLIERS = [Source(**row) for row in _rows("suppliers.csv")]
