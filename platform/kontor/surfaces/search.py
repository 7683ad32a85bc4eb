"""The search over all resources: kept by the write gate, scope-safe, one statement to ask.

An entry copies the record's scope columns, so the data scope stands in the query itself (``scoping``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from kontor.access.scope import predicate
from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.database.prepared import Prepared
from kontor.documents.journal import Columns, after_write
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces import scoping, tokens
from kontor.values.columns import new_id

_CANDIDATES = 400  # ranked; a word that matches more is too common for rank to tell


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that the search found."""

    resource: str
    id: UUID
    title: str
    subtitle: str
    label: str


def find(ctx: Context, text: str, limit: int = 20, resources: Sequence[str] | None = None) -> list[Hit]:
    """The best hits among all that the user may see, by weight and then newest first."""
    wanted = tokens.query(text)
    specs = [s for s in _searchable(ctx) if resources is None or s.name in resources]
    if not wanted or not specs:
        return []
    sql, params = scoping.candidates(ctx, specs, wanted, _CANDIDATES)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT resource, record_id, title, subtitle FROM ({sql}) AS found "  # noqa: S608 - no word of a caller's
            "ORDER BY rank DESC, record_id DESC LIMIT %s",
            [*params, limit],
        )
        rows = cursor.fetchall()
    labels = {s.name: str(s.label) for s in specs}
    hidden = _hidden(ctx, specs, rows)
    return [
        Hit(name, pk, title, subtitle, labels[name]) for name, pk, title, subtitle in rows if (name, pk) not in hidden
    ]


def _hidden(ctx: Context, specs: Sequence[Spec], rows: Sequence[tuple[str, UUID, str, str]]) -> set[tuple[str, UUID]]:
    """Found rows that a field right keeps from this user: an entry does not know of those."""
    out: set[tuple[str, UUID]] = set()
    for spec in specs:
        found = {pk for name, pk, _title, _subtitle in rows if name == spec.name}
        if found and any(not ctx.rights.sees(right) for right in spec.guarded_rows):
            kept = spec.model._default_manager.filter(predicate(ctx, spec), pk__in=found).values_list("pk", flat=True)
            out |= {(spec.name, pk) for pk in found - set(kept)}
    return out


def ids_within(ctx: Context, resources: Sequence[str], wanted: str, most: int) -> list[UUID] | None:
    """The records of these resources that hold the words and are in scope; None if there are more than ``most``."""
    sql, params = scoping.candidates(ctx, [registry.spec(name) for name in resources], wanted, most + 1)
    if not sql:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT record_id FROM ({sql}) AS found LIMIT {most + 1}", params)  # noqa: S608
        ids = [row[0] for row in cursor.fetchall()]
    return None if len(ids) > most else ids


_LATER = "search later"


@after_write
def keep(ctx: Context, spec: Spec, records: list[Any], columns: Columns) -> None:
    """The gate's hook: entries of written records are written, those of deleted ones removed."""
    from kontor.surfaces import dependents  # which in turn needs index()

    gone = [r.pk for r in records if getattr(r, "deleted", False)]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM surfaces_searchentry WHERE record_id = ANY(%s) AND resource = ANY(%s)",
                [gone, [s.name for s in family(spec)]],
            )
    here = [r for r in records if not getattr(r, "deleted", False)]
    kept = [r.pk for r in here]
    for model, ids in dependents.renamed(ctx, spec, here, columns).items():
        dependents.refresh(ctx, model, ids)
    later = ctx.cache.get(_LATER)
    if later is not None:
        later.setdefault(spec.name, {}).update(dict.fromkeys(kept))
    elif kept and (columns is None or columns & _watched(spec.face_of or spec.name)):
        index(spec, kept)


@contextmanager
def gathered(ctx: Context) -> Iterator[None]:
    """All that is written within is indexed at its end, once a record and two statements a resource.

    For imports: an order goes through the gate a dozen times. What was taken back is not found then.
    """
    later: dict[str, dict[Any, None]] = {}
    ctx.cache[_LATER] = later
    try:
        yield
    finally:
        ctx.cache.pop(_LATER, None)
    for name, ids in later.items():
        index(registry.spec(name), list(ids))


def index(spec: Spec, ids: Sequence[Any]) -> int:
    """Write the entries of these records under the resource that shows each; two statements a resource.

    What was written under a face stands under that face alone.
    """
    count = 0
    for shown in [spec] if spec.face_of else family(spec):
        if has_entries(shown):
            others = [face.where for face in _faces(shown) if face.search] if not shown.face_of else []
            count += _index(shown, ids, others)
    return count


def has_entries(spec: Spec) -> bool:
    """Whether the resource is found by words of its own."""
    return bool(spec.search) and not spec.search_as and not spec.search_by


@lru_cache(maxsize=1_000)
def _watched(base: str) -> frozenset[str]:
    """The columns of a resource and its faces on which an entry depends."""
    out: set[str] = set()
    for spec in family(registry.spec(base)):
        named = [spec.title, *spec.search, *spec.where]
        paths = [spec.path_of(n) for n in named]
        heads = {path.split("__")[0] for path in paths} | {"owner_id", "department_path", "branch_id"}
        out |= heads | {f"{head}_id" for head in heads}
    return frozenset(out)


def family(spec: Spec) -> list[Spec]:
    """The resource behind a face with all its faces."""
    base = registry.spec(spec.face_of) if spec.face_of else spec
    return [base, *_faces(base)]


def _faces(base: Spec) -> list[Spec]:
    return [s for s in registry.specs() if s.face_of == base.name]


def _index(spec: Spec, ids: Sequence[Any], others: list[Any]) -> int:
    searched = tokens.weights(spec.search)
    paths = [spec.path_of(n) for n in searched]
    scope = ["owner_id", "department_path", "branch_id"] if spec.scoped else []
    rows = spec.model._default_manager.filter(pk__in=list(ids), **spec.where)
    for where in others:
        rows = rows.exclude(**where)
    columns: tuple[list[Any], ...] = ([], [], [], [], [], [], [], [])
    names = list(dict.fromkeys(("pk", spec.title_path, *scope, *paths)))  # twice: no shape of its own
    for values in rows.values_list(*names):
        row_of = dict(zip(names, values, strict=True))
        pk, called = row_of["pk"], str(row_of[spec.title_path] or "")
        owner, path, branch = [row_of[name] for name in scope] if scope else (None, "", None)
        texts = [_text(row_of[name]) for name in paths]
        said = [text for text in texts if text]
        found = [(text, weight) for text, weight in zip(texts, searched.values(), strict=True) if text]
        subtitle = " · ".join(dict.fromkeys(s for s in said if s != called))[:300]
        words = f"{tokens.vector(found)} {scoping.words_of(spec.name, owner, path, branch)}"
        row = (new_id(), pk, called[:300] or (said[0] if said else str(pk)), subtitle, words)
        for column, value in zip(columns, (*row, owner, path, branch), strict=True):
            column.append(value)
    if columns[0]:
        with connection.cursor() as cursor:
            cursor.execute(_UPSERT, [spec.name, *columns])
    return len(columns[0])


def _text(value: Any) -> str:
    """A value as the index reads it; of values by language (names in other scripts) all."""
    if isinstance(value, dict):
        return " ".join(str(v) for v in value.values() if v)
    return "" if value is None else str(value)


_UPSERT = Prepared("""
INSERT INTO surfaces_searchentry AS e
  (id, resource, record_id, title, subtitle, tokens, owner_id, department_path, branch_id)
SELECT x.id, %s, x.record_id, x.title, x.subtitle, x.tokens::tsvector, x.owner_id, x.path, x.branch_id
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::uuid[])
  AS x(id, record_id, title, subtitle, tokens, owner_id, path, branch_id)
ON CONFLICT (record_id, resource) DO UPDATE SET title = EXCLUDED.title, subtitle = EXCLUDED.subtitle,
  tokens = EXCLUDED.tokens, owner_id = EXCLUDED.owner_id, department_path = EXCLUDED.department_path,
  branch_id = EXCLUDED.branch_id
WHERE (e.title, e.subtitle, e.tokens, e.owner_id, e.department_path, e.branch_id) IS DISTINCT FROM
  (EXCLUDED.title, EXCLUDED.subtitle, EXCLUDED.tokens, EXCLUDED.owner_id, EXCLUDED.department_path,
   EXCLUDED.branch_id)
""")


def _searchable(ctx: Context) -> Iterable[Spec]:
    enabled = configuration.get("modules.enabled", ctx)
    known = {m.name for m in registry.modules()}
    for spec in registry.specs():
        on = enabled is None or spec.module in enabled or spec.module not in known
        if has_entries(spec) and on and ctx.rights.can(spec.name, "view"):
            yield spec
