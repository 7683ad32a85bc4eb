"""What a type-ahead shows beside code and name: a module may hang its own facts on a resource.

``@extra("catalog.product")`` on ``function(ctx, ids, params) -> {id: {"extra": "186 free · 4,850", …}}``;
``params`` are the further parameters of the request (party, currency, warehouse). What it gives is
merged into each row of the answer, so a form may read more than it shows. Shown are ``extra`` (grey words),
``mark`` (a grade beside the name), ``facts`` (``[{"text", "look"}]`` at the end) and ``warn``. Several modules
may speak of one resource: words and facts are put after each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from kontor.context import Context

Extra = Callable[[Context, Sequence[UUID], Mapping[str, str]], Mapping[UUID, Mapping[str, Any]]]
_extras: dict[str, list[tuple[int, Extra]]] = {}


def extra(resource: str, *, order: int = 50) -> Callable[[Extra], Extra]:
    """Decorator: the further facts of the type-ahead for a resource."""

    def keep(function: Extra) -> Extra:
        _extras.setdefault(resource, []).append((order, function))
        return function

    return keep


def extras_for(resource: str) -> Extra | None:
    """What all modules say of rows of the resource, in one function; None where none says anything."""
    known = [function for _order, function in sorted(_extras.get(resource, []), key=lambda pair: pair[0])]
    return partial(_together, known) if known else None


def _together(
    known: Sequence[Extra], ctx: Context, ids: Sequence[UUID], params: Mapping[str, str]
) -> dict[UUID, dict[str, Any]]:
    out: dict[UUID, dict[str, Any]] = {pk: {} for pk in ids}
    for function in known:
        for pk, told in function(ctx, ids, params).items():
            if pk not in out:
                continue
            for name, value in told.items():
                held = out[pk].get(name)
                if held and name in ("extra", "warn"):
                    value = " · ".join(x for x in (held, value) if x)
                elif held and name == "facts":
                    value = [*held, *value]
                out[pk][name] = value
    return out
