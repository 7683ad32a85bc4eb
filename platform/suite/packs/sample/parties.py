"""Customers and suppliers of the sample company, read from the tables beside this file."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Firm:
    """A customer: names, where it is, who looks after it, what it may owe, how often it orders."""

    name: str
    english: str
    country: str
    city: str
    street: str
    phone: str
    contact: str
    job: str
    seller: str
    grade: str
    currency: str
    term: str
    credit: str
    weight: str


@dataclass(frozen=True, slots=True)
class Source:
    """A supplier: names, where it is, its currency and lead time."""

    name: str
    english: str
    country: str
    city: str
    street: str
    phone: str
    contact: str
    currency: str
    lead_days: str


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CUSTOMERS = [Firm(**row) for row in _rows("customers.csv")]
SUPPLIERS = [Source(**row) for row in _rows("suppliers.csv")]
