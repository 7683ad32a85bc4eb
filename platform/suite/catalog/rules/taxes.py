"""The one computation of taxes: added or included, rounded per line or per document, several in order.

Rounded amounts always add up: net + tax = gross on every line, and the lines to the totals. What
rounding leaves over goes to the largest line of the tax (domain.md, Quantities, money, rounding).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kontor.values.money import digits, round_amount
from suite.catalog.rules.units import as_decimal

LINE, DOCUMENT = "line", "document"
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class TaxFact:
    """A tax as the computation sees it; ``compound``: its base holds the taxes before it."""

    id: Any
    name: str
    rate: Decimal
    sequence: int = 10
    compound: bool = False


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A line to be taxed: ``discount`` is a share of one; ``tax_ids`` in any order."""

    quantity: Decimal
    unit_price: Decimal
    discount: Decimal = _ZERO
    tax_ids: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What a line amounts to, in the currency's digits; net + tax = gross."""

    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """One tax over the whole document."""

    tax_id: Any
    name: str
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Lines and taxes; ``net`` of the lines, ``extra`` net of what is charged beside them (freight).

    net + extra + tax = total.
    """

    lines: list[LineAmounts]
    taxes: list[TaxAmount]
    net: Decimal
    tax: Decimal
    total: Decimal
    extra: Decimal = _ZERO


@dataclass(slots=True)
class _Work:
    """A line on its way: exact taxes first, rounded ones then."""

    amount: Decimal  # as priced: net if taxes are added, gross if they are included
    chain: tuple[TaxFact, ...]
    exact: dict[Hashable, Fraction] = field(default_factory=dict)
    taxes: dict[Hashable, Decimal] = field(default_factory=dict)
    net: Decimal = _ZERO


def line_amount(line: TaxLine, currency: str) -> Decimal:
    """round(quantity × price × (1 − discount))."""
    return round_amount(line.quantity * line.unit_price * (1 - line.discount), currency)


def compute(
    lines: Sequence[TaxLine],
    taxes: Mapping[Any, TaxFact],
    currency: str,
    *,
    policy: str = DOCUMENT,
    included: bool = False,
    extra: Decimal = _ZERO,
    extra_tax_ids: Iterable[Any] = (),
) -> Totals:
    """Net, taxes and total of a document. ``extra`` is one more amount beside the lines.

    With ``included`` the prices (and ``extra``) hold their taxes, and the total is the sum as priced.
    """
    works = [_Work(line_amount(line, currency), chain(line.tax_ids, taxes)) for line in lines]
    works.append(_Work(round_amount(extra, currency), chain(extra_tax_ids, taxes)))
    if included:
        _included(works, currency, policy)
    else:
        _added(works, currency, policy)
    amounts = [_amounts(w) for w in works]
    sums = _per_tax(works)
    tax = sum((s.amount for s in sums), _ZERO)
    *rows, beside = amounts
    net = sum((row.net for row in rows), _ZERO)
    return Totals(rows, sums, net, tax, net + beside.net + tax, beside.net)


def chain(tax_ids: Iterable[Any], taxes: Mapping[Any, TaxFact]) -> tuple[TaxFact, ...]:
    """The taxes of a line in the order of computing."""
    return tuple(sorted({taxes[t] for t in tax_ids}, key=lambda t: (t.sequence, t.name, str(t.id))))


def shares(taxes: Sequence[TaxFact]) -> dict[Hashable, Fraction]:
    """What each tax of a chain is for a net amount of one."""
    out: dict[Hashable, Fraction] = {}
    for t in taxes:
        base = Fraction(1) + (sum(out.values(), Fraction(0)) if t.compound else 0)
        out[t.id] = base * Fraction(t.rate)
    return out


def _added(works: list[_Work], currency: str, policy: str) -> None:
    for w in works:
        w.net = w.amount
        w.exact = {t: Fraction(w.amount) * share for t, share in shares(w.chain).items()}
        w.taxes = {t: _round(x, currency) for t, x in w.exact.items()}
    if policy == DOCUMENT:
        for tax_id in {t.id for w in works for t in w.chain}:
            mine = [w for w in works if tax_id in w.taxes]
            whole = _round(sum((w.exact[tax_id] for w in mine), Fraction(0)), currency)
            rest = whole - sum((w.taxes[tax_id] for w in mine), _ZERO)
            _largest(mine).taxes[tax_id] += rest


def _included(works: list[_Work], currency: str, policy: str) -> None:
    groups: dict[Any, list[_Work]] = {}
    for i, w in enumerate(works):
        parts = shares(w.chain)
        exact = Fraction(w.amount) / (1 + sum(parts.values(), Fraction(0)))
        w.exact = {t: exact * share for t, share in parts.items()}
        w.net = _round(exact, currency)
        groups.setdefault(w.chain if policy == DOCUMENT else i, []).append(w)
    for mine in groups.values():
        parts = shares(mine[0].chain)
        gross = sum((w.amount for w in mine), _ZERO)
        net = _round(Fraction(gross) / (1 + sum(parts.values(), Fraction(0))), currency)
        _largest(mine).net += net - sum((w.net for w in mine), _ZERO)
        for w in mine:
            _divide(w, w.amount - w.net, currency)


def _divide(w: _Work, tax: Decimal, currency: str) -> None:
    """Split a line's rounded tax over its taxes; what is left goes to the one with the largest share."""
    w.taxes = {t: _round(x, currency) for t, x in w.exact.items()}
    if w.taxes:
        main = max(w.taxes, key=lambda t: (abs(w.exact[t]), str(t)))
        w.taxes[main] += tax - sum(w.taxes.values(), _ZERO)


def _amounts(w: _Work) -> LineAmounts:
    tax = sum(w.taxes.values(), _ZERO)
    return LineAmounts(w.net, tax, w.net + tax)


def _per_tax(works: list[_Work]) -> list[TaxAmount]:
    facts = {t.id: t for w in works for t in w.chain}
    out = []
    for t in sorted(facts.values(), key=lambda t: (t.sequence, t.name, str(t.id))):
        mine = [w for w in works if t.id in w.taxes and (w.amount or w.taxes[t.id])]
        if not mine:
            continue
        base = sum((w.net + (_before(w, t) if t.compound else _ZERO) for w in mine), _ZERO)
        out.append(TaxAmount(t.id, t.name, t.rate, base, sum((w.taxes[t.id] for w in mine), _ZERO)))
    return out


def _before(w: _Work, tax: TaxFact) -> Decimal:
    """The rounded taxes of the line that come before this one."""
    place = [t.id for t in w.chain].index(tax.id)
    return sum((w.taxes[t.id] for t in w.chain[:place]), _ZERO)


def _largest(works: list[_Work]) -> _Work:
    key: Callable[[_Work], Decimal] = lambda w: abs(w.amount)  # noqa: E731
    return max(works, key=key)


def _round(value: Fraction, currency: str) -> Decimal:
    return as_decimal(value, digits(currency))
