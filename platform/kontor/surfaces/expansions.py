"""Putting objects in the place of ids (``expand=customer,lines.product``), and further things to expand.

One query per relation and level, whatever the number of rows. Beside references a module may hang
named expansions on every document (``vouchers``, ``moves``)::

    @expansion("vouchers")
    def vouchers(ctx, spec, ids) -> dict[UUID, list[dict]]: ...

in its ``panels.py`` or ``owners.py``, which are read at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid
from kontor.resources.spec import Spec

DEEPEST = 3
Tree = dict[str, "Tree"]
Expander = Callable[[Context, Spec, list[UUID]], Mapping[UUID, Any]]
EffectsFilter = Callable[[Context, list[dict[str, Any]]], list[dict[str, Any]]]
_expanders: dict[str, Expander] = {}
_filters: dict[str, EffectsFilter] = {}


def expansion(name: str) -> Callable[[Expander], Expander]:
    """Decorator: ``function(ctx, spec, ids)`` gives what ``expand=<name>`` shows of each record."""

    def keep(function: Expander) -> Expander:
        _expanders[name] = function
        return function

    return keep


def expander(name: str) -> Expander | None:
    """The function behind a named expansion."""
    return _expanders.get(name)


def effects_filter(kind: str) -> Callable[[EffectsFilter], EffectsFilter]:
    """Decorator: ``function(ctx, effects)`` leaves those that the user may know of a dry run's vouchers, say."""

    def keep(function: EffectsFilter) -> EffectsFilter:
        _filters[kind] = function
        return function

    return keep


def effects_shown(ctx: Context, effects: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """What a dry run would do, as far as the user may know it: always a list of each kind that is known."""
    out = {kind: _filters[kind](ctx, found) if kind in _filters else found for kind, found in effects.items()}
    return {"vouchers": [], "moves": [], **out}


def tree_of(paths: Iterable[str]) -> Tree:
    """``["customer", "lines.product"]`` → a tree; deeper than three is refused."""
    tree: Tree = {}
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEEPEST:
            raise Invalid.at("/expand", _("At most %(n)d levels can be expanded.") % {"n": DEEPEST})
        at = tree
        for part in parts:
            at = at.setdefault(part, {})
    return tree
