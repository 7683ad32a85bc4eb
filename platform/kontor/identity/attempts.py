"""Wrong passwords and wrong codes are counted in the company's own tables, so over all workers and restarts.

From the fifth in a row on the name (or the user's second factor) is locked, longer each time; a right one clears it.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.identity.models import LoginAttempt, User

FREE_FAILURES = 5  # wrong ones in a row before it is locked
FIRST_LOCK = dt.timedelta(minutes=5)  # doubled by every further failure
LONGEST_LOCK = dt.timedelta(hours=4)


def refuse_if_locked(name: str) -> None:
    """Raise ValidationError with the time that is left."""
    until = locked_until(name)
    if until is not None:
        raise ValidationError(_locked(until))


def locked_until(name: str) -> dt.datetime | None:
    """When the lock ends; None where there is none."""
    row = LoginAttempt.objects.filter(username=name).first()
    return row.locked_until if row and row.locked_until and row.locked_until > timezone.now() else None


def failed(name: str) -> dt.datetime | None:
    """Count one more; returns the end of the lock that it brought."""
    LoginAttempt.objects.get_or_create(username=name)
    row = LoginAttempt.objects.select_for_update().get(username=name)
    row.failures += 1
    if row.failures >= FREE_FAILURES:
        lock = min(FIRST_LOCK * 2 ** min(row.failures - FREE_FAILURES, 10), LONGEST_LOCK)
        row.locked_until = timezone.now() + lock
    row.save(update_fields=["failures", "locked_until"])
    return row.locked_until if row.failures >= FREE_FAILURES else None


def cleared(*names: str) -> None:
    """A right one came, or an administrator gave a new password."""
    LoginAttempt.objects.filter(username__in=names).delete()


def names_of(user: User) -> list[str]:
    """Under which the failures of a user are counted: what was typed, and the second factor."""
    return [n for n in (user.username.lower(), user.email.lower(), factor_of(user)) if n]


def factor_of(user: User) -> str:
    """The name under which wrong codes are counted; no user name has a space."""
    return f"second factor {user.pk}"


def _locked(until: dt.datetime) -> str:
    minutes = max(1, -int((timezone.now() - until).total_seconds() // 60))
    wait = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("Too many wrong passwords. Wait %(wait)s, or ask your administrator for a new one.") % {"wait": wait}
