"""Credit of customers: what they use of their limit, moved under row lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from kontor.context import Context
from kontor.database.prepared import array
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


@dataclass(frozen=True, slots=True)
class Exposure:
    """A movement of a party's used credit, in ``currency``, valued on a day."""

    party_id: UUID
    delta: Decimal
    currency: str
    on: dt.date


def expose(ctx: Context, party_id: UUID, delta: Decimal, currency: str, on: dt.date) -> CreditState:
    """Move the used credit by ``delta`` (in ``currency``) and return the state after it."""
    return expose_many(ctx, [Exposure(party_id, delta, currency, on)])[0]


def expose_many(ctx: Context, wanted: Sequence[Exposure]) -> list[CreditState]:
    """Move used credit one after the other; the state after each, all in one statement.

    The rows stay locked to the end, in the order of the parties, so two orders of one customer see each
    other. Whether an excess is allowed is the caller's to decide: nothing is refused here.
    """
    moved = [_in_book(ctx, x) for x in wanted]
    sums: dict[UUID, Decimal] = {}
    for x, amount in zip(wanted, moved, strict=True):
        sums[x.party_id] = sums.get(x.party_id, ZERO) + amount
    ids = sorted(sums)
    parties.customers(ctx, ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO finance_creditline AS c (id, party_id, exposure, updated_at) "
            "SELECT v.id, v.party_id, v.exposure, %s FROM unnest(%s::uuid[], %s::uuid[], %s::numeric[]) "
            "AS v (id, party_id, exposure) ORDER BY v.party_id "
            "ON CONFLICT (party_id) DO UPDATE SET exposure = c.exposure + EXCLUDED.exposure, "
            "updated_at = EXCLUDED.updated_at RETURNING party_id, exposure",
            [ctx.now, array(new_id() for _pk in ids), array(ids), array(sums[pk] for pk in ids)],
        )
        used = {UUID(str(pk)): Decimal(after) - sums[UUID(str(pk))] for pk, after in cursor.fetchall()}
    out = []
    for x, amount in zip(wanted, moved, strict=True):
        used[x.party_id] += amount
        out.append(_state(ctx, x.party_id, used[x.party_id], x.on))
    return out


def _in_book(ctx: Context, x: Exposure) -> Decimal:
    if x.currency == ctx.currency:
        return x.delta
    return round_amount(x.delta * exchange.rate(ctx, x.currency, ctx.currency, x.on), ctx.currency)


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
