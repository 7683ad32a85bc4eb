"""Exchange rates: one direction stored, looked up by day, crossed through the company's currency."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid, Refused
from suite.catalog.models.taxes import ExchangeRate

_STEP = Decimal("0.0000000001")


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
                found = (first * second).quantize(_STEP, ROUND_HALF_UP)
        if found is None and kind != "spot":
            found = rate(ctx, source, target, on)
        if found is None:
            raise Refused(
                _("No exchange rate from %(source)s to %(target)s is known for %(on)s. Enter one under Exchange rates.")
                % {"source": source, "target": target, "on": on},
                code="no_exchange_rate",
                source=source,
                target=target,
            )
        cache[key] = found
    return cache[key]


def _direct(source: str, target: str, on: dt.date, kind: str) -> Decimal | None:
    rows = ExchangeRate.objects.filter(
        source__in=(source, target), target__in=(source, target), kind=kind, on__lte=on
    ).exclude(source=target)
    row = rows.order_by("-on", "-id").values_list("source", "rate").first()
    if row is None:
        return None
    stored_source, value = row
    return value if stored_source == source else (1 / value).quantize(_STEP, ROUND_HALF_UP)


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
