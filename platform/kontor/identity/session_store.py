"""Django's database sessions on our own table, which knows the user and the browser."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone


class SessionStore(DatabaseStore):
    """One row a session in the tenant's schema."""

    @classmethod
    def get_model_class(cls) -> Any:
        from kontor.identity.models import Session

        return Session

    def create_model_instance(self, data: Any) -> Any:
        instance: Any = super().create_model_instance(data)
        instance.user_id = data.get("_auth_user_id") or None
        instance.address, instance.agent = data.get("_address", ""), data.get("_agent", "")
        instance.seen_at = timezone.now()
        return instance
