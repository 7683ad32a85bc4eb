"""A cache whose server is away is an empty cache, not a fault of the page."""

from __future__ import annotations

import pytest

from kontor.database.caching import ForgivingCache


def test_without_its_server_the_cache_is_empty():
    cache = ForgivingCache("redis://127.0.0.1:1", {"OPTIONS": {"socket_connect_timeout": 1}})
    assert cache.get("a") is None and cache.get("a", 3) == 3
    cache.set("a", 1, 30)
    assert cache.add("a", 1, 30) is True
    assert cache.delete("a") is False
    assert cache.get_or_set("b", 4) == 4
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a", 2)
