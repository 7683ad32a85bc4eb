"""What a company gets of its country when it is founded, and again when the packs have moved on."""

from __future__ import annotations

from kontor.context import Context
from suite.packs.api import install
from tenants.contents import brings

VERSION = "1"  # raised with every change that companies which exist should get


@brings("packs", version=VERSION)
def _packs(ctx: Context, country: str, had: str) -> None:
    """What is there already stays as it is, by its code."""
    install(ctx, country)
