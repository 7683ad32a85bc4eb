"""Where the time of an order goes: each statement with its place in the code, a profile of the CPU."""

from __future__ import annotations

import collections
import cProfile
import pstats
import re
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.load.walk import STEPS, Walk


@contextmanager
def captured() -> Iterator[list[str]]:
    """The statements of the block, as text."""
    from django.db import connection

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def shape(sql: str) -> str:
    """A statement without its columns."""
    words = re.sub(r"\s+", " ", sql)
    found = re.match(r"(SELECT)\b.*? FROM (\S+)(.*)", words)
    return f"SELECT … FROM {found.group(2)}{found.group(3)[:90]}" if found else words[:120]


def statements(walk: Walk) -> None:
    """Each statement of one order with the place in the code that made it."""
    from django.db import connection

    rows: list[tuple[str, str, str]] = []
    now = ["-"]

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        frames = [f for f in traceback.extract_stack() if "/platform/" in f.filename and "wrapper" not in f.filename]
        at = " < ".join(f"{f.filename.partition('/platform/')[2]}:{f.lineno}" for f in reversed(frames[-4:]))
        rows.append((now[0], shape(sql), at))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        walk.one(7, lambda step: now.__setitem__(0, step))
    for step, sql, at in rows:
        print(f"{step:8} {sql[:110]:110}  {at}")
    told = collections.Counter(step for step, _sql, _at in rows)
    print(f"{len(rows)} statements: " + ", ".join(f"{step} {told[step]}" for step in STEPS))


def statements_of_bulk(walk: Walk, n: int) -> None:
    """How many statements n orders at once take, and which most often."""
    with captured() as seen:
        walk.many(0, n)
    print(f"{len(seen)} statements for {n} orders at once")
    for sql, times in collections.Counter(shape(s) for s in seen).most_common(12):
        print(f"  {times:5} {sql}")


def profiled(walk: Walk, orders: int) -> None:
    """Where the time goes: cProfile over the orders."""
    profile = cProfile.Profile(time.process_time)  # CPU, not the clock
    profile.enable()
    for i in range(orders):
        walk.one(i)
    profile.disable()
    stats = pstats.Stats(profile)
    stats.sort_stats("tottime").print_stats(45)
    stats.sort_stats("cumulative").print_stats(r"/platform/", 90)
