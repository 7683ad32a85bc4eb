"""``q=``: which rows of one resource a word finds."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces import search, tokens
from kontor.surfaces.models import SearchEntry
from kontor.values.parsing import text

_FEW = 2_000  # ids that are put into the list's query as such: the planner cannot guess how many rows a word has


def matching(ctx: Context, spec: Spec, words: str) -> Q:
    """By the search index where the resource is searched, else by the beginning of its code or title."""
    try:
        wanted = text(words)[:200]
    except ValueError:
        return Q(pk__in=[])
    if not wanted:
        return Q()
    if not spec.search:
        paths = [spec.path_of(n) for n in (*spec.code, spec.title) if n != "id"]
        found = Q()
        for path in dict.fromkeys(paths):
            found |= Q(**{f"{path}__istartswith": wanted})
        return found or Q(pk__in=[])
    query = tokens.query(wanted)
    if not query:
        return Q(pk__in=[])
    if not spec.search_by:
        names = spec.search_as or (spec.name,)
        few = search.ids_within(ctx, names, query, _FEW) if spec.scoped or spec.within else None
        return Q(pk__in=_entries(query, names) if few is None else few)
    found = Q()
    for name in spec.search_by:
        f = spec.fields[name]
        through = registry.spec(f.relation)
        found |= Q(**{f"{f.path}__in": _entries(query, through.search_as or (through.name,))})
    for name in spec.code:
        found |= Q(**{f"{spec.fields[name].path}__istartswith": wanted})
    return found


def _entries(query: str, resources: tuple[str, ...]) -> QuerySet[SearchEntry, UUID]:
    """The ids of the records of these resources that hold the words."""
    rows = SearchEntry.objects.filter(resource__in=resources)
    return rows.extra(where=["tokens @@ %s::tsquery"], params=[query]).values_list("record_id", flat=True)
