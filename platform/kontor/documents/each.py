"""One action on many records, each for itself: a refusal stops its own record, the others go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from kontor.context import Context
from kontor.documents.gate import Outcome, perform_many
from kontor.errors import Refused


def perform_each(
    ctx: Context,
    resource: str,
    pks: Sequence[Any],
    action: str,
    body: Mapping[str, Any] | None = None,
    *,
    versions: Sequence[int | None] | None = None,
) -> list[Outcome | Refused]:
    """Outcome or refusal of each, in their order, as if they were done one after the other.

    They are tried together, a statement a table; where that is refused, each half by itself, so that a
    few refusals among many cost little.
    """
    known = list(versions) if versions is not None else [None] * len(pks)
    if len({str(pk) for pk in pks}) == len(pks) or len(pks) == 1:
        try:
            with transaction.atomic():
                return [*perform_many(ctx, resource, pks, action, body, versions=known)]
        except Refused as refusal:
            if len(pks) == 1:
                return [refusal]
    half = len(pks) // 2
    return [
        *perform_each(ctx, resource, pks[:half], action, body, versions=known[:half]),
        *perform_each(ctx, resource, pks[half:], action, body, versions=known[half:]),
    ]
