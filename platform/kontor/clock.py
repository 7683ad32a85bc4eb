"""The clock of the house: the real one, unless a history is being told by the services themselves.

What has happened is stamped in many places (columns, audit, outbox, steps), few of which know a
``Context``; all of them read this clock, and ``Context.now`` and ``Context.today`` do too. Only the
sample company and tests set it (``tests/guards`` sees to that): no request, key or file can.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_standing: ContextVar[dt.datetime | None] = ContextVar("kontor_clock", default=None)


def now() -> dt.datetime:
    """This instant, in UTC, or the one that is being told of."""
    return _standing.get() or timezone.now()


@contextmanager
def told_at(moment: dt.datetime) -> Iterator[None]:
    """Within this block everything happens at ``moment`` (with a time zone)."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    token = _standing.set(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _standing.reset(token)
