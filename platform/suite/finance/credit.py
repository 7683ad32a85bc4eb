"""Credit of customers: what they use of their limit, moved under row lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db import connection

from kontor.context import Context
from kontor.values.columns import new_id
from kontor.values.money import round_amount
from suite.finance import exchange
from suite.finance.models import CreditLine
from suite.finance.values import ZERO, CreditState
from suite.parties import api as parties


def credit(ctx: Context, party_id: UUID) -> CreditState:
    """Limit, used and free credit of a party in book currency; no lock."""
    used = CreditLine.objects.filter(party_id=party_id).values_list("exposure", flat=True).first() or ZERO
    return _state(ctx, party_id, used, ctx.today)


def credits_of(ctx: Context, party_ids: Iterable[UUID]) -> dict[UUID, CreditState]:
    """The same for several parties; two queries."""
    ids = list(party_ids)
    parties.customers(ctx, ids)
    used = dict(CreditLine.objects.filter(party_id__in=ids).values_list("party_id", "exposure"))
    return {pk: _state(ctx, pk, used.get(pk, ZERO), ctx.today) for pk in ids}


def expose(ctx: Context, party_id: UUID, delta: Decimal, currency: str, on: dt.date) -> CreditState:
    """Move the used credit by ``delta`` (in ``currency``) and return the state after it.

    The row stays locked to the end, so two orders of one customer see each other. Whether an excess
    is allowed is the caller's to decide: nothing is refused here.
    """
    moved = (
        delta
        if currency == ctx.currency
        else round_amount(delta * exchange.rate(ctx, currency, ctx.currency, on), ctx.currency)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO finance_creditline AS c (id, party_id, exposure, updated_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (party_id) DO UPDATE SET exposure = c.exposure + EXCLUDED.exposure, "
            "updated_at = EXCLUDED.updated_at RETURNING exposure",
            [new_id(), party_id, moved, ctx.now],
        )
        used = Decimal(cursor.fetchone()[0])
    return _state(ctx, party_id, used, on)


def _state(ctx: Context, party_id: UUID, used: Decimal, on: dt.date) -> CreditState:
    customer = parties.customers(ctx, [party_id]).get(party_id)
    used = round_amount(used, ctx.currency)
    if customer is None or customer.credit_limit is None:
        return CreditState(None, used, None)
    limit = customer.credit_limit
    if customer.currency and customer.currency != ctx.currency:
        limit = limit * exchange.rate(ctx, customer.currency, ctx.currency, on)
    limit = round_amount(limit, ctx.currency)
    return CreditState(limit, used, limit - used)
