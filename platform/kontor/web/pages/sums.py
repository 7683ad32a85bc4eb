"""Sums of a list's amounts over all rows that match, one a currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kontor.context import Context
from kontor.resources.spec import Field, Spec
from kontor.surfaces.plans import has_path
from kontor.surfaces.query import Page, matching_rows
from kontor.values.wording import capital
from kontor.web import lists, showing
from kontor.web.pages.filtering import patient
from kontor.web.signing import signed_in


def summed(ctx: Context, spec: Spec) -> list[Field]:
    """The columns with a sum that the reader sees."""
    return [f for f in (spec.fields[n] for n in spec.sums) if ctx.rights.sees(f.guard) and not f.is_computed]


def of_page(ctx: Context, spec: Spec, page: Page) -> list[tuple[str, str]]:
    """Label and sum of each summed column over the page."""
    out = []
    for name in spec.sums:
        f = spec.fields[name]
        if not page.rows or name not in page.rows[0]:
            continue
        sums: dict[str, Decimal] = {}
        for row in page.rows:
            code = _code(ctx, f, row, page)
            if isinstance(row[name], Decimal):
                sums[code] = sums.get(code, Decimal(0)) + row[name]
        if sums:
            out.append((capital(f.label), written(sums)))
    return out


def of_all(ctx: Context, spec: Spec, rows: QuerySet[Any]) -> list[tuple[str, str]]:
    """The same over a whole query; a statement for each currency column."""
    out = []
    for f in summed(ctx, spec):
        out.append((capital(f.label), written(by_currency(ctx, spec, f, rows))))
    return [pair for pair in out if pair[1]]


def by_currency(ctx: Context, spec: Spec, f: Field, rows: QuerySet[Any]) -> dict[str, Decimal]:
    """The sum of one column for each currency; the key is empty for what is no money."""
    plain = rows.order_by()
    if f.kind not in ("amount", "price"):
        return {"": plain.aggregate(n=Sum(f.path))["n"] or Decimal(0)}
    if not (f.currency and has_path(spec.model, f.currency)):
        return {ctx.currency: plain.aggregate(n=Sum(f.path))["n"] or Decimal(0)}
    told = plain.values_list(f.currency).annotate(n=Sum(f.path))
    return {code or ctx.currency: n for code, n in told if n is not None}


def grouped(ctx: Context, spec: Spec, f: Field, rows: QuerySet[Any], name: str) -> list[tuple[Any, str, Decimal]]:
    """Value, currency and sum of one column for each value of another."""
    money = f.kind in ("amount", "price")
    code = f.currency if money and f.currency and has_path(spec.model, f.currency) else ""
    told = rows.order_by().values_list(name, *([code] if code else [])).annotate(n=Sum(f.path))
    own = ctx.currency if money else ""
    return [(row[0], (row[1] or own) if code else own, row[-1]) for row in told if row[-1] is not None]


def written(sums: dict[str, Decimal]) -> str:
    """``NT$ 1,486,275 + US$ 384.00``, the larger share first by code."""
    return " + ".join(showing.amount_plain(v, c) if c else showing.quantity(v) for c, v in sorted(sums.items()))


@signed_in
def tell(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The sums of the whole list, asked for after the page is shown; nothing where that would take long."""
    state = lists.read(spec, request.GET)
    rows = matching_rows(ctx, spec, lists.ask(ctx, state, ()))
    found = patient(lambda: of_all(ctx, spec, rows))
    if found is None:
        return HttpResponse(status=204)
    return render(request, "kontor/list/sums.html", {"totals": found, "whole": True})


def _code(ctx: Context, f: Field, row: Any, page: Page) -> str:
    if f.kind not in ("amount", "price"):
        return ""
    return showing.currency_of(ctx, page.plan.currencies.get(f.name, ""), row)
