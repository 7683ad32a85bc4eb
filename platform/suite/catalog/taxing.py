"""Which taxes apply, and the documents' totals: rows of the company around the pure computation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.configuration.api import get
from kontor.configuration.kept import kept
from kontor.context import Context
from kontor.documents.records import Draft
from kontor.documents.references import find_many
from kontor.errors import FieldError, Invalid, Refused
from suite.catalog.models.product import Product
from suite.catalog.models.taxes import Tax, TaxRule
from suite.catalog.rules import taxes as rules
from suite.parties import api as parties

ROUNDING = "catalog.tax_rounding"  # line or document: a country pack's choice


def settle_taxes(ctx: Context, drafts: list[Draft]) -> None:
    """Turn the words in ``taxes`` (codes or ids) into ids; raises Invalid for words that name none."""
    given = [d for d in drafts if d.is_new or "taxes" in d.given]
    words = {str(word) for d in given for word in d.record.taxes}
    found = find_many(ctx.as_system(), "catalog.tax", words) if words else {}
    errors: list[FieldError] = []
    for d in given:
        out: list[str] = []
        for i, word in enumerate(d.record.taxes):
            hit = found[str(word)]
            if isinstance(hit, UUID):
                out += [str(hit)] if str(hit) not in out else []
            else:
                errors.append(FieldError(f"{d.at}/taxes/{i}", "not_found", hit))
        d.record.taxes = out
    if errors:
        raise Invalid(errors)


def refuse_used(tax: Tax) -> None:
    """Refused while a product or a tax rule names the tax."""
    for model in (Product, TaxRule):
        user = model.objects.filter(taxes__contains=[str(tax.pk)]).first()
        if user is not None:
            raise Refused(
                _("“%(name)s” names this tax, so it cannot be removed; make the tax inactive instead.")
                % {"name": user.name},
                code="in_use",
            )


def facts(ctx: Context) -> dict[UUID, rules.TaxFact]:
    """All taxes of the company (there are a handful), kept for the call."""
    return kept(
        ctx, "taxes", "catalog.taxes",
        lambda: {t.pk: rules.TaxFact(t.pk, t.name, t.rate, t.sequence, t.compound) for t in Tax.objects.all()},
    )  # fmt: skip


def taxes_for(
    ctx: Context, product_ids: Iterable[UUID], party_id: UUID | None, on: dt.date, side: str = "sell"
) -> dict[UUID, tuple[UUID, ...]]:
    """The taxes of each product for this party on this day, in the order of computing.

    A rule for the party's tax class first, then the product's own taxes, then a rule for the
    product's class, then the general rule.
    """
    from suite.catalog.products import infos  # products take the check of their taxes from here

    party_class = _party_class(ctx, party_id, side)
    chosen = _rules(ctx, on, side)
    valid = _valid(ctx, on)
    out: dict[UUID, tuple[UUID, ...]] = {}
    for pk, info in infos(ctx, product_ids).items():
        fitting = [r for r in chosen if r[0] in ("", party_class) and r[1] in ("", info.tax_class)]
        best = max(fitting, key=lambda r: (bool(r[0]), bool(r[1]), r[3]), default=None)
        ids = best[2] if best else ()
        if info.tax_ids and not (best and best[0]):
            ids = info.tax_ids
        known = facts(ctx)
        out[pk] = tuple(t.id for t in rules.chain([i for i in ids if i in valid], known))
    return out


def compute(
    ctx: Context,
    lines: Sequence[rules.TaxLine],
    *,
    currency: str,
    included: bool = False,
    extra: Decimal = Decimal(0),
    extra_tax_ids: Iterable[UUID] = (),
) -> rules.Totals:
    """Net, taxes and totals of a document in the currency's digits, rounded as the company's country does."""
    policy = get(ROUNDING, ctx)
    known = facts(ctx)
    beside = tuple(extra_tax_ids)
    for tax_id in {t for line in lines for t in line.tax_ids}.union(beside):
        if tax_id not in known:
            raise Refused(_("A tax of this document does not exist any more."), code="unknown_tax", tax=str(tax_id))
    try:
        return rules.compute(
            lines, known, currency, policy=policy, included=included, extra=extra, extra_tax_ids=beside
        )
    except InvalidOperation as error:
        raise Refused(_("A quantity times a price became too large to be stored."), code="too_large") from error


def included_factor(ctx: Context, tax_ids: Iterable[UUID]) -> Decimal:
    """1 plus all taxes of a net amount of one: turns a net price into a gross one."""
    parts = rules.shares(rules.chain(tax_ids, facts(ctx)))
    total = 1 + sum(parts.values())
    return Decimal(total.numerator) / Decimal(total.denominator) if parts else Decimal(1)


def _party_class(ctx: Context, party_id: UUID | None, side: str) -> str:
    if party_id is None:
        return ""
    found: Any = parties.suppliers(ctx, [party_id]) if side == "buy" else parties.customers(ctx, [party_id])
    return found[party_id].tax_class if party_id in found else ""


def _rules(ctx: Context, on: dt.date, side: str) -> list[tuple[str, str, tuple[UUID, ...], dt.date]]:
    rows: list[TaxRule] = kept(ctx, "taxes", "catalog.tax_rules", lambda: list(TaxRule.objects.all()))
    return [
        (r.party_class, r.product_class, tuple(UUID(t) for t in r.taxes), r.valid_from or dt.date.min)
        for r in rows
        if r.side in ("both", side)
        and (r.valid_from is None or r.valid_from <= on)
        and (r.valid_to is None or on <= r.valid_to)
    ]


def _valid(ctx: Context, on: dt.date) -> frozenset[UUID]:
    rows = kept(
        ctx, "taxes", "catalog.tax_spans",
        lambda: list(Tax.objects.filter(is_active=True).values_list("pk", "valid_from", "valid_to")),
    )  # fmt: skip
    return frozenset(pk for pk, start, end in rows if (start is None or start <= on) and (end is None or on <= end))
