"""The palette: records found by word, what can be made (also for the customer found), where one can go."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.reports.api import reports_for
from kontor.resources import registry
from kontor.surfaces import search
from kontor.web import shell, showing
from kontor.web.settings_pages.overview import tiles
from kontor.web.signing import signed_in

_FOUND, _EACH, _PLACES, _MAKES = 24, 6, 6, 5
_PARTIES = ("parties", "organization")


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of the palette: what it is, why it is here, a fact at the end."""

    title: Any
    href: str
    icon: str
    why: Any = ""
    fact: Any = ""


@signed_in
def palette(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Groups of hits: found records by kind, actions, places."""
    word = request.GET.get("q", "").strip()[:100]
    hits = _hits(ctx, word) if word else []
    groups = [*_found(hits, word), (_("Actions"), _actions(ctx, word, hits)), (_("Go to"), _places(ctx, word))]
    groups = [(label, rows) for label, rows in groups if rows]
    marked = [
        (label, [replace(h, title=emphasized(h.title, word), why=emphasized(h.why, word)) for h in rows])
        for label, rows in groups
    ]
    return render(request, "kontor/parts/found.html", {"groups": marked, "q": word})


def _hits(ctx: Context, word: str) -> list[search.Hit]:
    """Parties first, asked for on their own: their many documents would crowd them out."""
    people = [s.name for s in registry.specs() if s.module in _PARTIES]
    first = search.find(ctx, word, limit=_EACH, resources=people)
    seen = {(h.resource, h.id) for h in first}
    return first + [h for h in search.find(ctx, word, limit=_FOUND) if (h.resource, h.id) not in seen]


def emphasized(text: Any, word: str) -> Any:
    """A text with what was typed marked in it: the whole, else each of its words."""
    plain = str(text)
    parts = [p for p in dict.fromkeys([word, *word.split()]) if p]
    found = next((p for p in parts if p.lower() in plain.lower()), "")
    if not found:
        return plain
    wanted = parts[:1] if parts[0].lower() in plain.lower() else parts
    pieces = re.split("(" + "|".join(re.escape(p) for p in wanted) + ")", plain, flags=re.IGNORECASE)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p) if at % 2 else p,) for at, p in enumerate(pieces))
    )


def _found(hits: list[search.Hit], word: str) -> list[tuple[str, list[Hit]]]:
    """Parties, documents, the rest; each with its kind and the text in which the word stands."""
    groups: dict[str, list[Hit]] = {_("Parties and people"): [], _("Documents"): [], _("Other records"): []}
    parties, documents, others = groups.values()
    for hit in hits:
        spec = registry.spec(hit.resource)
        place = parties if spec.module in _PARTIES else documents if spec.has_state and spec.numbering else others
        if len(place) < _EACH:
            why = _why(hit, word)
            place.append(Hit(hit.title, showing.href(hit.resource, hit.id), spec.icon, why, hit.label))
    return list(groups.items())


def _why(hit: search.Hit, word: str) -> str:
    """The searched texts that hold the word; all of them where it stands in the title already."""
    parts = [p for p in hit.subtitle.split(" · ") if p]
    low = word.lower()
    if low in hit.title.lower():
        return " · ".join(parts[:3])
    holding = [p for p in parts if low in p.lower()]
    return " · ".join(dict.fromkeys([*holding, *parts][:3]))


def _actions(ctx: Context, word: str, hits: list[search.Hit]) -> list[Hit]:
    """New records; for a customer or supplier that was found, new documents for it."""
    out: list[Hit] = []
    for hit in hits[:3]:
        field = {"parties.customer": "customer", "parties.supplier": "supplier"}.get(hit.resource)
        if field is None:
            continue
        for entry in shell.creatable(ctx):
            if field in registry.spec(entry.resource).fields and len(out) < _MAKES:
                why = _("for %(name)s") % {"name": hit.title}
                out.append(Hit(entry.label, f"{entry.href}?{field}={hit.id}", "plus", why))
        break
    out += [Hit(e.label, e.href, "plus") for e in shell.creatable(ctx) if _matches(str(e.label), word)]
    return out[:_MAKES]


def _places(ctx: Context, word: str) -> list[Hit]:
    hits = [Hit(str(e.label), e.href, e.icon, str(g.label)) for g in shell.menu(ctx) for e in g.entries]
    hits += [Hit(str(r.label), f"/reports/{r.name}/", str(r.icon), _("Report")) for r in reports_for(ctx)]
    hits += [Hit(str(e.label), e.href, e.icon, _("Settings")) for e in shell.settings_entries(ctx)]
    hits += [Hit(t.label, t.href, t.icon, _("Settings")) for t in tiles(ctx)]
    return [h for h in hits if _matches(str(h.title), word)][:_PLACES]


def _matches(title: str, word: str) -> bool:
    return all(part in title.lower() for part in word.lower().split())
