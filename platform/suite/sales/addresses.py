"""The copies of a customer's addresses that documents freeze."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kontor.context import Context
from suite.parties import api as parties


def keep_addresses(ctx: Context, documents: Sequence[Any]) -> None:
    """Read at once what documents of several customers are going to freeze."""
    parties.snapshots(ctx, {document.customer_id for document in documents})


def frozen_address(ctx: Context, customer_id: UUID, purpose: str) -> dict[str, Any]:
    """What a document keeps of the customer for ``invoice`` or ``delivery``; read once a call."""
    cache: dict[tuple[UUID, str], dict[str, Any]] = ctx.cache.setdefault("sales.addresses", {})
    key = (customer_id, purpose)
    if key not in cache:
        cache[key] = parties.snapshot(ctx, customer_id, purpose)
    return dict(cache[key])
