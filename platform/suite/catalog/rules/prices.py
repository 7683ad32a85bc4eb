"""Which price rule wins, and what it says: the most specific one that fits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from suite.catalog.rules.units import price_per

FIXED, PERCENT, LADDER = "fixed", "percent", "ladder"


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of a ladder: from this quantity a price, or a discount off the list price."""

    quantity: Decimal
    price: Decimal | None = None
    discount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RuleFact:
    """A price rule as the choice sees it; ``factor`` is how many base units its unit holds."""

    id: Any
    list_name: str
    # which list it stands in, for documents that name one
    list_id: Any = field(default=None, kw_only=True)
    currency: str
    kind: str = FIXED
    price: Decimal | None = None
    discount: Decimal | None = None
    steps: tuple[Step, ...] = ()
    floor: Decimal | None = None
    product_id: Any = None
    category_path: str = ""
    party_id: Any = None
    grade: str = ""
    quantity_from: Decimal = Decimal(0)
    factor: Fraction = Fraction(1)
    unit_id: Any = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    tax_included: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is bought: ``quantity`` in base units, ``category_path`` of the product."""

    product_id: Any
    quantity: Decimal
    category_path: str = ""
    party_id: Any = None
    grade: str = ""
    unit_id: Any = None
    on: dt.date = dt.date.min
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a rule gives: a price per one of its units, or a discount off the list price."""

    rule: RuleFact
    price: Decimal | None
    discount: Decimal
    step: Step | None = None


def fits(rule: RuleFact, wanted: Wanted) -> bool:
    """Whether every condition of the rule holds."""
    if rule.product_id is not None and rule.product_id != wanted.product_id:
        return False
    if rule.category_path and not wanted.category_path.startswith(rule.category_path):
        return False
    if rule.party_id is not None and rule.party_id != wanted.party_id:
        return False
    if rule.grade and rule.grade != wanted.grade:
        return False
    if Fraction(wanted.quantity) < Fraction(rule.quantity_from) * rule.factor:
        return False
    if rule.valid_from and wanted.on < rule.valid_from:
        return False
    if rule.valid_to and wanted.on > rule.valid_to:
        return False
    return rule.kind != LADDER or _rung(rule, wanted) is not None


def specificity(rule: RuleFact, wanted: Wanted) -> tuple[Any, ...]:
    """What makes a rule stronger, in this order: who, what, from how many, unit, currency, when."""
    who = 2 if rule.party_id is not None else 1 if rule.grade else 0
    what = (2, 0) if rule.product_id is not None else (1, len(rule.category_path)) if rule.category_path else (0, 0)
    return (
        who,
        what,
        Fraction(rule.quantity_from) * rule.factor,
        rule.unit_id is not None and rule.unit_id == wanted.unit_id,
        rule.currency == wanted.currency,
        rule.valid_from or dt.date.min,
        str(rule.id),  # the newer one of two alike: ids are ordered by time
    )


def choose(rules: Iterable[RuleFact], wanted: Wanted) -> Offer | None:
    """The offer of the most specific rule that fits; None where no rule does."""
    fitting = [rule for rule in rules if fits(rule, wanted)]
    if not fitting:
        return None
    rule = max(fitting, key=lambda r: specificity(r, wanted))
    if rule.kind == LADDER:
        step = _rung(rule, wanted)
        assert step is not None
        return Offer(rule, step.price, step.discount or Decimal(0), step)
    if rule.kind == PERCENT:
        return Offer(rule, None, rule.discount or Decimal(0))
    return Offer(rule, rule.price, rule.discount or Decimal(0))


def of_list(rules: Sequence[RuleFact], list_id: Any, wanted: Wanted) -> Offer | None:
    """The offer of the named list; the usual one where it says nothing of this."""
    own = choose([r for r in rules if r.list_id == list_id], wanted) if list_id is not None else None
    return own or choose(rules, wanted)


def lowest(rules: Sequence[RuleFact], wanted: Wanted) -> RuleFact | None:
    """The most specific rule that fits and names a lowest price."""
    fitting = [rule for rule in rules if rule.floor is not None and fits(rule, wanted)]
    return max(fitting, key=lambda r: specificity(r, wanted), default=None)


def in_unit(price: Decimal, source: Fraction, target: Fraction, rate: Decimal = Decimal(1)) -> Fraction:
    """A price per unit of ``source`` base units, per unit of ``target`` ones and in another currency."""
    return price_per(price, source, target) * Fraction(rate)


def _rung(rule: RuleFact, wanted: Wanted) -> Step | None:
    reached = [s for s in rule.steps if Fraction(s.quantity) * rule.factor <= Fraction(wanted.quantity)]
    return max(reached, key=lambda s: s.quantity, default=None)
