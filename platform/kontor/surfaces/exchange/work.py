"""The background work of imports and exports: portions of rows, and files to fetch."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from kontor.context import Context
from kontor.errors import NotFound
from kontor.history import files
from kontor.jobs import api as jobs
from kontor.resources import registry
from kontor.surfaces.exchange import exporting, runs
from kontor.surfaces.exchange.models import ImportChunk, ImportRun
from kontor.surfaces.exchange.writing import REFUSED, Writer, Written

MOST_FILE = 2 * 2**30  # bytes of an export
Result = dict[str, Any]
_STATUS = {"created": 201, "updated": 200, "unchanged": 200, REFUSED: 422}


class _TakenBack(Exception):
    """Ends a trial."""


@jobs.work("import", chunk=runs.CHUNK)
def import_chunk(ctx: Context, params: dict[str, Any], items: list[Any]) -> list[Result]:
    """One portion, written or tried; the job's progress is committed with it."""
    run, trial = _run(params), bool(params.get("trial"))
    ctx.rights.need(run.resource, "import")
    pending = runs.pending_of(run) if trial else frozenset()
    chunk = ImportChunk.objects.get(run=run, position=int(items[0]) // runs.CHUNK * runs.CHUNK)
    results = _keep(run, chunk, _written(ctx, run, chunk, pending, trial=trial))
    if int(items[-1]) + 1 >= run.total:
        if trial:
            ImportRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
        else:
            runs.finished(ctx, run)
    return results


@jobs.work("import_whole", chunk=1)
def import_whole(ctx: Context, params: dict[str, Any], items: list[Any]) -> list[Result]:
    """All or nothing: every portion in one transaction, taken back if a single row is wrong."""
    run = _run(params)
    ctx.rights.need(run.resource, "import")
    chunks = list(ImportChunk.objects.filter(run=run).order_by("position"))
    told: list[tuple[ImportChunk, list[Written]]] = []
    try:
        with transaction.atomic():
            for chunk in chunks:
                told.append((chunk, _written(ctx, run, chunk, frozenset(), trial=False)))
            if run.errors or any(w.what == REFUSED for _c, written in told for w in written):
                raise _TakenBack
    except _TakenBack:
        for chunk, written in told:
            _keep(run, chunk, [w if w.what == REFUSED else Written(w.item, "unchanged") for w in written])
        ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.TRIED, finished_at=timezone.now())
        return [{"status": 422, "detail": "nothing was written"}]
    for chunk, written in told:
        _keep(run, chunk, written)
    runs.finished(ctx, run)
    return [{"status": 200}]


def try_now(ctx: Context, run: ImportRun) -> None:
    """A small file tried while its user waits: one transaction, taken back."""
    pending = runs.pending_of(run)
    for chunk in ImportChunk.objects.filter(run=run).order_by("position"):
        _keep(run, chunk, _written(ctx, run, chunk, pending, trial=True))


def _written(
    ctx: Context, run: ImportRun, chunk: ImportChunk, pending: frozenset[str], *, trial: bool
) -> list[Written]:
    source, effects = ctx.source, ctx.effects
    writer = Writer(ctx, runs.step_of(run), runs.SOURCE, pending=pending)
    written: list[Written] = []
    try:
        with transaction.atomic():
            written = writer.write(runs.items_of(run, chunk))
            if trial:
                raise _TakenBack
    except _TakenBack:
        ctx.cache.clear()  # what it found was taken back
    finally:
        ctx.source, ctx.effects = source, effects
    return written


def _keep(run: ImportRun, chunk: ImportChunk, written: list[Written]) -> list[Result]:
    chunk.answers = runs.answers_of(written)
    chunk.save(update_fields=["answers"])
    return [{"status": _STATUS[w.what], **({"id": str(w.id)} if w.id else {})} for w in written]


def _run(params: dict[str, Any]) -> ImportRun:
    run = ImportRun.objects.filter(pk=params["run"]).first()
    if run is None:
        raise NotFound
    return run


@jobs.work("export", chunk=1)
def export_file(ctx: Context, params: dict[str, Any], items: list[Any]) -> list[Result]:
    """A large list as a file of its user's own; the result names it."""
    spec = registry.spec(params["resource"])
    wish = exporting.Wish(**params["wish"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{wish.format}"
        count = exporting.export(ctx, spec, exporting.ask_of(wish), path, wish)
        with path.open("rb") as file:
            blocks = iter(lambda: file.read(256 * 1024), b"")
            kept = files.keep(ctx, params["name"], blocks, largest=MOST_FILE)
    return [{"status": 200, "file": str(kept.id), "rows": count}]
