"""The course of a document as its module tells it: stages beyond the states, and what each still lacks.

    @course("sales.order")
    def order_course(ctx, row) -> list[Stage]: ...

in a module's ``panels.py``; ``row`` is the record as ``query.one`` reads it. Without one, and where it answers
None (a cancelled document), the bar shows the states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kontor.context import Context

DONE, NOW, LATER, OFF = "is-done", "is-now", "", "is-off"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; ``state`` names the lifecycle's state it stands for, so that who and when are added."""

    label: Any
    look: str = LATER
    note: str = ""
    missing: tuple[str, ...] = ()
    state: str = ""


Maker = Callable[[Context, Mapping[str, Any]], list[Stage] | None]
_courses: dict[str, Maker] = {}


def course(resource: str) -> Callable[[Maker], Maker]:
    """Decorator: the function tells the stages of a resource."""

    def keep(make: Maker) -> Maker:
        _courses[resource] = make
        return make

    return keep


def course_of(ctx: Context, resource: str, row: Mapping[str, Any]) -> list[Stage] | None:
    """The stages of this record; None where no module tells them."""
    make = _courses.get(resource)
    return make(ctx, row) if make else None
