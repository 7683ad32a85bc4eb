"""Who holds what: reservations on stock and on expected supply, given in order and taken back.

Every change of a reservation happens under the lock of its demand; sums on balances, planned moves
and levels change in the same transaction, so CHECKs can refuse what arithmetic must not allow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.rows import add, put, remove
from kontor.documents.records import Ref
from kontor.errors import Refused
from suite.inventory import locks, places
from suite.inventory.locks import Pair
from suite.inventory.models import Balance, Lot, PlannedMove, Reservation
from suite.inventory.rules import ZERO, Grant, Source, Wish, allocate, cut

LEVEL_SUMS = ("on_hand", "usable", "valued", "reserved")


@dataclass(slots=True)
class Books:
    """Locked rows and the changes collected for them, written by ``flush`` a statement a table."""

    ctx: Context
    planned: dict[UUID, PlannedMove] = field(default_factory=dict)
    balances: dict[UUID, Balance] = field(default_factory=dict)
    planned_changes: dict[UUID, list[Decimal]] = field(default_factory=dict)  # done, reserved, expected, returned
    balance_changes: dict[UUID, list[Decimal]] = field(default_factory=dict)  # on hand, reserved
    level_changes: dict[Pair, list[Decimal]] = field(default_factory=dict)  # on hand, usable, valued, reserved
    served: set[UUID] = field(default_factory=set)  # waiting demand that was given goods
    bereft: set[UUID] = field(default_factory=set)  # demand whose goods were taken away
    fresh: set[UUID] = field(default_factory=set)  # made in this call: nothing is held for them yet
    closing: set[UUID] = field(default_factory=set)  # carried out: open no longer

    def plan(
        self,
        row: PlannedMove,
        *,
        done: Decimal = ZERO,
        reserved: Decimal = ZERO,
        expected: Decimal = ZERO,
        returned: Decimal = ZERO,
    ) -> None:
        """Change the counters of a planned move, in memory and to be written."""
        row.done += done
        row.reserved += reserved
        row.expected += expected
        row.returned += returned
        _sum(self.planned_changes, row.pk, (done, reserved, expected, returned))

    def stock(self, row: Balance, *, on_hand: Decimal = ZERO, reserved: Decimal = ZERO) -> None:
        """Change a balance, in memory and to be written."""
        row.on_hand += on_hand
        row.reserved += reserved
        _sum(self.balance_changes, row.pk, (on_hand, reserved))

    def locked(self, pk: UUID) -> PlannedMove:
        """A planned move under lock; one that came to matter only now is taken without waiting, or Refused."""
        if pk not in self.planned:
            self.planned |= locks.more([pk])
        if pk not in self.planned:
            raise busy()
        return self.planned[pk]

    def flush(self) -> None:
        """Write planned moves, then balances; what they mean for the levels is kept for the end."""
        counters = ("done", "reserved", "expected", "returned")
        ending = {pk: self.planned_changes.pop(pk, [ZERO] * 4) for pk in self.closing}
        add(PlannedMove, self.planned_changes, counters)
        add(PlannedMove, ending, counters, ending=True)
        self.closing = set()
        add(Balance, self.balance_changes, ("on_hand", "reserved"))
        known = places.places(self.ctx)
        for pk, (on_hand, reserved) in self.balance_changes.items():
            row = self.balances[pk]
            place = known[row.location_id]
            if place.warehouse_id is not None and row.owner_party_id is None:
                usable, valued = on_hand if place.available else ZERO, on_hand if place.valued else ZERO
                _sum(self.level_changes, (row.product_id, place.warehouse_id), (on_hand, usable, valued, reserved))
        self.planned_changes, self.balance_changes = {}, {}

    def owners(self, ids: Iterable[UUID]) -> list[Ref]:
        """The documents for which these planned moves stand."""
        rows = [self.planned[pk] for pk in ids]
        return list(dict.fromkeys(Ref(r.owner_resource, r.owner_ref_id) for r in rows if r.owner_ref_id))


def busy() -> Refused:
    """Somebody reserves the same goods at this moment."""
    return Refused(_("Somebody is reserving the same goods right now. Try again in a moment."), code="busy")


def open_books(ctx: Context, planned: dict[UUID, PlannedMove], pairs: Collection[Pair]) -> Books:
    """Lock the balances from which the pairs may be served."""
    spots = [p.id for p in places.promising(ctx, {w for _p, w in pairs})]
    rows = locks.balances({p for p, _w in pairs}, spots) if pairs else []
    return Books(ctx, planned, {row.pk: row for row in rows})


def serve(books: Books, pairs: Collection[Pair], own: Collection[UUID] = ()) -> None:
    """Give free goods, then expected supply, to the demand that waits, in order.

    ``own`` are the rows on whose behalf this runs; others that get something are ``served``.
    """
    free = _free(books, pairs)
    supply = _supply(books, pairs)
    if not any(s.left > 0 for rows in (*free.values(), *supply.values()) for s in rows):
        return
    rows = [r for r in locks.late_comers(pairs) if (r.product_id, r.warehouse_id) in pairs]
    rows = _with_supply(books, rows)
    for i, row in enumerate(rows):
        rows[i] = books.planned.setdefault(row.pk, row)
    on_stock = allocate([_wish(r, r.quantity - r.done - r.reserved) for r in rows], free)
    by_demand: dict[UUID, Decimal] = {}
    for grant in on_stock:
        by_demand[grant.wish] = by_demand.get(grant.wish, ZERO) + grant.quantity
    surplus = {
        pk: books.planned[pk].expected - max(_open(books.planned[pk]) - books.planned[pk].reserved - got, ZERO)
        for pk, got in by_demand.items()
    }
    give_up(books, {pk: books.planned[pk].expected - over for pk, over in surplus.items() if over > 0}, stock=False)
    supply = _supply(books, pairs)
    wishes = [_wish(r, _open(r) - r.reserved - r.expected - by_demand.get(r.pk, ZERO), lot=False) for r in rows]
    on_supply = allocate([w for w in wishes if w.quantity > 0], supply)
    _hold(books, on_stock, on_supply)
    books.served |= {g.wish for g in (*on_stock, *on_supply)} - set(own)


def _with_supply(books: Books, rows: list[PlannedMove]) -> list[PlannedMove]:
    """The rows whose promises can be taken back: their supply is locked, or could be without waiting."""
    pledged = [r.pk for r in rows if r.expected]
    if not pledged:
        return rows
    unknown = _unknown(books, Reservation.objects.filter(demand_id__in=pledged, supply_id__isnull=False))
    return [r for r in rows if r.pk not in unknown]


def _unknown(books: Books, held: Iterable[Reservation]) -> set[UUID]:
    """Demand that is promised a supply which neither is locked nor could be."""
    missing = [r for r in held if r.supply_id is not None and r.supply_id not in books.planned]
    if missing:
        books.planned |= locks.more({r.supply_id for r in missing if r.supply_id})
    return {r.demand_id for r in missing if r.supply_id not in books.planned}


def give_up(
    books: Books, keep: dict[UUID, Decimal], *, stock: bool = True, held: dict[UUID, list[Reservation]] | None = None
) -> None:
    """Take back what locked demand holds beyond ``keep`` (a total per demand, stock kept before supply).

    ``held`` are its reservations, where they have been read already.
    """
    if not keep:
        return
    held = holdings(keep, stock=stock) if held is None else {pk: rows for pk, rows in held.items() if pk in keep}
    if _unknown(books, (r for rows in held.values() for r in rows)):
        raise busy()
    dropped: list[UUID] = []
    changed: dict[UUID, list[Decimal]] = {}
    for demand_id, rows in held.items():
        stays, goes = cut([(r, r.quantity) for r in rows], keep[demand_id])
        left = {r.pk: q for r, q in stays}
        for row, quantity in goes:
            _let_go(books, row, quantity)
            if row.pk in left:
                changed[row.pk] = [left[row.pk]]
            else:
                dropped.append(row.pk)
    put(Reservation, changed, ("quantity",))
    remove(Reservation, dropped)


def holdings(demands: Collection[UUID], *, stock: bool = True) -> dict[UUID, list[Reservation]]:
    """The reservations of these demands, on stock first, the oldest first; their demands are locked."""
    rows = Reservation.objects.filter(demand_id__in=demands)
    if not stock:
        rows = rows.filter(supply_id__isnull=False)
    out: dict[UUID, list[Reservation]] = {}
    for row in rows.order_by(F("supply_id").asc(nulls_first=True), "created_at", "pk"):
        out.setdefault(row.demand_id, []).append(row)
    return out


def write_levels(books: Books) -> None:
    """Bring changed quantities to the levels, last in the lock order."""
    changes = {pair: values for pair, values in books.level_changes.items() if any(values)}
    books.level_changes = {}
    if changes:
        locks.add_to_levels(changes, LEVEL_SUMS)


def _free(books: Books, pairs: Collection[Pair]) -> dict[Pair, list[Source]]:
    known = places.places(books.ctx)
    rows = [
        b
        for b in books.balances.values()
        if b.owner_party_id is None and b.on_hand > b.reserved and known[b.location_id].available
    ]
    lots = _lots({b.lot_id for b in rows if b.lot_id})
    today = books.ctx.today
    out: dict[Pair, list[Source]] = {}
    for b in sorted(rows, key=lambda b: _first_expired(b, lots, known)):
        expires = lots.get(b.lot_id) if b.lot_id else None
        if expires is not None and expires < today:
            continue  # past its date: not promised to anybody
        pair = (b.product_id, known[b.location_id].warehouse_id)
        if pair in pairs:
            out.setdefault(pair, []).append(Source(b.pk, b.on_hand - b.reserved, b.lot_id, b.location_id))  # type: ignore[arg-type]
    return out


def sort_stock(ctx: Context, rows: Iterable[Balance]) -> list[Balance]:
    """Balances in the order in which goods are taken: what expires first, then by path."""
    found = list(rows)
    lots = _lots({b.lot_id for b in found if b.lot_id})
    known = places.places(ctx)
    return sorted(found, key=lambda b: _first_expired(b, lots, known))


def _first_expired(b: Balance, lots: dict[UUID, Any], known: dict[UUID, places.Place]) -> tuple[Any, ...]:
    expires = lots.get(b.lot_id) if b.lot_id else None
    return (expires is None, expires.toordinal() if expires else 0, known[b.location_id].path, str(b.lot_id), str(b.pk))


def _lots(ids: Collection[UUID]) -> dict[UUID, Any]:
    return dict(Lot.objects.filter(pk__in=ids).values_list("pk", "expires_on")) if ids else {}


def _supply(books: Books, pairs: Collection[Pair]) -> dict[Pair, list[Source]]:
    rows = [
        r
        for r in books.planned.values()
        if r.direction == "in"
        and r.is_open
        and r.is_stocked
        and r.origin_id is None
        and (r.product_id, r.warehouse_id) in pairs
        and _open(r) > r.reserved
    ]
    out: dict[Pair, list[Source]] = {}
    for r in sorted(rows, key=lambda r: (r.planned_on is None, r.planned_on, r.entered_at, str(r.pk))):
        out.setdefault((r.product_id, r.warehouse_id), []).append(Source(r.pk, _open(r) - r.reserved))
    return out


def _wish(row: PlannedMove, quantity: Decimal, *, lot: bool = True) -> Wish:
    place = row.location_id if lot else None
    return Wish(row.pk, (row.product_id, row.warehouse_id), quantity, row.lot_id if lot else None, place)


def _hold(books: Books, on_stock: Sequence[Grant], on_supply: Sequence[Grant]) -> None:
    grants = [*((g, True) for g in on_stock), *((g, False) for g in on_supply)]
    if not grants:
        return
    for grant, from_stock in grants:
        demand = books.planned[grant.wish]
        if from_stock:
            books.plan(demand, reserved=grant.quantity)
            books.stock(books.balances[grant.source], reserved=grant.quantity)
        else:
            books.plan(demand, expected=grant.quantity)
            books.plan(books.planned[grant.source], reserved=grant.quantity)
    hold_more({(g.wish, g.source if s else None, None if s else g.source): g.quantity for g, s in grants}, books.fresh)


def hold_more(
    wanted: dict[tuple[UUID, UUID | None, UUID | None], Decimal], fresh: Collection[UUID] = frozenset()
) -> None:
    """Add to reservations by (demand, balance, supply), new where there is none; three statements at most.

    ``fresh`` demand was made in this call and holds nothing yet, so that nothing is read for it.
    """
    old = {key[0] for key in wanted}.difference(fresh)
    rows = Reservation.objects.filter(demand_id__in=old) if old else ()
    known = {(r.demand_id, r.balance_id, r.supply_id): r for r in rows}
    add(Reservation, {known[k].pk: [q] for k, q in wanted.items() if k in known}, ("quantity",))
    Reservation.objects.bulk_create(
        Reservation(demand_id=d, balance_id=b, supply_id=s, quantity=q)
        for (d, b, s), q in wanted.items()
        if (d, b, s) not in known
    )


def _let_go(books: Books, row: Reservation, quantity: Decimal) -> None:
    demand = books.planned[row.demand_id]
    if row.balance_id is not None:
        books.plan(demand, reserved=-quantity)
        books.stock(books.balances[row.balance_id], reserved=-quantity)
    else:
        assert row.supply_id is not None
        books.plan(demand, expected=-quantity)
        books.plan(books.planned[row.supply_id], reserved=-quantity)


def _open(row: PlannedMove) -> Decimal:
    return row.quantity - row.done


def _sum(into: dict[Any, list[Decimal]], key: Any, values: Iterable[Decimal]) -> None:
    have = into.setdefault(key, [])
    values = list(values)
    if not have:
        have.extend(values)
    else:
        for i, value in enumerate(values):
            have[i] += value
