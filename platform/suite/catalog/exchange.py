"""Exchange rates: one direction stored, looked up by day, crossed through the company's currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid, Refused
from suite.catalog.models.taxes import ExchangeRate
from suite.catalog.rules.units import as_decimal

_PLACES = 10  # numeric(20,10)


def rate(ctx: Context, source: str, target: str, on: dt.date, kind: str = "spot") -> Decimal:
    """How many ``target`` one ``source`` is on that day, to ten decimals; 1 for the same currency.

    The newest rate on or before the day, either way round; else through the company's currency.
    Refused where none is known.
    """
    if source == target:
        return Decimal(1)
    cache: dict[Any, Decimal] = ctx.cache.setdefault("catalog.rates", {})
    key = (source, target, on, kind)
    if key not in cache:
        found = _direct(source, target, on, kind)
        if found is None and ctx.currency not in (source, target):
            first, second = _direct(source, ctx.currency, on, kind), _direct(ctx.currency, target, on, kind)
            if first is not None and second is not None:
                found = first * second
        if found is None and kind != "spot":
            found = Fraction(rate(ctx, source, target, on))
        if found is None:
            raise Refused(
                _("No exchange rate from %(source)s to %(target)s is known for %(on)s. Enter one under Exchange rates.")
                % {"source": source, "target": target, "on": on},
                code="no_exchange_rate",
                source=source,
                target=target,
            )
        cache[key] = as_decimal(found, _PLACES)
    return cache[key]


def _direct(source: str, target: str, on: dt.date, kind: str) -> Fraction | None:
    rows = ExchangeRate.objects.filter(
        Q(source=source, target=target) | Q(source=target, target=source), kind=kind, on__lte=on
    )
    row = rows.order_by("-on", "-id").values_list("source", "rate").first()
    if row is None:
        return None
    stored_source, value = row
    return Fraction(value) if stored_source == source else 1 / Fraction(value)


def check_directions(drafts: list[Draft]) -> None:
    """Two different currencies, and a pair always the same way round (two truths would differ)."""
    errors: list[FieldError] = []
    for d in drafts:
        r = d.record
        if r.source == r.target:
            errors.append(FieldError(f"{d.at}/target", "invalid", _("Two different currencies are expected.")))
    pairs = {(d.record.target, d.record.source) for d in drafts}
    turned = set(
        ExchangeRate.objects.filter(source__in={s for s, _t in pairs}, target__in={t for _s, t in pairs})
        .exclude(pk__in=[d.record.pk for d in drafts])
        .values_list("source", "target")
    )
    for d in drafts:
        r = d.record
        if r.source != r.target and (r.target, r.source) in turned:
            said = _("Rates of this pair are kept from %(target)s to %(source)s; enter it that way round.")
            errors.append(FieldError(f"{d.at}/source", "direction", said % {"target": r.target, "source": r.source}))
    if errors:
        raise Invalid(errors)
