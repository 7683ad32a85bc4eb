"""Followers: functions told of events after commit, at least once, in the process of the sweeper.

    @follows("sales.order.confirmed")
    def after_confirm(ctx, event): ...

in a module's ``followers.py``; ``"sales.order.*"`` follows every event of a resource. A follower may be
told twice (a worker died between its deed and the mark), so what it does must stand twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kontor.context import Context


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record."""

    id: UUID
    name: str
    resource: str
    record_id: UUID
    version: int
    at: dt.datetime
    payload: dict[str, Any]


Follower = Callable[[Context, Event], None]
_followers: dict[str, list[Follower]] = {}


def follows(*names: str) -> Callable[[Follower], Follower]:
    """Decorator: tell the function of these events."""

    def keep(function: Follower) -> Follower:
        for name in names:
            _followers.setdefault(name, []).append(function)
        return function

    return keep


def followers_of(name: str) -> list[Follower]:
    """Who follows an event, by its name or its resource."""
    return [*_followers.get(name, ()), *_followers.get(f"{name.rpartition('.')[0]}.*", ())]


def followed() -> tuple[list[str], list[str]]:
    """All followed names, and the beginnings of those followed by resource."""
    exact = [name for name in _followers if not name.endswith(".*")]
    return exact, [name[:-1] for name in _followers if name.endswith(".*")]
