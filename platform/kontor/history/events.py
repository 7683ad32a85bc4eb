"""Events read back: what happened to the records that a user may see, in order, for who keeps a copy.

An event is shown once no older one can come any more: ids are made before their transaction commits, so
what a transaction still under way began with waits for it. Without that, whoever asks "after this id"
would miss what commits late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from kontor.access.roles import ALL
from kontor.access.scope import predicate
from kontor.context import Context
from kontor.history.models import OutboxEvent
from kontor.history.sweeping import oldest_id
from kontor.resources.spec import Spec

_SKEW = dt.timedelta(seconds=1)  # between the clocks of the application and the database, and to the first write
_WRITING = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class EventInfo:
    """One event; ``data`` is what it carries beside the record's name and version."""

    id: UUID
    name: str
    at: dt.datetime
    resource: str
    record: UUID
    version: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventAsk:
    """Which events: names (``sales.order.*`` takes all of a resource), one record, and a span of time."""

    names: Sequence[str] = ()
    record: UUID | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    after: UUID | None = None
    before: UUID | None = None
    newest_first: bool = False
    limit: int = 50


def events(ctx: Context, specs: Collection[Spec], ask: EventAsk) -> list[EventInfo]:
    """Events of these resources that the user may know of, in order of their ids; one more than the limit, if any."""
    rows = OutboxEvent.objects.filter(_visible(ctx, specs))
    if ask.names:
        rows = rows.filter(_named(ask.names))
    if ask.record is not None:
        rows = rows.filter(record_id=ask.record)
    if ask.since is not None:  # the id bounds the rows by an index, the stamp is exact
        rows = rows.filter(at__gte=ask.since, id__gte=oldest_id(ask.since - _SKEW))
    if ask.until is not None:
        rows = rows.filter(at__lt=ask.until, id__lt=oldest_id(ask.until + _SKEW))
    if ask.after is not None:
        rows = rows.filter(id__gt=ask.after)
    if ask.before is not None:
        rows = rows.filter(id__lt=ask.before)
    if (horizon := _horizon()) is not None:
        rows = rows.filter(id__lt=horizon)
    found = rows.order_by("-id" if ask.newest_first else "id").values_list(
        "id", "name", "at", "resource", "record_id", "record_version", "payload"
    )
    return [EventInfo(*values) for values in found[: ask.limit + 1]]


def _visible(ctx: Context, specs: Collection[Spec]) -> Q:
    """Those of whole resources by name, those of scoped ones by their records.

    A deleted record has no scope any more, so its events are told to those who see all of the resource.
    """
    whole = [s.name for s in specs if not s.scoped or ctx.rights.scope(s.name) == ALL]
    found = Q(resource__in=whole)
    for spec in specs:
        if spec.name not in whole:
            rows = spec.model._default_manager.filter(predicate(ctx, spec))
            found |= Q(resource=spec.name, record_id__in=rows.values("pk"))
    return found


def _named(names: Sequence[str]) -> Q:
    found = Q(name__in=[name for name in names if not name.endswith("*")])
    for name in names:
        if name.endswith("*"):
            found |= Q(name__startswith=name[:-1])
    return found


def _horizon() -> UUID | None:
    """The smallest id that a transaction still under way may have made; None if nobody else writes."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITING)
        began = cursor.fetchone()[0]
    return None if began is None else oldest_id(began - _SKEW)
