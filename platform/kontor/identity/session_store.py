"""Django's database sessions on our own table: encrypted, bound to a user, ended by the company's limits.

``expire_date`` is the end: the earlier of the idle limit from the last use and the absolute limit from the sign-in.
Whoever comes after it finds no session, whatever the browser still holds.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from kontor.identity import sealing

BEGUN = "_begun"  # of the signed-in session, seconds since 1970
AT_THE_DOOR = dt.timedelta(minutes=30)  # between password and second factor, say


class SessionStore(DatabaseStore):
    """One row a session in the tenant's schema."""

    row: Any = None  # as it was loaded by this request

    @classmethod
    def get_model_class(cls) -> Any:
        from kontor.identity.models import Session  # settings name this store before models are loaded

        return Session

    def _get_session_from_db(self) -> Any:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def encode(self, session_dict: dict[str, Any]) -> str:
        return sealing.seal(super().encode(session_dict))

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """Empty where no key opens it, as with Django's own."""
        text = session_data.decode() if isinstance(session_data, bytes) else session_data
        try:
            return super().decode(sealing.unseal(text))
        except sealing.Sealed:
            return {}

    def create_model_instance(self, data: Any) -> Any:
        from kontor.identity.sessions import limits  # which reads the company's settings, once they are loaded

        now, user_id = timezone.now(), data.get("_auth_user_id") or None
        if user_id:
            data.setdefault(BEGUN, int(now.timestamp()))
        instance: Any = super().create_model_instance(data)
        instance.user_id = user_id
        instance.address, instance.agent = data.get("_address", ""), data.get("_agent", "")
        instance.seen_at, instance.expire_date = now, now + AT_THE_DOOR
        if user_id:
            instance.begun_at = dt.datetime.fromtimestamp(data[BEGUN], dt.UTC)
            instance.expire_date = limits().end(instance.begun_at, now)
        return instance
