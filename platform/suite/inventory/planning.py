"""Demand and supply of owners: planned, reserved, released, told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.rows import put, remove
from kontor.documents import owners
from kontor.documents.records import Ref
from kontor.errors import Refused
from kontor.values.columns import new_id
from kontor.values.money import plain
from suite.catalog import api as catalog
from suite.inventory import locks
from suite.inventory.contracts import PlanRow, Reserved
from suite.inventory.locks import Pair
from suite.inventory.models import PlannedMove, Reservation, StockLevel
from suite.inventory.places import outside
from suite.inventory.reserving import Books, give_up, open_books, serve, write_levels
from suite.inventory.rules import ZERO

_D = PlannedMove.Direction
_CHANGED = (
    "quantity",
    "direction",
    "product_id",
    "is_stocked",
    "warehouse_id",
    "counterpart_id",
    "party_id",
    "unit_id",
    "entered",
    "planned_on",
    "priority",
    "unit_cost",
    "claims",
)


def plan(ctx: Context, owner: Ref, rows: Sequence[PlanRow], *, reserve: bool = False) -> None:
    """Make the planned moves of the owner equal to ``rows``: all its lines with their whole quantities."""
    plan_many(ctx, {owner: rows}, reserve=reserve)


def plan_many(ctx: Context, asked: Mapping[Ref, Sequence[PlanRow]], *, reserve: bool = False) -> None:
    """Make the planned moves of each owner equal to its rows, a statement a table for all of them.

    What is done or stands on an operation counts and stays; free rows are changed, made or dropped.
    Refused ``already_drawn_up`` if more is done or drawn up than is wanted now. ``reserve``: the demand
    claims goods at once, as ``reserve`` lets it, in the order of priority, date and entry.
    """
    rows = [row for mine in asked.values() for row in mine]
    owner_of = {row.line_id: owner for owner, mine in asked.items() for row in mine}
    existing = list(_rows_of(*asked).order_by("pk"))
    pairs = {(r.product_id, r.warehouse_id) for r in existing if r.is_open} | {
        (r.product_id, r.warehouse_id) for r in rows
    }
    gains = _gains(existing, rows)
    claims = {(r.product_id, r.warehouse_id) for r in rows if r.kind == _D.OUT} if reserve else set()
    locked = locks.planned([r.pk for r in existing], supply=pairs, waiting=gains)
    books = open_books(ctx, locked, gains | claims)
    mine = [locked[r.pk] for r in existing if r.pk in locked]
    wanted = _still_wanted(mine, rows)
    free = _free_by_line(mine)
    products = catalog.products(ctx, {r.product_id for r in rows})
    changed: list[PlannedMove] = []
    made: list[PlannedMove] = []
    keep: dict[UUID, Decimal] = {}
    for line_id, parts in wanted.items():
        spares = free.get(line_id, [])
        for row, quantity in parts:
            target = spares.pop(0) if spares else None
            is_new = target is None
            if target is None:
                owner = owner_of[line_id]
                target = PlannedMove(
                    id=new_id(), owner_resource=owner.resource, owner_ref_id=owner.id, owner_line_id=line_id
                )
            moved = not is_new and (target.product_id, target.warehouse_id, target.direction) != (
                row.product_id,
                row.warehouse_id,
                row.kind,
            )
            if not is_new and (moved or quantity < target.reserved + target.expected):
                keep[target.pk] = ZERO if moved else quantity
            _fill(ctx, target, row, quantity, products[row.product_id].is_stocked)
            target.claims = target.claims or (reserve and target.is_stocked and row.kind == _D.OUT)
            (made if is_new else changed).append(target)
    surplus = [spare for left in free.values() for spare in left]
    keep |= {spare.pk: ZERO for spare in surplus}
    _withdraw(books, keep)
    books.flush()
    asleep = [r for r in mine if reserve and not r.claims and r.is_open and r.is_stocked and r.direction == _D.OUT]
    for row_asleep in asleep:
        row_asleep.claims = True
    if changed or asleep:
        put(PlannedMove, {r.pk: [r.__dict__[n] for n in _CHANGED] for r in (*changed, *asleep)}, _CHANGED)
    if surplus:
        remove(PlannedMove, [spare.pk for spare in surplus])
        for spare in surplus:
            books.planned.pop(spare.pk)
    PlannedMove.objects.bulk_create(made)
    books.planned |= {new.pk: new for new in made}
    books.fresh = {new.pk for new in made}
    own = {r.pk for r in (*mine, *made)}
    lacks = any(
        r.is_open and r.direction == _D.OUT and r.quantity > r.done + r.reserved
        for r in books.planned.values()
        if r.pk in own
    )
    _settle(books, gains | claims if lacks else gains, own=own)


def reserve(ctx: Context, owner: Ref) -> dict[UUID, Reserved]:
    """Let the owner's demand claim goods: on stock first, then on expected supply; told per line."""
    ids = list(
        _rows_of(owner)
        .filter(is_open=True, is_stocked=True, direction=_D.OUT)
        .values_list("pk", "product_id", "warehouse_id")
    )
    if ids:
        pairs = {(p, w) for _pk, p, w in ids}
        locked = locks.planned([pk for pk, _p, _w in ids], supply=pairs)
        mine = [locked[pk] for pk, _p, _w in ids if pk in locked]
        asleep = [row.pk for row in mine if not row.claims]
        if asleep:
            PlannedMove.objects.filter(pk__in=asleep).update(claims=True)
            for row in mine:
                row.claims = True
        if any(row.quantity > row.done + row.reserved for row in mine):
            books = open_books(ctx, locked, pairs)
            serve(books, pairs, own={row.pk for row in mine})
            books.flush()
            write_levels(books)
            tell_served(books)
    return _told(_rows_of(owner).filter(is_open=True, direction=_D.OUT))


def release(ctx: Context, owner: Ref) -> None:
    """Take back what the owner's demand holds; it claims nothing until it is reserved again."""
    rows = list(_rows_of(owner).filter(is_open=True, direction=_D.OUT))
    pairs = {(r.product_id, r.warehouse_id) for r in rows}
    locked = locks.planned([r.pk for r in rows], supply=pairs, waiting=pairs)
    books = open_books(ctx, locked, pairs)
    mine = [r.pk for r in rows if r.pk in locked]
    PlannedMove.objects.filter(pk__in=mine).update(claims=False)
    for pk in mine:
        locked[pk].claims = False
    give_up(books, {pk: ZERO for pk in mine if locked[pk].reserved or locked[pk].expected})
    _settle(books, pairs)


def reserved(ctx: Context, line_ids: Iterable[UUID]) -> dict[UUID, Reserved]:
    """What these owners' lines hold of their open quantities; one query."""
    return _told(PlannedMove.objects.filter(owner_line_id__in=list(line_ids), is_open=True, direction=_D.OUT))


def reserve_waiting(ctx: Context, pairs: Collection[Pair] | None = None) -> int:
    """Serve waiting demand where goods are free: what a lock of others kept from them; returns rows served."""
    if pairs is None:
        rows = PlannedMove.objects.filter(is_open=True, is_stocked=True, direction=_D.OUT, claims=True)
        waiting = rows.filter(quantity__gt=F("done") + F("reserved")).values_list("product_id", "warehouse_id")
        free = StockLevel.objects.filter(usable__gt=F("reserved")).values_list("product_id", "warehouse_id")
        pairs = set(waiting.distinct()) & set(free)
    if not pairs:
        return 0
    books = open_books(ctx, locks.planned([], supply=pairs, waiting=pairs), pairs)
    _settle(books, pairs)
    return len(books.served)


def tell_served(books: Books) -> None:
    """Tell the owners of other demand that goods were given to it or taken from it."""
    if books.served:
        owners.released(books.ctx, books.owners(books.served), "reserved")
    if books.bereft - books.served:
        owners.released(books.ctx, books.owners(books.bereft - books.served), "taken")


def _settle(books: Books, pairs: Collection[Pair], own: Collection[UUID] = ()) -> None:
    books.flush()
    if pairs:
        serve(books, pairs, own=own)
        books.flush()
    write_levels(books)
    tell_served(books)


def _withdraw(books: Books, keep: dict[UUID, Decimal]) -> None:
    """Demand gives up what it holds beyond ``keep``; supply takes back its promises, the last first."""
    demand = {pk: q for pk, q in keep.items() if books.planned[pk].direction == _D.OUT}
    give_up(books, {pk: q for pk, q in demand.items() if books.planned[pk].reserved or books.planned[pk].expected})
    supply = {
        pk: q for pk, q in keep.items() if books.planned[pk].direction != _D.OUT and books.planned[pk].reserved > q
    }
    if supply:
        unpledge(books, supply)


def unpledge(books: Books, keep: dict[UUID, Decimal]) -> None:
    """Supply promises no more than ``keep``: the demand that is served last loses first."""
    rows = list(Reservation.objects.filter(supply_id__in=keep))
    order = sorted(
        rows,
        key=lambda r: (
            (d := books.locked(r.demand_id)).priority,
            d.planned_on or dt.date.max,
            d.entered_at,
            str(d.pk),
        ),
        reverse=True,
    )
    beyond = {pk: books.planned[pk].reserved - q for pk, q in keep.items()}
    demand_keep: dict[UUID, Decimal] = {}
    for row in order:
        assert row.supply_id is not None
        part = min(row.quantity, max(beyond[row.supply_id], ZERO))
        if part <= 0:
            continue
        beyond[row.supply_id] -= part
        demand = books.planned[row.demand_id]
        books.plan(demand, expected=-part)
        books.plan(books.planned[row.supply_id], reserved=-part)
        books.bereft.add(demand.pk)
        demand_keep[row.pk] = row.quantity - part
    put(Reservation, {pk: [q] for pk, q in demand_keep.items() if q > 0}, ("quantity",))
    remove(Reservation, [pk for pk, q in demand_keep.items() if q <= 0])


def _rows_of(*owners: Ref) -> Any:
    by_resource: dict[str, list[UUID]] = {}
    for owner in owners:
        by_resource.setdefault(owner.resource, []).append(owner.id)
    asked = Q()
    for resource, ids in by_resource.items():
        asked |= Q(owner_ref_id__in=ids, owner_resource=resource)
    return PlannedMove.objects.filter(asked)


def _still_wanted(mine: Sequence[PlannedMove], rows: Sequence[PlanRow]) -> dict[UUID, list[tuple[PlanRow, Decimal]]]:
    fixed: dict[UUID, Decimal] = {}
    for r in mine:
        if r.owner_line_id is not None and (not r.is_open or r.operation_id is not None) and r.origin_id is None:
            fixed[r.owner_line_id] = fixed.get(r.owner_line_id, ZERO) + (r.quantity if r.is_open else r.done)
    out: dict[UUID, list[tuple[PlanRow, Decimal]]] = {}
    for row in sorted(rows, key=lambda r: (r.on is None, r.on or dt.date.max)):
        gone = min(fixed.get(row.line_id, ZERO), row.quantity)
        if gone:
            fixed[row.line_id] -= gone
        parts = out.setdefault(row.line_id, [])
        if row.quantity > gone:
            parts.append((row, row.quantity - gone))
    over = {line_id: q for line_id, q in fixed.items() if q > 0 and line_id in out}
    if over:
        line_id, quantity = next(iter(over.items()))
        raise Refused(
            _("%(quantity)s more of a line than is wanted now is delivered or on a draft. Cancel the draft first.")
            % {"quantity": plain(quantity)},
            code="already_drawn_up",
            line=str(line_id),
        )
    return out


def _free_by_line(mine: list[PlannedMove]) -> dict[UUID | None, list[PlannedMove]]:
    out: dict[UUID | None, list[PlannedMove]] = {}
    for r in sorted(mine, key=lambda r: (r.planned_on or dt.date.max, r.entered_at, str(r.pk))):
        if r.is_open and r.operation_id is None:
            out.setdefault(r.owner_line_id, []).append(r)
    return out


def _fill(ctx: Context, target: PlannedMove, row: PlanRow, quantity: Decimal, is_stocked: bool) -> None:
    target.direction, target.product_id, target.warehouse_id = row.kind, row.product_id, row.warehouse_id
    target.is_stocked, target.quantity, target.priority, target.planned_on = is_stocked, quantity, row.priority, row.on
    target.party_id, target.unit_id, target.unit_cost = row.party_id, row.unit_id, row.unit_cost
    target.entered = row.entered * quantity / row.quantity if row.entered is not None else None
    if target.entered is not None:
        target.entered = round(target.entered, 6)
    target.counterpart_id = outside(ctx, "customer" if row.kind == _D.OUT else "supplier").id
    if row.kind != _D.OUT:
        target.claims = False


def _gains(existing: Sequence[PlannedMove], rows: Sequence[PlanRow]) -> set[Pair]:
    """Where others may gain, since supply is added or demand gives up: their waiting rows are locked too."""
    freed = {(r.product_id, r.warehouse_id) for r in existing if r.is_open and (r.reserved or r.expected)}
    return freed | {(r.product_id, r.warehouse_id) for r in rows if r.kind == _D.IN}


def _told(rows: Any) -> dict[UUID, Reserved]:
    out: dict[UUID, Reserved] = {}
    for line_id, stocked, quantity, done, held, expected in rows.filter(owner_line_id__isnull=False).values_list(
        "owner_line_id", "is_stocked", "quantity", "done", "reserved", "expected"
    ):
        had, left = out.get(line_id, Reserved()), quantity - done
        held = held if stocked else left
        out[line_id] = Reserved(had.reserved + held, had.short + left - held, had.expected + expected)
    return out
