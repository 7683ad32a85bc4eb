"""Undoing what was carried out: reverse moves, the voucher's mirror, on a date in an open period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.errors import Refused
from kontor.values.columns import new_id
from suite.inventory import locks, places, posting
from suite.inventory.completing import finish, lock_operation, store_moves
from suite.inventory.contracts import Done
from suite.inventory.drawing import shortage
from suite.inventory.models import Move, Operation, PlannedMove
from suite.inventory.rules import ZERO
from suite.inventory.taking import Till, open_till, unhold
from suite.inventory.valuation import entered, value_moves

_M = Operation.Movement


def reverse(ctx: Context, operation_id: UUID, *, on: dt.date, reason: str) -> Done:
    """Reverse an adjustment or a receipt: what came in goes out at the value it came with.

    Refused ``not_enough_stock`` where it has been used, ``use_a_return`` for deliveries and returns.
    """
    with transaction.atomic():
        operation = lock_operation(operation_id)
        if operation.movement not in (_M.ADJUSTMENT, _M.RECEIPT):
            raise Refused(_("Goods that went to a customer come back by a return."), code="use_a_return")
        if operation.phase != Operation.Phase.DONE:
            raise Refused(_("Only what was carried out can be reversed, and only once."), code="illegal_state")
        calendars.guard(ctx, on, calendars.STOCK)
        assert operation.done_on is not None
        if on < operation.done_on:
            raise Refused(
                _("A reversal cannot lie before what it reverses (%(date)s).") % {"date": operation.done_on},
                code="too_early",
            )
        operation.reversed_on = on
        moves = list(
            Move.objects.filter(operation_id=operation.pk, reverses_id__isnull=True)
            .select_related("planned")
            .order_by("made_at", "pk")
        )
        known = places.places(ctx)
        pairs = {
            (m.product_id, w)
            for m in moves
            for w in (known[m.from_location_id].warehouse_id, known[m.to_location_id].warehouse_id)
            if w is not None
        }
        locked = locks.planned([], waiting=pairs, holders=pairs)
        ends = {m.from_location_id for m in moves} | {m.to_location_id for m in moves}
        spots = [(m.product_id, at, m.lot_id) for m in moves for at in (m.from_location_id, m.to_location_id)]
        promising = {p.id for p in places.promising(ctx, {w for _p, w in pairs})}
        till = open_till(ctx, locked, {m.product_id for m in moves}, ends | promising, spots)
        undone = [_mirror(operation, m) for m in moves]
        _book(ctx, till, undone)
        till.books.flush()
        was = entered([m.pk for m in moves])
        undo = {u.pk: was.get(m.pk, ZERO) for u, m in zip(undone, moves, strict=True)}
        valued = value_moves(ctx, undone, lambda m, _book: -undo[m.pk], undo)
        store_moves(ctx, undone)
        _plan_again(operation)
        return finish(
            ctx, [operation], till, undone, valued, lambda: posting.reverse(ctx, operation, valued, on, reason)
        )[0]


def _mirror(operation: Operation, move: Move) -> Move:
    assert operation.reversed_on is not None
    return Move(
        operation=operation,
        planned=move.planned,
        product_id=move.product_id,
        lot_id=move.lot_id,
        owner_party_id=move.owner_party_id,
        from_location_id=move.to_location_id,
        to_location_id=move.from_location_id,
        quantity=move.quantity,
        on=operation.reversed_on,
        reverses_id=move.pk,
    )


def _book(ctx: Context, till: Till, moves: Sequence[Move]) -> None:
    """Take the goods from where they stand, freeing what is reserved; Refused where they are gone."""
    books, known = till.books, places.places(ctx)
    missing: dict[UUID, tuple[Decimal, Decimal]] = {}
    for move in moves:
        source = till.at(move.product_id, move.from_location_id, move.lot_id)
        lacks = ZERO
        if known[move.from_location_id].internal and not source.allow_negative:
            lacks = max(move.quantity - source.on_hand, ZERO)
        over = min(source.reserved, source.reserved - (source.on_hand - move.quantity))
        if over > 0 and not lacks:
            unhold(books, source, over)
        wanted, before = missing.get(move.product_id, (ZERO, ZERO))
        missing[move.product_id] = (wanted + move.quantity, before + lacks)
        books.stock(source, on_hand=-move.quantity)
        books.stock(till.at(move.product_id, move.to_location_id, move.lot_id), on_hand=move.quantity)
    lacking = {p: both for p, both in missing.items() if both[1] > 0}
    if lacking:
        errors = shortage(ctx, lacking)
        raise Refused(
            _("What came in has been used already. %(what)s") % {"what": " ".join(str(e.detail) for e in errors)},
            code="not_enough_stock",
            errors=errors,
        )


def _plan_again(operation: Operation) -> None:
    """The supply of an owner is expected again."""
    rows = list(PlannedMove.objects.filter(operation_id=operation.pk, owner_ref_id__isnull=False, is_open=False))
    again = []
    for row in rows:
        new = copy(row)
        new._state = copy(row._state)
        new._state.adding = True
        new.pk = new.id = new_id()
        new.operation_id, new.is_open, new.quantity, new.done, new.returned = None, True, row.done, ZERO, ZERO
        again.append(new)
    PlannedMove.objects.bulk_create(again)
