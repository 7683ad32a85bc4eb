"""``q=``: which rows of one resource a word finds."""

from __future__ import annotations

from django.db.models import Q

from kontor.context import Context
from kontor.resources.spec import Spec
from kontor.surfaces import tokens
from kontor.surfaces.models import SearchEntry
from kontor.values.parsing import text


def matching(ctx: Context, spec: Spec, words: str) -> Q:
    """By the search index where the resource is searched, else by the beginning of its code or title."""
    try:
        wanted = text(words)[:200]
    except ValueError:
        return Q(pk__in=[])
    if not wanted:
        return Q()
    if not spec.search:
        paths = [spec.fields[n].path if n in spec.fields else n for n in (*spec.code, spec.title) if n != "id"]
        found = Q()
        for path in dict.fromkeys(paths):
            found |= Q(**{f"{path}__istartswith": wanted})
        return found or Q(pk__in=[])
    query = tokens.query(wanted)
    if not query:
        return Q(pk__in=[])
    names = (spec.name, *spec.search_as)
    entries = SearchEntry.objects.filter(resource__in=names).extra(where=["tokens @@ %s::tsquery"], params=[query])
    return Q(pk__in=entries.values("record_id"))
