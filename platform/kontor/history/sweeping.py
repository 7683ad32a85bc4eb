"""What the clock does in one company: tell events to followers, forget old keys, take up lost jobs."""

from __future__ import annotations

import datetime as dt
import logging
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone, translation

from kontor.context import Context
from kontor.history.following import Event, followed, followers_of
from kontor.history.models import OutboxEvent
from kontor.history.waiting import MOST_ATTEMPTS
from kontor.identity.api import system_context

log = logging.getLogger(__name__)

BATCH = 200
KEYS_KEPT = dt.timedelta(hours=24)
EVENTS_KEPT = dt.timedelta(days=30)
_FIRST_PAUSE = 5  # seconds; doubled after each failure: the last comes after about three hours


def tell_events() -> int:
    """Tell the oldest open events to their followers; each follower's deed is a savepoint of its own."""
    _pass_over()
    now = timezone.now()
    rows = list(
        OutboxEvent.objects.select_for_update(skip_locked=True)
        .filter(done_at=None, attempts__lt=MOST_ATTEMPTS)
        .exclude(next_at__gt=now)
        .order_by("id")[:BATCH]
    )
    if not rows:
        return 0
    ctx = system_context("system")
    told = 0
    with translation.override(ctx.language):
        for row in rows:
            error = _tell(ctx, row)
            if error is None:
                row.done_at, row.error, told = timezone.now(), "", told + 1
            else:
                row.attempts += 1
                row.error = error[:2000]
                row.next_at = now + dt.timedelta(seconds=_FIRST_PAUSE * 2 ** (row.attempts - 1))
    OutboxEvent.objects.bulk_update(rows, ["done_at", "attempts", "error", "next_at"])
    return told


def _tell(ctx: Context, row: OutboxEvent) -> str | None:
    event = Event(row.pk, row.name, row.resource, row.record_id, row.record_version, row.at, row.payload)
    try:
        with transaction.atomic():
            for follower in followers_of(row.name):
                follower(ctx, event)
    except Exception as error:
        log.warning("follower of %s failed", row.name, exc_info=error)
        return f"{type(error).__name__}: {error}"
    return None


def _pass_over() -> None:
    """Events that nobody follows are done at once, in one statement."""
    exact, beginnings = followed()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE history_outboxevent SET done_at = now() WHERE id IN (SELECT id FROM history_outboxevent "
            "WHERE done_at IS NULL AND NOT (name = ANY(%s)) "
            "AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[]) AS b WHERE starts_with(name, b)) "
            "ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED)",
            [exact, beginnings],
        )


def forget() -> None:
    """Idempotency keys after a day, told events after thirty; both are found by the age in their ids."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM documents_idempotencykey WHERE id < %s", [oldest_id(now - KEYS_KEPT)])
        cursor.execute(
            "DELETE FROM history_outboxevent WHERE id IN (SELECT id FROM history_outboxevent "
            "WHERE id < %s AND done_at IS NOT NULL ORDER BY id LIMIT 5000)",
            [oldest_id(now - EVENTS_KEPT)],
        )


def oldest_id(moment: dt.datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
