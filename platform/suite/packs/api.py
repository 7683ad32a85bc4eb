"""Country packs: chart of accounts, taxes, terms, units and formats of a country."""

from __future__ import annotations

from kontor.context import Context


def install(ctx: Context, country: str) -> None:
    """Bring in what a company of the country needs on its first day."""
