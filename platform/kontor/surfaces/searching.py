"""``q=``: which rows of one resource a word finds."""

from __future__ import annotations

from django.db.models import Q

from kontor.context import Context
from kontor.resources.spec import Spec
from kontor.values.parsing import text


def matching(ctx: Context, spec: Spec, words: str) -> Q:
    """Rows whose number or code begins with the words, or whose searched texts hold each of them."""
    try:
        wanted = text(words)[:200]
    except ValueError:
        return Q(pk__in=[])
    if not wanted:
        return Q()
    found = Q()
    for name in spec.code:
        path = spec.fields[name].path if name in spec.fields else name
        found |= Q(**{f"{path}__istartswith": wanted})
    paths = [spec.fields[n].path if n in spec.fields else n for n in spec.search]
    all_words = Q()
    for word in wanted.split()[:6]:
        anywhere = Q()
        for path in paths:
            anywhere |= Q(**{f"{path}__icontains": word})
        all_words &= anywhere
    return found | all_words if paths else found or Q(pk__in=[])
