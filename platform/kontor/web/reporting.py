"""The declared reports as the screens know them."""

from __future__ import annotations

from typing import Any

from kontor.context import Context


def reports_for(ctx: Context) -> list[Any]:
    """The reports that the user may open."""
    return []
