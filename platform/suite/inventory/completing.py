"""Carrying an operation out: moves, balances, layers, voucher and counters in one transaction, or nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.database.rows import put, remove
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
from suite.inventory.taking import Pick, Till, Want, open_till, take
from suite.inventory.valuation import Valued, value_moves, write_costs, write_entries, write_levels

_D = PlannedMove.Direction
_FACTS = ("phase", "done_on", "reversed_on", "into")
Lots = Mapping[UUID, Sequence[tuple[UUID, Decimal]]]


def complete(
    ctx: Context,
    operation_id: UUID,
    *,
    on: dt.date,
    quantities: Mapping[UUID, Decimal] | None = None,
    into: str = "",
    lots: Lots | None = None,
) -> Done:
    """Lock an operation and move its goods; see ``carry_out``."""
    with transaction.atomic():
        operation = lock_operation(operation_id)
        return carry_out(ctx, [operation], on=on, quantities=quantities, into=into, lots=lots)[0]


def carry_out(
    ctx: Context,
    records: Sequence[Operation],
    *,
    on: dt.date,
    quantities: Mapping[UUID, Decimal] | None = None,
    into: str = "",
    lots: Lots | None = None,
) -> list[Done]:
    """Move the goods of locked operations on a date in an open period, a statement a table; all or nothing.

    ``quantities`` by line (its own id or the owner's) is what really moves; the rest goes back to the
    owner. ``into``: the kind of place goods are put into (usable, scrap). ``lots``: line → lots taken.
    The records themselves are not changed.
    Refused ``not_enough_stock``, ``already_done``, ``period_closed``.
    """
    operations = {r.pk: copy(r) for r in records}
    if any(o.phase != Operation.Phase.OPEN for o in operations.values()):
        raise Refused(_("The goods of this have moved already."), code="already_done")
    calendars.guard(ctx, on, calendars.STOCK)
    for operation in operations.values():
        operation.into, operation.done_on = into or operation.into, on
    rows = list(
        PlannedMove.objects.filter(operation_id__in=operations, is_open=True).values_list(
            "pk", "product_id", "warehouse_id", "direction", "quantity", "origin_id", "operation_id"
        )
    )
    if {r[6] for r in rows} != operations.keys():
        raise Refused(_("There are no lines to carry out."), code="no_lines")
    gains = {(r[1], r[2]) for r in rows if r[3] == _D.IN or (r[3] == _D.DIFFERENCE and r[4] > 0)}
    houses = places.warehouses(ctx)
    losses = {
        (r[1], r[2])
        for r in rows
        if (r[3] == _D.DIFFERENCE and r[4] < 0) or (r[3] == _D.OUT and houses[r[2]].allow_negative)
    }
    locked = locks.planned({r[0] for r in rows} | {r[5] for r in rows if r[5]}, waiting=gains | losses, holders=losses)
    turn: dict[Any, int] = {pk: i for i, pk in enumerate(operations)}
    lines = sorted((locked[r[0]] for r in rows), key=lambda r: (turn[r.operation_id], r.position, str(r.pk)))
    done = _move(ctx, operations, lines, locked, quantities, lots or {})
    for movement in {o.movement for o in operations.values()}:
        told = [o for o in operations.values() if o.movement == movement and o.owner_ref_id]
        owners.fulfilled(ctx, [Ref(o.owner_resource, o.owner_ref_id) for o in told if o.owner_ref_id], movement)
    return done


def lock_operation(operation_id: UUID) -> Operation:
    """The operation under lock; NotFound."""
    found = Operation.objects.select_for_update(of=("self",)).filter(pk=operation_id).first()
    if found is None:
        raise NotFound
    return found


def _move(
    ctx: Context,
    operations: Mapping[Any, Operation],
    lines: list[PlannedMove],
    locked: dict[UUID, PlannedMove],
    quantities: Mapping[UUID, Decimal] | None,
    lots: Lots,
) -> list[Done]:
    parts: dict[UUID, Decimal] = {}
    for pk in operations:
        parts |= _parts([line for line in lines if line.operation_id == pk], quantities)
    stocked = [line for line in lines if line.is_stocked and parts[line.pk] != 0]
    catalog.lock_units(ctx, sorted({line.product_id for line in stocked}))
    back = lots_back(stocked, parts)
    till = _till(ctx, operations, stocked, locked, lots, back)
    books = till.books
    _cut(books, lines, parts)
    lines = [line for line in lines if parts[line.pk] != 0]
    outs = [w for line in stocked if _leaves(line) for w in _wants(line, lots)]
    moves = [_issue(operations[p.want.line.operation_id], p) for p in take(till, outs)]
    for line in stocked:
        if not _leaves(line):
            coming = back.get(line.pk) or [(line.lot_id, line.quantity)]
            moves += _receipts(ctx, operations[line.operation_id], line, coming)
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
    _flip(operations, till, lines)
    books.closing = {line.pk for line in lines}
    books.flush()
    for line in lines:
        line.is_open = False
    store_moves(ctx, moves)
    return finish(ctx, list(operations.values()), till, moves, valued, lambda: posting.post(ctx, operations, valued))


def finish(
    ctx: Context,
    operations: Sequence[Operation],
    till: Till,
    moves: Sequence[Move],
    valued: Valued,
    post: Callable[[], dict[UUID, UUID | None]],
) -> list[Done]:
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
    for operation in operations:
        operation.phase = Operation.Phase.DONE if operation.reversed_on is None else Operation.Phase.REVERSED
    put(Operation, {o.pk: [getattr(o, n) for n in _FACTS] for o in operations}, _FACTS)
    _note(ctx, moves)
    tell_served(books)
    return _done(operations, moves, valued, vouchers)


def _done(
    operations: Sequence[Operation], moves: Sequence[Move], valued: Valued, vouchers: Mapping[UUID, UUID | None]
) -> list[Done]:
    counts = Counter(m.operation_id for m in moves)
    costs: dict[Any, Decimal] = {}
    ids: dict[Any, set[UUID]] = {}
    for worth in valued.worths:
        of = worth.move.operation_id
        costs[of] = costs.get(of, ZERO) - worth.amount
        if (voucher := vouchers.get(worth.move.pk)) is not None:
            ids.setdefault(of, set()).add(voucher)
    return [
        Done(counts[o.pk], costs.get(o.pk, ZERO), o.reversed_on or o.done_on, tuple(sorted(ids.get(o.pk, ()))))
        for o in operations
    ]


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
    put(PlannedMove, {pk: [None] for pk in (*aside, *lost)}, ("operation_id",))
    orphans = [pk for pk in (*aside, *lost) if (r := books.planned[pk]).owner_ref_id is None or r.origin_id is not None]
    remove(PlannedMove, orphans)
    for pk in orphans:
        books.planned.pop(pk)


def _till(
    ctx: Context,
    operations: Mapping[Any, Operation],
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
            at = _target(ctx, operations[line.operation_id], line)
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


def _flip(operations: Mapping[Any, Operation], till: Till, lines: Sequence[PlannedMove]) -> None:
    """Promises of a supply that has come become reservations on the goods, if orders may take them there."""
    supplies = {line.pk: line for line in lines if line.direction == _D.IN and line.reserved > 0}
    if not supplies:
        return
    books = till.books
    ctx, known = books.ctx, places.places(books.ctx)
    wanted: dict[tuple[UUID, UUID | None, UUID | None], Decimal] = {}
    for pk, rows in pledges(supplies).items():
        line = supplies[pk]
        spot = _target(ctx, operations[line.operation_id], line)
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
    """Tell a dry run what moved, ready for JSON."""
    if not ctx.dry_run:
        return
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
