"""Reports over the API."""

from __future__ import annotations

from typing import Any

from kontor.context import Context


def reports_for(ctx: Context) -> list[Any]:
    """The reports the user may run."""
    return []
