"""Who calls: a key in the header, or the browser's session with its CSRF token."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import SessionAuthentication as DrfSession
from rest_framework.exceptions import AuthenticationFailed

from kontor.api.keys import user_and_context
from kontor.api.problems import request_id_of
from kontor.context import Context
from kontor.errors import NotAllowed
from kontor.identity.addresses import address_of
from kontor.identity.api import context_for
from kontor.identity.models import User

_WORDS = ("bearer", "api-key")
_READING = ("GET", "HEAD", "OPTIONS")


class KeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer <key>`` or ``Api-Key <key>``; the context stands in ``request.auth``."""

    def authenticate(self, request: Any) -> tuple[User, Context] | None:
        word, _sep, key = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if word.lower() not in _WORDS:
            if word:
                raise AuthenticationFailed(_("Send the key as “Authorization: Bearer <key>”."))
            return None
        key = key.strip()
        found = user_and_context(key) if key.isascii() and 10 <= len(key) <= 200 else None
        if found is None:
            raise AuthenticationFailed(_("The key is unknown, revoked or expired. Ask an administrator for a new one."))
        user, ctx, key_id = found
        ctx.request_id = request_id_of(request)
        ctx.address = address_of(request._request)
        request.limit_key = f"k:{key_id}"
        request._request.key_ctx = ctx
        if ctx.rights.limit is not None and ctx.rights.limit.read_only and request.method not in _READING:
            raise NotAllowed(_("This key may only read. Make one that may write under “My API keys”."))
        return user, ctx

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


class SessionAuthentication(DrfSession):
    """The signed-in browser: unsafe methods need the CSRF token."""

    def authenticate(self, request: Any) -> tuple[User, Context] | None:
        plain = request._request
        user = getattr(plain, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        self.enforce_csrf(request)
        ctx = getattr(plain, "ctx", None) or context_for(
            user, request_id=request_id_of(request), address=address_of(plain)
        )
        request.limit_key = f"u:{user.pk}"
        return user, ctx
