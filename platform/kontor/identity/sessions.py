"""How long people stay signed in: without use, and at most (OWASP ASVS 4.0.3, 3.3.2)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.identity.models import Session

_TOUCH = dt.timedelta(minutes=1)  # use is written down at most once a minute
_KEPT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one company."""

    idle: dt.timedelta
    absolute: dt.timedelta

    def end(self, begun: dt.datetime, seen: dt.datetime) -> dt.datetime:
        """When a session ends that is not used any more."""
        return min(begun + self.absolute, seen + self.idle)


def limits(ctx: Context | None = None) -> Limits:
    """The company's limits."""
    minutes, hours = (configuration.get(f"security.{n}", ctx) for n in ("idle_minutes", "session_hours"))
    return Limits(dt.timedelta(minutes=int(minutes)), dt.timedelta(hours=int(hours)))


def keep(session: Any, ctx: Context, *, at_once: bool = False) -> None:
    """The session is in use: its idle time begins anew. Never waits for another request of the same browser."""
    row, now = session.row, timezone.now()
    if row is None or (row.seen_at and now - row.seen_at < _TOUCH and not at_once):
        return
    begun = row.begun_at or row.seen_at or now
    end = limits(ctx).end(begun, now)
    free = Session.objects.filter(pk=row.pk).select_for_update(skip_locked=True, no_key=True).values("pk")
    Session.objects.filter(pk__in=free).update(begun_at=begun, seen_at=now, expire_date=end)
    row.begun_at, row.seen_at, row.expire_date = begun, now, end


def seconds_left(session: Any) -> int:
    """Until the session ends without further use; 0 where it is not known."""
    row = session.row
    return max(0, int((row.expire_date - timezone.now()).total_seconds())) if row is not None else 0


def shorten() -> int:
    """After a change of the limits: open sessions end by the new ones where these are earlier; how many are left."""
    now = limits()
    Session.objects.filter(user__isnull=False).update(
        expire_date=Least(F("expire_date"), F("begun_at") + now.absolute, F("seen_at") + now.idle)
    )
    return Session.objects.filter(user__isnull=False, expire_date__gt=timezone.now()).count()


def live(user_id: UUID) -> Any:
    """A user's open sessions."""
    return Session.objects.filter(user_id=user_id, expire_date__gt=timezone.now())


def sweep() -> None:
    """Drop what ended long ago."""
    Session.objects.filter(expire_date__lt=timezone.now() - _KEPT).delete()
