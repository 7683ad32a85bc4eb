"""What a call of the gate writes at its end: audit, events, states, and whoever follows the write.

An action calls the gate again for what it makes, which does so too; the rows of all of them are
written once, a statement a table, when the outermost call ends. A refusal inside takes its own back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from kontor.context import Context
from kontor.database.constraints import explained
from kontor.documents.models import StatusChange
from kontor.history.recording import Deed, Entry, entry, write
from kontor.resources.spec import Spec

Columns = frozenset[str] | None  # what has changed; None: anything may have
Written = Callable[[Context, Spec, list[Any], Columns], None]
_KEY = "documents.journal"
_after_write: list[Written] = []


def after_write(function: Written) -> Written:
    """Kernel only: call the function with the records of every write and what changed in them."""
    _after_write.append(function)
    return function


@dataclass(slots=True)
class Journal:
    """The rows of one outermost call, in the order in which they were noted."""

    entries: list[Entry] = field(default_factory=list)
    states: list[StatusChange] = field(default_factory=list)
    written: list[tuple[Spec, Any, Columns]] = field(default_factory=list)

    def cut(self, mark: tuple[int, int, int]) -> None:
        """Forget what was noted since the mark."""
        for noted, length in zip((self.entries, self.states, self.written), mark, strict=True):
            del noted[length:]  # type: ignore[attr-defined]

    @property
    def mark(self) -> tuple[int, int, int]:
        """Where the lists end now."""
        return len(self.entries), len(self.states), len(self.written)


@contextmanager
def whole(ctx: Context) -> Iterator[None]:
    """All or nothing, with one journal: nested calls join it, the outermost one writes it.

    A nested refusal dooms the transaction up to the next savepoint, so a service that wants to go on
    after one wraps the call in ``transaction.atomic()``. After a refusal the call forgets what it has
    read: it may know rows that were taken back.
    """
    journal: Journal | None = ctx.cache.get(_KEY)
    outermost = journal is None
    if journal is None:
        journal = ctx.cache[_KEY] = Journal()
    mark = journal.mark
    try:
        with transaction.atomic(savepoint=outermost), explained():
            yield
            if outermost:
                _flush(ctx, journal)
    except BaseException:
        ctx.cache.clear()
        if not outermost:
            journal.cut(mark)
            ctx.cache[_KEY] = journal
        raise
    if outermost:
        ctx.cache.pop(_KEY, None)


def note(ctx: Context, spec: Spec, records: Iterable[Any], deeds: Iterable[Deed], columns: Columns = None) -> None:
    """Note what a gate call did: a deed a record, and the columns that changed in them."""
    journal: Journal = ctx.cache[_KEY]
    journal.entries += [entry(ctx, deed) for deed in deeds]
    journal.written += [(spec, r, columns) for r in records]


def note_state(ctx: Context, change: StatusChange) -> None:
    """Note a change of state."""
    ctx.cache[_KEY].states.append(change)


def _flush(ctx: Context, journal: Journal) -> None:
    write(journal.entries)
    if journal.states:
        StatusChange.objects.bulk_create(journal.states)
    by_spec: dict[str, tuple[Spec, dict[Any, Any], Columns]] = {}
    for spec, record, columns in journal.written:
        _spec, records, all_columns = by_spec.get(spec.name, (spec, {}, frozenset()))
        records[record.pk] = record
        merged = None if all_columns is None or columns is None else all_columns | columns
        by_spec[spec.name] = (spec, records, merged)
    for spec, records, columns in by_spec.values():
        for function in _after_write:
            function(ctx, spec, list(records.values()), columns)
