"""Bringing the search index up to date with rows that did not pass the gate, or whose words have changed.

All works in chunks: at once where few rows are meant, as jobs in the background where there may be many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from kontor.context import Context
from kontor.jobs import api as jobs
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.models import SearchEntry
from kontor.surfaces.search import family, has_entries, index

CHUNK = 1_000
_PART = 5_000  # rows of one job's item, which is one transaction
REBUILD = "search.rebuild"


def rebuild(resource: str = "") -> int:
    """Write all entries anew in this transaction, of one resource or of all; how many."""
    count = 0
    for spec in [registry.spec(resource)] if resource else _bases():
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM surfaces_searchentry WHERE resource = ANY(%s)", [[s.name for s in family(spec)]]
            )
        count += sum(index(spec, ids) for ids in _chunks(spec.model._default_manager.all()))
    return count


def catch_up(resource: str = "") -> int:
    """Write the entries that are missing, of one resource or of all; how many.

    For what was written past the gate in numbers: what packs bring, the sample.
    """
    count = 0
    for spec in [registry.spec(resource)] if resource else _bases():
        names = [s.name for s in family(spec) if has_entries(s)]
        if names:
            entries = SearchEntry.objects.filter(record_id=OuterRef("pk"), resource__in=names)
            rows = spec.model._default_manager.filter(~Exists(entries))
            count += sum(index(spec, ids) for ids in _chunks(rows))
    return count


def start_rebuilding(ctx: Context) -> None:
    """A job that writes every entry anew, some thousand rows a transaction; the search goes on meanwhile."""
    items = [
        [spec.name, *bounds] for spec in _bases() if any(map(has_entries, family(spec))) for bounds in _parts(spec)
    ]
    for start in range(0, len(items), jobs.MOST_ITEMS):
        jobs.start(ctx, REBUILD, items[start : start + jobs.MOST_ITEMS])


@jobs.work(REBUILD, chunk=1)
def _rebuild_part(ctx: Context, params: dict[str, Any], items: list[Any]) -> list[dict[str, Any]]:
    """One range of ids of one resource; rows made meanwhile were indexed by the gate in the new words."""
    out = []
    for name, first, last in items:
        rows = registry.spec(name).model._default_manager.filter(pk__gte=first, pk__lte=last)
        out.append({"status": 200, "count": sum(index(registry.spec(name), ids) for ids in _chunks(rows))})
    return out


def _bases() -> list[Spec]:
    return [s for s in registry.specs() if not s.face_of]


def _chunks(rows: Any) -> Iterator[list[Any]]:
    """The ids of the rows in their order, a chunk at a time."""
    last: Any = None
    while True:
        left = rows.filter(pk__gt=last) if last else rows
        ids = list(left.order_by("pk").values_list("pk", flat=True)[:CHUNK])
        if not ids:
            return
        yield ids
        last = ids[-1]


def _parts(spec: Spec) -> Sequence[tuple[str, str]]:
    """First and last id of each part of the table."""
    table = spec.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(id::text), max(id::text) FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / {_PART} "  # noqa: S608
            f'AS part FROM "{table}") AS rows GROUP BY part ORDER BY part'
        )
        return cursor.fetchall()
