"""What an action's panel holds before anybody types: remaining quantities, today's date.

``@prefill("sales.order", "deliver")`` on ``function(ctx, row) -> dict`` gives the body in the shape that the
API takes; ``row`` is the document as ``query.one`` reads it, with its lines. Rows of a list in the body may
carry ``_label`` and ``_note``, which stand before their inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kontor.context import Context

Fill = Callable[[Context, Mapping[str, Any]], dict[str, Any]]
_fills: dict[tuple[str, str], Fill] = {}


def prefill(resource: str, *actions: str) -> Callable[[Fill], Fill]:
    """Decorator: this function fills the panel of these actions."""

    def keep(function: Fill) -> Fill:
        for action in actions:
            _fills[resource, action] = function
        return function

    return keep


def filled(ctx: Context, resource: str, action: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The body of an action as far as a module fills it; empty where none does."""
    function = _fills.get((resource, action))
    return function(ctx, row) if function else {}
