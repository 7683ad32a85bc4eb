"""What a type-ahead shows beside code and name: a module may hang its own facts on a resource.

``@extra("catalog.product")`` on ``function(ctx, ids, params) -> {id: {"extra": "186 free · 4,850", …}}``;
``params`` are the further parameters of the request (party, currency, warehouse). What it gives is
merged into each row of the answer, so a form may read more than it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from kontor.context import Context

Extra = Callable[[Context, Sequence[UUID], Mapping[str, str]], Mapping[UUID, Mapping[str, Any]]]
_extras: dict[str, Extra] = {}


def extra(resource: str) -> Callable[[Extra], Extra]:
    """Decorator: the further facts of the type-ahead for a resource."""

    def keep(function: Extra) -> Extra:
        _extras[resource] = function
        return function

    return keep


def extras_for(resource: str) -> Extra | None:
    """The function registered for the resource."""
    return _extras.get(resource)
