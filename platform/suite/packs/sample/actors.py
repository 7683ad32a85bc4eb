"""The people of the story: each acts as itself, in its language, at the moment that is told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import translation

from kontor import clock
from kontor.context import Context
from kontor.documents import gate
from kontor.identity.api import context_for
from suite.packs.sample.people import BY_NUMBER


@dataclass(slots=True)
class Cast:
    """Users by employee number; what they read of the company is read once a day for all of them."""

    users: dict[str, Any]
    contexts: dict[str, Context] = field(default_factory=dict)
    cache: dict[Any, Any] = field(default_factory=dict)

    @contextmanager
    def act(self, number: str, moment: dt.datetime) -> Iterator[Context]:
        """The context of that person; whatever is done in the block happened at ``moment``."""
        ctx = self.contexts.get(number)
        if ctx is None:
            ctx = self.contexts[number] = replace(context_for(self.users[number]), cache=self.cache)
        with clock.told_at(moment), translation.override(BY_NUMBER[number].language):
            yield ctx

    def new_day(self) -> None:
        """Forget what was read yesterday."""
        self.cache.clear()


def do(ctx: Context, resource: str, pk: Any, action: str, **body: Any) -> Any:
    """An action on one record; the document it makes, or the record."""
    outcome = gate.perform(ctx, resource, pk, action, body)
    return outcome.made if outcome.made is not None else outcome.record
