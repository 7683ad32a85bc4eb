"""Finding records by what people write: id, then number or code, then (products) any barcode."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.access.scope import reachable
from kontor.context import Context
from kontor.resources import registry
from kontor.values.parsing import as_uuid


def find_many(ctx: Context, resource: str, values: Iterable[Any]) -> dict[Any, UUID | str]:
    """Each value → the id it names, or a sentence that says why it names none.

    Only what the caller may refer to is found. Two queries at most for the usual case, whatever the number of
    values; cached for the call.
    """
    spec = registry.spec(resource)
    cache: dict[Any, UUID | str] = ctx.cache.setdefault(("find", resource), {})
    missing = {v for v in values if v not in cache}
    if not missing:
        return cache
    rows = spec.model._default_manager.filter(reachable(ctx, spec))
    by_id = {v: as_uuid(v) for v in missing}
    ids = {u for u in by_id.values() if u}
    known = set(rows.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    for value, uid in by_id.items():
        if uid and uid in known:
            cache[value] = uid
    texts = {str(v).strip(): v for v in missing if v not in cache and not isinstance(v, UUID)}
    for name in spec.code:
        left = [t for t, v in texts.items() if v not in cache]
        if not left:
            break
        found: dict[str, list[UUID]] = {}
        path = spec.path_of(name)
        for word, pk in rows.filter(**{f"{path}__in": left}).values_list(path, "pk"):
            found.setdefault(word, []).append(pk)
        for word, pks in found.items():
            cache[texts[word]] = pks[0] if len(pks) == 1 else _two(spec, word)
    left = [t for t, v in texts.items() if v not in cache]
    if left and spec.resolve:
        resolved = spec.resolve(left)
        hits = {hit for hit in resolved.values() if hit is not None}
        within = set(rows.filter(pk__in=hits).values_list("pk", flat=True)) if hits else set()
        for word, hit in resolved.items():
            if hit is None or hit in within:
                cache[texts[word]] = hit if hit is not None else _two(spec, word)
    for value in missing:
        cache.setdefault(value, _("There is no %(what)s “%(value)s”.") % {"what": spec.label, "value": str(value)[:80]})
    return cache


def words_for(ctx: Context, resource: str, values: Iterable[Any]) -> list[str]:
    """Ids in a list (the taxes of a product) as the codes that people write; others stay as they are."""
    spec = registry.spec(resource)
    cache: dict[str, str] = ctx.cache.setdefault(("words", resource), {})
    given = [str(v) for v in values]
    missing = {v: uid for v in given if v not in cache and (uid := as_uuid(v))}
    if missing and spec.code:
        path = spec.fields[spec.code[0]].path
        found = {
            str(pk): word
            for pk, word in spec.model._default_manager.filter(pk__in=missing.values()).values_list("pk", path)
        }
        cache.update({v: found.get(str(uid), v) for v, uid in missing.items()})
    return [cache.get(v, v) for v in given]


def forget(ctx: Context, resource: str) -> None:
    """Drop what was found of a resource in this call, after one of its records was written."""
    ctx.cache.pop(("find", resource), None)
    ctx.cache.pop(("words", resource), None)


def _two(spec: Any, word: str) -> str:
    return _("“%(value)s” names more than one %(what)s.") % {"what": spec.label, "value": word[:80]}
