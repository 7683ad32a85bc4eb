"""Carrying out a mapping over a folder of files: step by step, a batch a transaction.

Rows become documents, each whole or not at all. Run again, what is equal is left alone and what
changed is updated, so a run that was killed goes on where it stopped and loses no more than a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Refused
from kontor.resources import registry
from kontor.surfaces.exchange.items import Item, gather
from kontor.surfaces.exchange.mapping import Mapping, Step
from kontor.surfaces.exchange.report import Count, Report, RowError
from kontor.surfaces.exchange.tables import SheetRow, read
from kontor.surfaces.exchange.writing import REFUSED, Writer

BATCH = 100

Scope = Callable[[], AbstractContextManager[Context]]
Say = Callable[[str, int, int], None]


def run(scope: Scope, mapping: Mapping, folder: Path, say: Say, *, trial: bool = False) -> Report:
    """Carry out a mapping over the files of a folder.

    ``scope()`` opens a transaction of the company and gives the acting context; ``say(resource,
    done, total)`` is told of progress; ``trial`` writes nothing and reports what would be: it runs in
    one transaction, which is taken back, so later steps see what earlier ones would have made.
    """
    report = Report()
    with ExitStack() as stack:
        whole = stack.enter_context(scope()) if trial else None
        for step in mapping.steps:
            items = _gathered(step, folder, report)
            say(step.resource, 0, len(items))
            done = 0
            for batch in batches(items, BATCH):
                _batch(scope, whole, mapping.source, step, batch, report)
                done += len(batch)
                say(step.resource, done, len(items))
        if whole is not None:
            transaction.set_rollback(True)
    return report


def batches(items: Sequence[Item], size: int) -> Iterator[list[Item]]:
    """The items in portions."""
    for i in range(0, len(items), size):
        yield list(items[i : i + size])


def _gathered(step: Step, folder: Path, report: Report) -> list[Item]:
    def read_file(file: str) -> Iterator[SheetRow]:
        path = folder / file
        if not path.is_file():
            raise Refused(_("There is no file %(file)s.") % {"file": path}, code="no_file")
        return read(path)

    found = gather(step, registry.spec(step.resource), read_file)
    report.errors += found.errors
    report.counts.setdefault(step.resource, Count()).refused += found.refused
    return found.items


def _batch(scope: Scope, whole: Context | None, source: str, step: Step, batch: list[Item], report: Report) -> None:
    count = report.counts[step.resource]
    try:
        with ExitStack() as stack:
            ctx = whole or stack.enter_context(scope())
            written = Writer(ctx, step, source).write(batch)
    except Refused as error:  # at the commit itself, or a right that is missing for all of them
        for item in batch:
            count.add(REFUSED)
            report.errors.append(RowError(step.file, item.rows[0].line, "", str(error.detail)))
        return
    for w in written:
        count.add(w.what)
        report.errors += w.errors
