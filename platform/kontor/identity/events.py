"""Security events: refused accesses and failed proofs, in the company's audit and one line each in the log.

Nothing that was typed is kept: no password, key, code or body, no query of an address; of an unknown user name only
that it was unknown, because people type passwords into the wrong field.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest

from kontor.access.rights import Rights
from kontor.context import Context
from kontor.history.recording import Deed, record
from kontor.identity.addresses import address_of
from kontor.identity.models import User

log = logging.getLogger("kontor.security")

RESOURCE = "security"  # of events that are about no record
FAILURES = (
    "sign-in failed",
    "sign-in locked",
    "second factor failed",
    "confirmation failed",
    "key refused",
    "form refused",
    "access refused",
)
_MOST = 60  # rows a minute for one address, so that nobody fills the audit; the log has all


def failure(
    request: HttpRequest,
    verb: str,
    *,
    user: User | None = None,
    ctx: Context | None = None,
    resource: str = RESOURCE,
    record_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Write one of FAILURES down. ``facts`` are short words of ours, never what somebody sent."""
    told = facts | {"path": quote(request.path)[:200]}
    address = address_of(request)
    who = str(ctx.user_id if ctx else user.pk if user else "-")
    log.warning(
        "%s user=%s address=%s request=%s %s",
        verb,
        who,
        quote(address, safe=":."),
        getattr(request, "request_id", ""),
        " ".join(f"{k}={v}" for k, v in told.items()),
    )
    if connection.needs_rollback or _too_many(address):
        return
    actor = ctx or Context(
        user_id=user.pk if user else None,
        user_name=user.get_full_name() if user else "–",
        rights=Rights(),
        address=address,
        request_id=getattr(request, "request_id", ""),
    )
    record(actor, [Deed(resource, record_id, verb, {k: [None, v] for k, v in told.items()})], events=False)


def _too_many(address: str) -> bool:
    key = f"security-events:{address}:{int(time.time() // 60)}"
    if cache.add(key, 1, 90):
        return False
    try:
        return cache.incr(key) > _MOST
    except ValueError:  # the cache does not answer
        return False
