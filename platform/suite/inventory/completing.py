"""Carrying an operation out: moves, balances, layers, voucher and counters in one transaction, or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.documents import owners
from kontor.documents.records import Ref
from kontor.errors import FieldError, NotFound, Refused
from kontor.values.money import plain, round_amount
from suite.catalog import api as catalog
from suite.inventory import locks, places, posting
from suite.inventory.contracts import Done
from suite.inventory.costbook import Book
from suite.inventory.models import Move, Operation, PlannedMove, Reservation
from suite.inventory.planning import tell_served
from suite.inventory.reserving import Books, hold_more, serve
from suite.inventory.returning import Part, lots_back, return_values
from suite.inventory.rules import ZERO
from suite.inventory.splitting import pledges, split
from suite.inventory.statements import remove
from suite.inventory.taking import Pick, Till, Want, open_till, take
from suite.inventory.valuation import Valued, value_moves, write_costs, write_entries, write_levels

_D = PlannedMove.Direction
Lots = Mapping[UUID, Sequence[tuple[UUID, Decimal]]]


def complete(
    ctx: Context,
    operation_id: UUID,
    *,
    on: dt.date,
    quantities: Mapping[UUID, Decimal] | None = None,
    into: str = "",
    lots: Lots | None = None,
    record: Operation | None = None,
) -> Done:
    """Move the goods of an operation on a date in an open period.

    ``quantities`` by line (its own id or the owner's) is what really moves; the rest goes back to the
    owner. ``into``: the kind of place goods are put into (usable, scrap). ``lots``: line → lots taken.
    ``record``: the operation, where the caller has it under lock already; it is not changed.
    Refused ``not_enough_stock`` (all or nothing), ``already_done``, ``period_closed``.
    """
    with transaction.atomic(savepoint=record is None):
        operation = lock_operation(operation_id) if record is None else copy(record)
        if operation.phase != Operation.Phase.OPEN:
            raise Refused(_("The goods of this have moved already."), code="already_done")
        calendars.guard(ctx, on, calendars.STOCK)
        operation.into, operation.done_on = into or operation.into, on
        rows = list(
            PlannedMove.objects.filter(operation_id=operation.pk, is_open=True).values_list(
                "pk", "product_id", "warehouse_id", "direction", "quantity", "origin_id"
            )
        )
        if not rows:
            raise Refused(_("There are no lines to carry out."), code="no_lines")
        gains = {(r[1], r[2]) for r in rows if r[3] == _D.IN or (r[3] == _D.DIFFERENCE and r[4] > 0)}
        houses = places.warehouses(ctx)
        losses = {
            (r[1], r[2])
            for r in rows
            if (r[3] == _D.DIFFERENCE and r[4] < 0) or (r[3] == _D.OUT and houses[r[2]].allow_negative)
        }
        locked = locks.planned(
            {r[0] for r in rows} | {r[5] for r in rows if r[5]}, waiting=gains | losses, holders=losses
        )
        lines = sorted((locked[r[0]] for r in rows), key=lambda r: (r.position, str(r.pk)))
        done = _carry_out(ctx, operation, lines, locked, quantities, lots or {})
        if operation.owner_ref_id:
            owners.fulfilled(ctx, [Ref(operation.owner_resource, operation.owner_ref_id)], operation.movement)
        return done


def lock_operation(operation_id: UUID) -> Operation:
    """The operation under lock; NotFound."""
    found = Operation.objects.select_for_update(of=("self",)).filter(pk=operation_id).first()
    if found is None:
        raise NotFound
    return found


def _carry_out(
    ctx: Context,
    operation: Operation,
    lines: list[PlannedMove],
    locked: dict[UUID, PlannedMove],
    quantities: Mapping[UUID, Decimal] | None,
    lots: Lots,
) -> Done:
    assert operation.done_on is not None
    parts = _parts(lines, quantities)
    stocked = [line for line in lines if line.is_stocked and parts[line.pk] != 0]
    catalog.lock_units(ctx, sorted({line.product_id for line in stocked}))
    back = lots_back(stocked, parts)
    till = _till(ctx, operation, stocked, locked, lots, back)
    books = till.books
    _cut(books, lines, parts)
    lines = [line for line in lines if parts[line.pk] != 0]
    outs = [w for line in stocked if _leaves(line) for w in _wants(line, lots)]
    moves = [_issue(operation, p) for p in take(till, outs)]
    for line in stocked:
        if not _leaves(line):
            moves += _receipts(ctx, operation, line, back.get(line.pk) or [(line.lot_id, line.quantity)])
    order = {line.pk: i for i, line in enumerate(lines)}
    moves.sort(key=lambda m: order[m.planned_id])
    known = places.places(ctx)
    for move in moves:
        if not (known[move.from_location_id].internal and _leaves(move.planned)):
            books.stock(till.at(move.product_id, move.from_location_id, move.lot_id), on_hand=-move.quantity)
        books.stock(till.at(move.product_id, move.to_location_id, move.lot_id), on_hand=move.quantity)
    worth_back = return_values(ctx, moves)
    valued = value_moves(ctx, moves, lambda m, book: worth_back[m.pk] if m.pk in worth_back else _price(m, book))
    for line in lines:
        books.plan(line, done=line.quantity)
        if line.origin_id is not None:
            books.plan(locked[line.origin_id], returned=line.quantity)
    _flip(operation, till, lines)
    books.closing = {line.pk for line in lines}
    books.flush()
    for line in lines:
        line.is_open = False
    store_moves(ctx, moves)
    on = operation.done_on
    return finish(ctx, operation, till, moves, valued, lambda: posting.post(ctx, operation, valued, on))


def finish(
    ctx: Context,
    operation: Operation,
    till: Till,
    moves: Sequence[Move],
    valued: Valued,
    post: Callable[[], dict[UUID, UUID | None]],
) -> Done:
    """What follows the moves, in the order of the locks: waiting demand, costs, levels, voucher, entries."""
    books = till.books
    known = places.places(ctx)
    gained = {(books.planned[pk].product_id, books.planned[pk].warehouse_id) for pk in books.bereft}
    for move in moves:
        spot = known[move.to_location_id]
        if spot.available and spot.warehouse_id is not None:
            gained.add((move.product_id, spot.warehouse_id))
    if gained:
        serve(books, gained)
        books.flush()
    write_costs(valued)
    write_levels(ctx, books, valued)
    vouchers = post()
    write_entries(valued, vouchers)
    operation.phase = Operation.Phase.DONE if operation.reversed_on is None else Operation.Phase.REVERSED
    operation.save(update_fields=["phase", "done_on", "reversed_on", "into"])
    _note(ctx, moves)
    tell_served(books)
    cost = -sum((w.amount for w in valued.worths), ZERO)
    ids = tuple(sorted({v for v in vouchers.values() if v is not None}))
    return Done(len(moves), cost, operation.reversed_on or operation.done_on, ids)


def _parts(lines: Sequence[PlannedMove], quantities: Mapping[UUID, Decimal] | None) -> dict[UUID, Decimal]:
    """What of each line moves; Refused if a line is unknown or more than planned."""
    if quantities is None:
        return {line.pk: line.quantity for line in lines}
    parts = {line.pk: ZERO for line in lines}
    errors: list[FieldError] = []
    for i, (key, quantity) in enumerate(quantities.items()):
        mine = [x for x in lines if key in (x.pk, x.owner_line_id)]
        if not mine:
            errors.append(FieldError(f"/lines/{i}/line", "not_found", _("This document has no such line.")))
            continue
        left = quantity
        for line in mine:
            part = min(left, line.quantity - parts[line.pk])
            parts[line.pk] += max(part, ZERO)
            left -= max(part, ZERO)
        if quantity < 0 or left > 0:
            most = sum((x.quantity for x in mine), ZERO)
            errors.append(
                FieldError(
                    f"/lines/{i}/quantity",
                    "more_than_planned",
                    _("Between 0 and %(most)s can move on this line.") % {"most": plain(most)},
                    {"most": plain(most)},
                )
            )
    if errors:
        raise Refused(_("These quantities do not fit the lines."), code="more_than_planned", errors=errors)
    if not any(parts.values()):
        raise Refused(_("Nothing would move."), code="nothing_to_move")
    return parts


def _cut(books: Books, lines: Sequence[PlannedMove], parts: Mapping[UUID, Decimal]) -> None:
    """Lines that move in part keep that part; the rest, and lines that do not move, go to the owner."""
    rests = split(books, {line.pk: parts[line.pk] for line in lines if 0 < parts[line.pk] < line.quantity})
    aside = [line.pk for line in lines if parts[line.pk] == 0]
    lost = [r.pk for r in rests.values() if r.owner_ref_id is None or r.origin_id is not None]
    if aside or lost:
        PlannedMove.objects.filter(pk__in=[*aside, *lost]).update(operation_id=None)
    orphans = [pk for pk in (*aside, *lost) if (r := books.planned[pk]).owner_ref_id is None or r.origin_id is not None]
    remove(PlannedMove, orphans)
    for pk in orphans:
        books.planned.pop(pk)


def _till(
    ctx: Context,
    operation: Operation,
    lines: Sequence[PlannedMove],
    locked: dict[UUID, PlannedMove],
    lots: Lots,
    back: Mapping[UUID, Sequence[Part]],
) -> Till:
    spots: list[tuple[UUID, UUID, UUID | None]] = []
    where = {p.id for p in places.promising(ctx, {line.warehouse_id for line in lines})}
    houses = places.warehouses(ctx)
    for line in lines:
        assert line.counterpart_id is not None
        spots.append((line.product_id, line.counterpart_id, None))
        if not _leaves(line):
            at = _target(ctx, operation, line)
            spots += [(line.product_id, at, lot) for lot in {line.lot_id, *(x for x, _q in back.get(line.pk, ()))}]
        elif houses[line.warehouse_id].allow_negative:
            at = line.location_id or places.home(ctx, line.warehouse_id).id
            spots += [(line.product_id, at, lot) for lot in {line.lot_id, *(x for x, _q in lots.get(line.pk, ()))}]
        if line.location_id:
            where.add(line.location_id)
    products = {line.product_id for line in lines} | {
        r.product_id for r in locked.values() if r.direction == _D.OUT and r.claims
    }
    return open_till(ctx, locked, products, where | {at for _p, at, _l in spots}, spots)


def _leaves(line: PlannedMove) -> bool:
    return line.direction == _D.OUT or (line.direction == _D.DIFFERENCE and line.quantity < 0)


def _target(ctx: Context, operation: Operation, line: PlannedMove) -> UUID:
    """Where goods come in: the line's place, or the first of the wanted kind in its warehouse."""
    return line.location_id or places.home(ctx, line.warehouse_id, operation.into or "usable").id


def _wants(line: PlannedMove, lots: Lots) -> list[Want]:
    force = line.direction == _D.DIFFERENCE
    chosen = lots.get(line.pk) or lots.get(line.owner_line_id or line.pk)
    if not chosen:
        return [Want(line, abs(line.quantity), line.lot_id, line.location_id, force)]
    if sum((q for _lot, q in chosen), ZERO) != line.quantity:
        raise Refused(_("The lots do not add up to the quantity of their line."), code="lots_do_not_add_up")
    return [Want(line, q, lot, line.location_id, force) for lot, q in chosen]


def _issue(operation: Operation, pick: Pick) -> Move:
    line = pick.want.line
    assert line.counterpart_id is not None and operation.done_on is not None
    return Move(
        operation=operation,
        planned=line,
        product_id=line.product_id,
        lot_id=pick.balance.lot_id,
        from_location_id=pick.balance.location_id,
        to_location_id=line.counterpart_id,
        quantity=pick.quantity,
        on=operation.done_on,
    )


def _receipts(ctx: Context, operation: Operation, line: PlannedMove, parts: Sequence[Part]) -> list[Move]:
    """A move a lot: what comes in has the lot of its line, what comes back those it left with."""
    assert line.counterpart_id is not None and operation.done_on is not None
    return [
        Move(
            operation=operation,
            planned=line,
            product_id=line.product_id,
            lot_id=lot,
            from_location_id=line.counterpart_id,
            to_location_id=_target(ctx, operation, line),
            quantity=quantity,
            on=operation.done_on,
        )
        for lot, quantity in parts
    ]


def _price(move: Move, book: Book) -> Decimal:
    """What goods that come in are worth: their unit cost, else what a piece costs at present."""
    unit = move.planned.unit_cost
    return round_amount(move.quantity * (book.unit_cost if unit is None else unit), book.currency)


def _flip(operation: Operation, till: Till, lines: Sequence[PlannedMove]) -> None:
    """Promises of a supply that has come become reservations on the goods, if orders may take them there."""
    supplies = {line.pk: line for line in lines if line.direction == _D.IN and line.reserved > 0}
    if not supplies:
        return
    books = till.books
    ctx, known = books.ctx, places.places(books.ctx)
    wanted: dict[tuple[UUID, UUID | None, UUID | None], Decimal] = {}
    for pk, rows in pledges(supplies).items():
        line = supplies[pk]
        spot = _target(ctx, operation, line)
        balance = till.at(line.product_id, spot, line.lot_id)
        for row in rows:
            demand = books.locked(row.demand_id)
            books.plan(demand, expected=-row.quantity)
            books.plan(line, reserved=-row.quantity)
            free = max(balance.on_hand - balance.reserved, ZERO) if known[spot].available else ZERO
            part = min(row.quantity, free)  # less where the stock was below zero
            if part > 0:
                books.plan(demand, reserved=part)
                books.stock(balance, reserved=part)
                key = (demand.pk, balance.pk, None)
                wanted[key] = wanted.get(key, ZERO) + part
            (books.served if part == row.quantity else books.bereft).add(demand.pk)
    Reservation.objects.filter(supply_id__in=supplies).delete()
    hold_more(wanted)


def store_moves(ctx: Context, moves: Sequence[Move]) -> None:
    """Insert moves in the name of the user."""
    for move in moves:
        move.made_by = ctx.user_name
    Move.objects.bulk_create(moves)


def _note(ctx: Context, moves: Sequence[Move]) -> None:
    """Tell the call what moved, ready for JSON: shown by dry runs and previews."""
    known = places.places(ctx)
    products = catalog.products(ctx, {m.product_id for m in moves})
    for m in moves:
        ctx.note(
            "moves",
            {
                "id": str(m.pk),
                "product": str(m.product_id),
                "product_code": products[m.product_id].code,
                "product_name": products[m.product_id].name,
                "quantity": plain(m.quantity),
                "from": known[m.from_location_id].path,
                "to": known[m.to_location_id].path,
                "date": str(m.on),
                "lot": str(m.lot_id) if m.lot_id else None,
            },
        )
