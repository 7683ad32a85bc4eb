"""What modules show beside each line of a draft: availability with its arithmetic, say.

A module's ``panels.py`` registers one function a resource::

    @line_facts("sales.order")
    def availability(ctx, draft_rows) -> list[dict]: ...

``draft_rows`` are rows of ``query.lines_of`` (with titles) in their order; each holds the document's own
row under ``_record``. The answer has one dict a row, empty where there is nothing to say::

    {"text": "72", "look": "ok" | "short" | "none", "title": "BS-1605-C5", "place": "Hsinchu",
     "terms": [{"name": "On hand", "quantity": "95", "links": [{"label": "PO-2611-0112", "href": "/…/"}]}],
     "total": {"name": "Available", "quantity": "72"}, "note": "This line needs 80, 8 are missing.",
     "note_look": "warn"}

Words are in the reader's language, quantities are written out (negative ones are subtracted).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kontor.context import Context

Look = Callable[[Context, list[dict[str, Any]]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class LineFacts:
    """The function and the heading of its column."""

    label: Any
    look: Look


_facts: dict[str, LineFacts] = {}


def line_facts(resource: str, *, label: Any = None) -> Callable[[Look], Look]:
    """Decorator: this function says what stands beside the lines of the resource."""

    def keep(function: Look) -> Look:
        _facts[resource] = LineFacts(label or _("Available"), function)
        return function

    return keep


def facts_for(resource: str) -> LineFacts | None:
    """The registered function with its heading; None where no module contributes."""
    return _facts.get(resource)
