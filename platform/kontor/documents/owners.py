"""The owner protocol: a lower layer tells the one handler of the document it worked for.

A row made for another document names its owner by Ref. Handlers (``@registry.owner("sales.order")``)
are classes with any of these static functions, called in the same transaction:

``fulfilled(ctx, ids, kind)``   work of that kind was done for these documents (goods, money)
``may_cancel(ctx, id)``         reasons, as sentences, why the lower row may not be dropped
``released(ctx, ids, trigger)`` something they waited for has happened (reservation, instalment)

The handler re-runs its idempotent ``process``; nothing else is called back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from kontor.context import Context
from kontor.documents.records import Ref
from kontor.resources import registry


def fulfilled(ctx: Context, owners: Iterable[Ref], kind: str) -> None:
    """Tell each owner's handler, once a resource, that work for it was done."""
    _tell("fulfilled", ctx, owners, kind)


def released(ctx: Context, owners: Iterable[Ref], trigger: str) -> None:
    """Tell each owner's handler that what it waited for has happened."""
    _tell("released", ctx, owners, trigger)


def may_cancel(ctx: Context, owner: Ref) -> list[str]:
    """Why the owner does not allow that its row is dropped; empty: it may be."""
    handler = registry.owner_handler(owner.resource)
    ask = getattr(handler, "may_cancel", None)
    return list(ask(ctx, owner.id)) if ask else []


def _tell(name: str, ctx: Context, owners: Iterable[Ref], about: str) -> None:
    by_resource: dict[str, list[UUID]] = {}
    for ref in owners:
        ids = by_resource.setdefault(ref.resource, [])
        if ref.id not in ids:
            ids.append(ref.id)
    for resource in sorted(by_resource):
        handler: Any = registry.owner_handler(resource)
        told = getattr(handler, name, None)
        if told:
            told(ctx, sorted(by_resource[resource]), about)
