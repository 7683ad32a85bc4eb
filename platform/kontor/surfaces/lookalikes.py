"""Records that may be the one being entered: a module says who looks alike, forms and imports ask.

    @lookalikes("parties.customer", fields="name phone tax_number email")
    def f(ctx, spec, values, but) -> list[Lookalike]

``values`` are what has been entered so far by field name, ``but`` is the record being edited. Nothing
outside the caller's scope may be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kontor.context import Context
from kontor.resources.spec import Spec


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A record that may be the same, and why, in words for people."""

    resource: str
    id: UUID
    name: str
    code: str
    reasons: tuple[Any, ...]


Finder = Callable[[Context, Spec, Mapping[str, str], UUID | None], list[Lookalike]]
_finders: dict[str, tuple[Finder, tuple[str, ...]]] = {}


def lookalikes(resource: str, *, fields: str) -> Callable[[Finder], Finder]:
    """Decorator: the finder of a resource and the fields that it compares."""

    def keep(function: Finder) -> Finder:
        _finders[resource] = function, tuple(fields.split())
        return function

    return keep


def compared(spec: Spec) -> tuple[str, ...]:
    """The fields by which a look-alike is found; none where nobody looks."""
    return _finders[spec.name][1] if spec.name in _finders else ()


def alike(ctx: Context, spec: Spec, values: Mapping[str, Any], but: UUID | None = None) -> list[Lookalike]:
    """The records in the caller's scope that look like these values, the likeliest first."""
    found = _finders.get(spec.name)
    if found is None:
        return []
    finder, names = found
    said = {n: str(values[n]).strip()[:200] for n in names if values.get(n) not in (None, "")}
    return finder(ctx, spec, said, but) if any(said.values()) else []
