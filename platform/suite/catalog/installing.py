"""What a country pack brings to the catalogue: units, taxes, tax rules; idempotent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kontor.configuration.kept import forget
from kontor.context import Context
from suite.catalog.models import Tax, TaxRule, Unit


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit: ``numerator / denominator`` base units of its dimension."""

    code: str
    name: str
    dimension: str = "count"
    numerator: int = 1
    denominator: int = 1


@dataclass(frozen=True, slots=True)
class TaxRow:
    """A tax; the rate as a decimal string, 0.05 is five per cent."""

    code: str
    name: str
    rate: str
    kind: str = "taxable"
    register_code: str = ""


@dataclass(frozen=True, slots=True)
class TaxRuleRow:
    """A tax rule with its taxes by code."""

    name: str
    taxes: tuple[str, ...]
    party_class: str = ""
    product_class: str = ""
    side: str = "both"


def install(
    ctx: Context, *, units: Sequence[UnitRow], taxes: Sequence[TaxRow], tax_rules: Sequence[TaxRuleRow]
) -> None:
    """Make what the company does not have yet; two statements a table."""
    have = set(Unit.objects.values_list("code", flat=True))
    Unit.objects.bulk_create(
        Unit(code=u.code, name=u.name, dimension=u.dimension, numerator=u.numerator, denominator=u.denominator)
        for u in units
        if u.code not in have
    )
    ids = dict(Tax.objects.values_list("code", "pk"))
    made = [
        Tax(code=t.code, name=t.name, rate=Decimal(t.rate), kind=t.kind, register_code=t.register_code)
        for t in taxes
        if t.code not in ids
    ]
    Tax.objects.bulk_create(made)
    ids |= {t.code: t.pk for t in made}
    known = set(TaxRule.objects.values_list("side", "party_class", "product_class"))
    TaxRule.objects.bulk_create(
        TaxRule(
            name=r.name,
            side=r.side,
            party_class=r.party_class,
            product_class=r.product_class,
            taxes=[str(ids[code]) for code in r.taxes],
        )
        for r in tax_rules
        if (r.side, r.party_class, r.product_class) not in known
    )
    forget(ctx, "catalog.taxes", "catalog.tax_rules", "catalog.tax_spans")
