"""Numbering: each kind of document, its pattern, the last number, and the company's own pattern."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.models import NumberCounter, NumberRule
from kontor.documents.numbering import render as number_of
from kontor.errors import Invalid
from kontor.history.recording import Deed, record
from kontor.resources import registry
from kontor.values.wording import capital
from kontor.web.settings_pages.guard import administer, crumbs
from kontor.web.signing import signed_in


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show and change; an empty pattern goes back to the declared one."""
    administer(ctx)
    if request.method == "POST":
        _save(ctx, request.POST)
        messages.success(request, _("Saved. Numbers given already stay as they are."))
        return HttpResponseRedirect("/settings/numbers/")
    own = dict(NumberRule.objects.values_list("resource", "pattern"))
    counters: dict[str, list[Any]] = {}
    for c in NumberCounter.objects.order_by("series"):
        name, _sep, part = c.series.partition(":")
        counters.setdefault(name, []).append((part.replace(":", "-"), c.last))
    rows = [
        {
            "spec": s,
            "label": capital(s.label_plural),
            "declared": s.numbering,
            "own": own.get(s.name, ""),
            "example": _example(ctx, own.get(s.name) or s.numbering),
            "counters": counters.get(s.name, [])[-3:],
        }
        for s in registry.specs()
        if s.numbering
    ]
    return render(request, "kontor/settings/numbers.html", {"rows": rows, "crumbs": crumbs(_("Numbers"))})


def _save(ctx: Context, given: Any) -> None:
    spec = registry.spec(given.get("resource", ""))
    pattern = given.get("pattern", "").strip()[:80]
    before = NumberRule.objects.filter(resource=spec.name).values_list("pattern", flat=True).first() or ""
    if pattern and pattern != spec.numbering:
        made = _example(ctx, pattern)
        if "{" in made or made == number_of(pattern, ctx.today, 2):
            raise Invalid.at("/pattern", _("The pattern knows {yy}, {yyyy}, {mm}, {dd} and {n:04}; {n} must be in it."))
        NumberRule.objects.update_or_create(resource=spec.name, defaults={"pattern": pattern})
    else:
        NumberRule.objects.filter(resource=spec.name).delete()
    record(ctx, [Deed("documents.numberrule", None, "updated", {spec.name: [before, pattern]})], events=False)


def _example(ctx: Context, pattern: str) -> str:
    return number_of(pattern, ctx.today, 1)
