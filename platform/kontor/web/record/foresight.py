"""What an action would do beyond vouchers and moves, told before it is done: what is reserved, what is short.

    @foresight("sales.order", "confirm", "override_credit")
    def confirm(ctx, record) -> list[Foreseen]: ...

in a module's ``panels.py``. It runs inside the dry run, after the deed, and everything it reads is taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kontor.context import Context


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One sentence or row of what would be: a title, words under it, a figure; look ok, warn, bad or empty."""

    title: Any
    note: Any = ""
    fact: Any = ""
    look: str = ""
    icon: str = ""


Maker = Callable[[Context, Any], list[Foreseen]]
_makers: dict[tuple[str, str], Maker] = {}


def foresight(resource: str, *actions: str) -> Callable[[Maker], Maker]:
    """Decorator: the function tells what these actions of the resource would bring about."""

    def keep(make: Maker) -> Maker:
        for name in actions:
            _makers[resource, name] = make
        return make

    return keep


def foreseen(ctx: Context, resource: str, action: str, record: Any) -> list[Foreseen]:
    """What the module says of the deed that was just tried."""
    make = _makers.get((resource, action))
    return make(ctx, record) if make else []
