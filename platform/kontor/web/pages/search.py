"""The palette: parties and documents found by word, and what can be made or opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.web import shell
from kontor.reports.api import reports_for
from kontor.web.signing import signed_in

_PLACES, _MAKES = 6, 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of the palette: what it is, why it is here, a fact at the end."""

    title: str
    href: str
    icon: str
    why: str = ""
    fact: Any = ""


@signed_in
def palette(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Groups of hits: found records by kind, actions, places."""
    word = request.GET.get("q", "").strip()[:100]
    groups = [*_found(ctx, word), (_("Actions"), _actions(ctx, word)), (_("Go to"), _places(ctx, word))]
    groups = [(label, hits) for label, hits in groups if hits]
    return render(request, "kontor/parts/found.html", {"groups": groups, "q": word})


def _found(ctx: Context, word: str) -> list[tuple[str, list[Hit]]]:
    return []


def _actions(ctx: Context, word: str) -> list[Hit]:
    hits = [Hit(e.label, e.href, "plus") for e in shell.creatable(ctx)]
    return [h for h in hits if _matches(h.title, word)][:_MAKES]


def _places(ctx: Context, word: str) -> list[Hit]:
    hits = [Hit(e.label, e.href, e.icon, str(g.label)) for g in shell.menu(ctx) for e in g.entries]
    hits += [Hit(str(r.label), f"/reports/{r.name}/", "chart-histogram", _("Report")) for r in reports_for(ctx)]
    hits += [Hit(e.label, e.href, e.icon, _("Settings")) for e in shell.settings_entries(ctx)]
    return [h for h in hits if _matches(h.title, word)][:_PLACES]


def _matches(title: str, word: str) -> bool:
    return all(part in title.lower() for part in word.lower().split())
