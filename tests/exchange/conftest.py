"""Files and runs of the import's tests."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kontor.context import Context
from kontor.jobs import running
from kontor.jobs.models import Job
from kontor.resources import registry
from kontor.surfaces.exchange import importing, mapping, preview, runs
from kontor.surfaces.exchange.models import ImportRun
from kontor.surfaces.exchange.report import Report
from tests.web.conftest import browser, chromium, site, visit

__all__ = ["browser", "chromium", "site", "visit"]


def sheet(path: Path, *rows: Any) -> Path:
    """A CSV file of the rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def carry_out(ctx: Context, folder: Path, *steps: dict[str, Any], trial: bool = False, source: str = "test") -> Report:
    """A mapping over the folder, inside the test's transaction."""

    @contextmanager
    def scope() -> Iterator[Context]:
        ctx.cache.clear()
        yield ctx

    made = mapping.from_data({"source": source, "steps": list(steps)})
    return importing.run(scope, made, folder, lambda *_said: None, trial=trial)


def numbers(report: Report, resource: str) -> tuple[int, int, int, int]:
    """created, updated, unchanged, refused."""
    c = report.counts[resource]
    return c.created, c.updated, c.unchanged, c.refused


def work_off(run: ImportRun) -> ImportRun:
    """The run's job, chunk by chunk, as a worker would inside this transaction."""
    while running._one_chunk(run.job_id):
        pass
    run.refresh_from_db()
    assert Job.objects.get(pk=run.job_id).state == Job.State.DONE
    return run


def import_file(ctx: Context, resource: str, path: Path, **choice: Any) -> tuple[ImportRun, preview.Counts]:
    """A file through all four steps with the columns as guessed."""
    run = runs.upload(ctx, registry.spec(resource), path, path.name)
    runs.settle(
        ctx,
        run,
        choice.get("columns", run.columns),
        choice.get("key", run.key),
        choice.get("by", run.by),
        whole=choice.get("whole", False),
    )
    runs.start(ctx, run, trial=False)
    run.refresh_from_db()
    work_off(run)
    return run, preview.counts(run)
