"""How fast a key and a company may call: counted a minute, in the cache that all processes share.

A process takes a thousandth of the limit at a time, so the shared counter is asked rarely; small limits
are exact.
"""

from __future__ import annotations

import os
import threading
import time

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from kontor.api.problems import TooFast
from kontor.database.tenancy import current_schema

WINDOW = 60  # seconds
PER_KEY = int(os.environ.get("KONTOR_API_RATE", "120000"))
PER_TENANT = int(os.environ.get("KONTOR_API_TENANT_RATE", "480000"))
_KEEP = 10_000
_leases: dict[tuple[str, str, int], list[int]] = {}  # → [left of the lease, taken by all so far]
_lock = threading.Lock()


def limit_headers(who: str) -> dict[str, str]:
    """Count one call; TooFast when the key or its company has used up the minute."""
    now = time.time()
    window = int(now // WINDOW)
    reset = int((window + 1) * WINDOW - now) + 1
    per_key = int(getattr(settings, "API_RATE_PER_KEY", PER_KEY))
    left = min(
        _take(who, window, per_key),
        _take("tenant", window, int(getattr(settings, "API_RATE_PER_TENANT", PER_TENANT))),
    )
    if left < 0:
        raise TooFast(
            _("More than %(n)d calls in a minute. Wait %(s)d seconds.") % {"n": per_key, "s": reset},
            retry_after=reset,
            rate_headers=_headers(per_key, 0, reset),
        )
    return _headers(per_key, left, reset)


def _headers(limit: int, left: int, reset: int) -> dict[str, str]:
    return {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(max(left, 0)), "RateLimit-Reset": str(reset)}


def _take(who: str, window: int, limit: int) -> int:
    """What is left in the window after this call; below zero: nothing was."""
    step = max(1, limit // 1000)
    place = (current_schema(), who, window)
    with _lock:
        lease = _leases.get(place)
        if lease is None or lease[0] <= 0:
            if len(_leases) > _KEEP:
                _leases.clear()
            lease = _leases[place] = [step, _add(who, window, step)]
        lease[0] -= 1
        return limit - lease[1] + lease[0]


def _add(who: str, window: int, step: int) -> int:
    key = f"api-rate:{who}:{window}"
    try:
        return int(cache.incr(key, step))
    except ValueError:
        if cache.add(key, step, 2 * WINDOW):
            return step
        return int(cache.incr(key, step))


def forget() -> None:
    """For tests: begin anew."""
    with _lock:
        _leases.clear()
