"""The one way out of the generic list: rows that are no table's own (balances by location and lot).

    @api_list("inventory.balance", by="location,lot")
    def finer(call, spec): return {"results": […], "next": None}

in a module's ``panels.py``. Without ``by`` the function answers the plain list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Hatch = Callable[[Any, Any], dict[str, Any]]
_lists: dict[tuple[str, str], Hatch] = {}


def api_list(resource: str, by: str = "") -> Callable[[Hatch], Hatch]:
    """Decorator: ``function(call, spec)`` gives the body of the list; it keeps right and scope itself."""

    def keep(function: Hatch) -> Hatch:
        _lists[(resource, _sorted(by))] = function
        return function

    return keep


def list_hatch(resource: str, by: str = "") -> Hatch | None:
    """The function for a list, if it has one of its own."""
    return _lists.get((resource, _sorted(by)))


def _sorted(by: str) -> str:
    return ",".join(sorted(part.strip() for part in by.split(",") if part.strip()))
