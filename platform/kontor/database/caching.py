"""The cache: keys carry the company, so one's entry never answers another; without it work goes on.

Nothing is kept here that is not told elsewhere (companies, counts, how fast somebody calls), so a cache that
does not answer is an empty one: slower for a moment, and the limits of speed count again from nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache

from kontor.database.tenancy import current_schema

log = logging.getLogger(__name__)


def tenant_key(key: str, prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: schema, prefix, version, key."""
    return f"{current_schema()}:{prefix}:{version}:{key}"


class ForgivingCache(RedisCache):
    """Django's, but empty while its server is away or starting: reads miss, writes are dropped."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tried(lambda: super(ForgivingCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, *rest: Any, **named: Any) -> None:
        self._tried(lambda: super(ForgivingCache, self).set(key, value, *rest, **named), None)

    def add(self, key: Any, value: Any, *rest: Any, **named: Any) -> bool:
        """True also where nothing could be kept: to the caller it is the first."""
        return bool(self._tried(lambda: super(ForgivingCache, self).add(key, value, *rest, **named), True))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """``ValueError``, as for a key that is not there, where nobody answers."""
        counted = self._tried(lambda: super(ForgivingCache, self).incr(key, delta, version), None)
        if counted is None:
            raise ValueError(f"Key '{key}' not found")
        return int(counted)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._tried(lambda: super(ForgivingCache, self).delete(key, version), False))

    def _tried(self, work: Callable[[], Any], otherwise: Any) -> Any:
        client: Any = self._cache  # Django holds the library; its errors are taken from there
        failures = client._lib.exceptions
        try:
            return work()
        except (failures.ConnectionError, failures.TimeoutError) as error:
            log.warning("the cache does not answer: %s", error)
            return otherwise
