"""A form that is sent twice does its work once: each rendered form carries a token of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.db import transaction

from kontor.context import Context
from kontor.documents.models import IdempotencyKey


def new_token() -> str:
    """The token of a form about to be shown."""
    return secrets.token_urlsafe(12)


def once(ctx: Context, token: str, work: Callable[[], str]) -> str:
    """Run ``work`` unless a form with this token did; both get the address that the first one answered.

    The second of two at once waits for the first: the key's unique index decides. A refusal takes the
    key back with everything else, so the corrected form may be sent again.
    """
    if not token or ctx.user_id is None:
        return work()
    key = f"web:{token[:80]}"
    with transaction.atomic():
        row = IdempotencyKey(user_id=ctx.user_id, key=key, fingerprint="", status=303)
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
        stored = IdempotencyKey.objects.get(user_id=ctx.user_id, key=key)
        if stored.pk != row.pk:
            return stored.body
        answer = work()
        IdempotencyKey.objects.filter(pk=row.pk).update(body=answer)
    return answer
