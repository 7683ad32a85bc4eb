"""Entries that carry another record's name: an order its customer's, a contact its organisation's.

Where that record is renamed they are written anew: at once where an index finds them and they are few,
else by a job in the background, a bounded number of rows a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kontor.context import Context
from kontor.documents.journal import Columns
from kontor.identity.api import system_context
from kontor.jobs import api as jobs
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.models import SearchEntry
from kontor.surfaces.search import family, has_entries, index

AT_ONCE = 100
REFRESH = "search.refresh"
_ROWS = 1_000  # of one transaction of the job
_IDS = 200  # renamed records of one item


@dataclass(frozen=True, slots=True)
class Dependent:
    """Entries of ``spec`` that carry a value of what ``relation`` points to."""

    spec: Spec
    relation: str
    columns: frozenset[str]  # of the record pointed to
    indexed: bool


def renamed(ctx: Context, spec: Spec, records: Sequence[Any], columns: Columns) -> dict[Any, list[Any]]:
    """The records whose name or code is another than their entries say, by model; asked before these are written."""
    tables = {spec.model: "pk", **{_related(spec.model, r): f"{r}_id" for r in spec.flat}}
    old = {r.pk: r for r in records if r.version > 1}
    watched = {m: {c for d in dependents(m) for c in d.columns} for m in tables}
    if not old or not any(watched.values()):
        return {}
    if columns is None:  # a relation kept in another table was written: what did the entry call the record?
        shown = SearchEntry.objects.filter(resource__in=[s.name for s in family(spec)], record_id__in=list(old))
        called = dict(shown.values_list("record_id", "title"))
        old = {pk: r for pk, r in old.items() if pk in called and called[pk] != str(_value(r, spec.title_path))[:300]}
    elif not columns & watched[spec.model]:
        return {}
    if not old:
        return {}
    return {m: [getattr(r, key) for r in old.values()] for m, key in tables.items() if watched[m]}


def refresh(ctx: Context, model: Any, ids: Iterable[Any]) -> None:
    """Write anew the entries that carry a value of these records."""
    wanted, later = list(ids), []
    for d in dependents(model) if wanted else ():
        if d.indexed:
            few = list(_rows(d, wanted).values_list("pk", flat=True)[: AT_ONCE + 1])
            if len(few) <= AT_ONCE:
                index(d.spec, few)
                continue
        later += [
            [d.spec.name, d.relation, [str(pk) for pk in wanted[i : i + _IDS]], ""] for i in range(0, len(wanted), _IDS)
        ]
    if later:
        jobs.start(system_context("system"), REFRESH, later)


@jobs.work(REFRESH, chunk=1)
def _refresh(ctx: Context, params: dict[str, Any], items: list[Any]) -> list[dict[str, Any]]:
    """Some rows of one dependent; what is left is another job's."""
    out = []
    for name, relation, wanted, after in items:
        spec = registry.spec(name)
        rows = spec.model._default_manager.filter(**{f"{relation}__in": wanted}, **spec.where)
        if after:
            rows = rows.filter(pk__gt=after)
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:_ROWS])
        index(spec, ids)
        if len(ids) == _ROWS:
            jobs.start(ctx, REFRESH, [[name, relation, wanted, str(ids[-1])]])
        out.append({"status": 200, "count": len(ids)})
    return out


@lru_cache(maxsize=500)
def dependents(model: Any) -> tuple[Dependent, ...]:
    """Whose entries carry a value of the model's records, by the first relation of a searched path."""
    found: dict[tuple[str, str], set[str]] = {}
    for spec in registry.specs():
        if not has_entries(spec):
            continue
        paths = [spec.path_of(n) for n in (*spec.search, spec.title)]
        for path in paths:
            relation, _sep, rest = path.partition("__")
            if rest and relation not in spec.flat and _related(spec.model, relation) is model:
                found.setdefault((spec.name, relation), set()).add(rest.split("__")[0])
    return tuple(
        Dependent(registry.spec(name), relation, frozenset(columns), _is_indexed(registry.spec(name).model, relation))
        for (name, relation), columns in found.items()
    )


def _rows(d: Dependent, ids: list[Any]) -> Any:
    return d.spec.model._default_manager.filter(**{f"{d.relation}__in": ids}, **d.spec.where)


def _related(model: Any, relation: str) -> Any:
    return model._meta.get_field(relation).related_model


def _is_indexed(model: Any, relation: str) -> bool:
    field = model._meta.get_field(relation)
    whole = [i for i in model._meta.indexes if i.condition is None and i.fields]
    return bool(field.db_index) or any(i.fields[0].lstrip("-") == field.name for i in whole)


def _value(record: Any, path: str) -> Any:
    for part in path.split("__"):
        record = getattr(record, part, "")
    return record
