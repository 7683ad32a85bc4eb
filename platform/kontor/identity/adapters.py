"""allauth's hooks: nobody signs up by himself; wrong passwords lock a name for a while; sign-ins are in the audit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.history.recording import Deed, record
from kontor.identity.addresses import address_of
from kontor.identity.api import context_for
from kontor.identity.models import LoginAttempt

FREE_FAILURES = 5  # wrong passwords in a row before the name is locked
FIRST_LOCK = dt.timedelta(minutes=5)  # doubled by every further failure
LONGEST_LOCK = dt.timedelta(hours=4)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in only."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def pre_authenticate(self, request: Any, **credentials: Any) -> None:
        """Refuse at once while the name is locked, with the time that is left."""
        row = LoginAttempt.objects.filter(username=_name(credentials)).first()
        if row is not None and row.locked_until is not None and row.locked_until > timezone.now():
            raise ValidationError(_locked(row.locked_until))
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: Any, **credentials: Any) -> None:
        """Count it; from the fifth on the name is locked, longer each time."""
        name = _name(credentials)
        LoginAttempt.objects.get_or_create(username=name)
        row = LoginAttempt.objects.select_for_update().get(username=name)
        row.failures += 1
        if row.failures >= FREE_FAILURES:
            lock = min(FIRST_LOCK * 2 ** min(row.failures - FREE_FAILURES, 10), LONGEST_LOCK)
            row.locked_until = timezone.now() + lock
        row.save(update_fields=["failures", "locked_until"])
        if row.locked_until is not None and row.failures >= FREE_FAILURES:
            raise ValidationError(_locked(row.locked_until))

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """A right password clears the count."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            LoginAttempt.objects.filter(username=_name(credentials)).delete()
        return user

    def post_login(self, request: Any, user: Any, **more: Any) -> Any:
        """The audit keeps who signed in and from where."""
        ctx = context_for(user, address=address_of(request), request_id=getattr(request, "request_id", ""))
        record(ctx, [Deed("identity.user", user.pk, "signed in")], events=False)
        request.session["_address"] = address_of(request)
        request.session["_agent"] = request.headers.get("User-Agent", "")[:300]
        return super().post_login(request, user, **more)


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get("email") or "").strip().lower()[:150]


def _locked(until: dt.datetime) -> str:
    minutes = max(1, -int((timezone.now() - until).total_seconds() // 60))
    wait = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return _("Too many wrong passwords. Wait %(wait)s, or ask your administrator for a new one.") % {"wait": wait}
