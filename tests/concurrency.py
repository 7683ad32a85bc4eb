"""Works done at the same moment, each in a thread and a transaction of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from django.db import connection

Desk = TypeVar("Desk")


def at_once(
    works: Sequence[Callable[[Desk], Any]],
    inside: Callable[[], AbstractContextManager[Desk]],
    *,
    threads: int = 0,
    patience: int = 240,
) -> list[Any]:
    """Results or exceptions in the order of the works; ``inside`` opens a transaction and gives what a work needs.

    All start together, a thread each, or so many threads that take one after the other.
    """
    out: list[Any] = [None] * len(works)
    todo = iter(range(len(works)))
    count = threads or len(works)
    guard, gun = threading.Lock(), threading.Barrier(count)

    def run() -> None:
        gun.wait(30)
        try:
            while True:
                with guard:
                    at = next(todo, None)
                if at is None:
                    return
                try:
                    with inside() as desk:
                        out[at] = works[at](desk)
                except Exception as error:  # the test looks at what came of each
                    out[at] = error
        finally:
            connection.close()

    crew = [threading.Thread(target=run) for _n in range(count)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join(patience)
    assert not any(thread.is_alive() for thread in crew)
    return out
