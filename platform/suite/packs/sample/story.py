"""The calendar of the story: who does what when, told in the order in which it happened."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from suite.packs.sample.actors import Cast
from suite.packs.sample.working import moment

Step = Callable[[Context], None]
Then = Callable[[Context, Any], None]


@dataclass(slots=True)
class Batch:
    """Records on which one person does the same at one moment, and what follows from each."""

    resource: str
    action: str
    body: Mapping[str, Any]
    rows: list[tuple[Any, Then | None]] = field(default_factory=list)


@dataclass(slots=True)
class Story:
    """Steps wait on the calendar; each may put later ones on it. What would be today stays undone."""

    cast: Cast
    today: dt.date
    said: Callable[[dt.date], None]
    steps: list[tuple[dt.datetime, int, str, Step]] = field(default_factory=list)
    batches: dict[tuple[Any, ...], Batch] = field(default_factory=dict)
    tick: Iterator[int] = field(default_factory=itertools.count)

    def at(self, day: dt.date, clock: int, actor: str, step: Step, minute: int = 0) -> None:
        """The person does it on that day at that time (1430: half past two)."""
        if day < self.today:
            heapq.heappush(self.steps, (moment(day, clock, minute), next(self.tick), actor, step))

    def act(
        self, day: dt.date, clock: int, actor: str, resource: str, action: str, pk: Any,
        then: Then | None = None, **body: Any,
    ) -> None:  # fmt: skip
        """An action on a record; what one person does at the same time is done in one call."""
        key = (day, clock, actor, resource, action, tuple(sorted(body.items())))
        batch = self.batches.get(key)
        if batch is None:
            batch = self.batches[key] = Batch(resource, action, body)
            self.at(day, clock, actor, lambda ctx: self._perform(ctx, key))
        batch.rows.append((pk, then))

    def _perform(self, ctx: Context, key: tuple[Any, ...]) -> None:
        batch = self.batches.pop(key)
        ids = [pk for pk, _then in batch.rows]
        try:
            done = gate.perform_many(ctx, batch.resource, ids, batch.action, batch.body)
        except Refused:
            if len(batch.rows) == 1:
                return  # what cannot be done stays as it is, as it would in life
            done = []
            for row in batch.rows:
                self.batches[key] = Batch(batch.resource, batch.action, batch.body, [row])
                self._perform(ctx, key)
        for (_pk, then), outcome in zip(batch.rows, done, strict=False):
            if then is not None:
                then(ctx, outcome.made if outcome.made is not None else outcome.record)

    def tell(self) -> None:
        """Carry out all steps before today."""
        day = dt.date.min
        while self.steps:
            at, _tick, actor, step = heapq.heappop(self.steps)
            if at.date() != day:
                day = at.date()
                self.cast.new_day()
                self.said(day)
            with self.cast.act(actor, at) as ctx:
                step(ctx)
