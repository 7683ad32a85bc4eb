"""Which balances goods are taken from and put onto, under lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.rows import insert_missing, put, remove
from kontor.errors import Refused
from suite.inventory import locks, places
from suite.inventory.drawing import shortage
from suite.inventory.models import Balance, PlannedMove, Reservation
from suite.inventory.reserving import Books, give_up, holdings, sort_stock
from suite.inventory.rules import ZERO, Source, Wish, allocate

Spot = tuple[UUID, UUID, UUID | None]  # product, location, lot


@dataclass(frozen=True, slots=True)
class Want:
    """Goods to be taken for a line: from a place (empty: any that can be promised), a lot, both, neither."""

    line: PlannedMove
    quantity: Decimal
    lot_id: UUID | None = None
    location_id: UUID | None = None
    by_force: bool = False  # a count: what is not there is not there, whoever has reserved it


@dataclass(frozen=True, slots=True)
class Pick:
    """So much of a line comes from this balance."""

    want: Want
    balance: Balance
    quantity: Decimal


@dataclass(slots=True)
class Till:
    """The balances an operation works on."""

    books: Books
    spots: dict[Spot, Balance] = field(default_factory=dict)

    def at(self, product_id: UUID, location_id: UUID, lot_id: UUID | None) -> Balance:
        """The balance of a spot; outside our warehouses lots are not told apart."""
        place = places.places(self.books.ctx)[location_id]
        return self.spots[(product_id, location_id, lot_id if place.internal else None)]


def open_till(
    ctx: Context,
    planned: dict[UUID, PlannedMove],
    products: Collection[UUID],
    locations: Collection[UUID],
    spots: Iterable[Spot],
) -> Till:
    """Lock the products' balances at the locations; ``spots`` are made where they are missing."""
    known, houses = places.places(ctx), places.warehouses(ctx)
    wanted = {(p, at, lot if known[at].internal else None) for p, at, lot in spots}
    rows = locks.balances(products, locations)
    have = {(r.product_id, r.location_id, r.lot_id) for r in rows if r.owner_party_id is None}
    missing = sorted(wanted - have, key=lambda s: (str(s[0]), str(s[2] or ""), str(s[1])))
    if missing:  # the first move of a product at a place; made in one order by everybody
        insert_missing(
            Balance,
            [
                Balance(
                    product_id=p,
                    location_id=at,
                    lot_id=lot,
                    internal=known[at].internal,
                    allow_negative=not known[at].internal or houses[known[at].warehouse_id].allow_negative,  # type: ignore[index]
                )
                for p, at, lot in missing
            ],
        )
        rows = locks.balances(products, locations)
    books = Books(ctx, planned, {row.pk: row for row in rows})
    ours = [row for row in rows if row.owner_party_id is None]
    return Till(books, {(r.product_id, r.location_id, r.lot_id): r for r in ours})


def take(till: Till, wants: Sequence[Want]) -> list[Pick]:
    """Take what is wanted: each line first from what it holds, then from what is free.

    All of it, or Refused ``not_enough_stock`` with wanted and missing of each product that lacks.
    What the lines held is given up; a count also takes what others hold, the last served losing first.
    """
    books, ctx = till.books, till.books.ctx
    lines = {w.line.pk: w.line for w in wants}
    held = holdings(lines) if lines else {}
    own = {
        pk: [Source(r.balance_id, r.quantity, *_spot(books, r)) for r in rows if r.balance_id is not None]
        for pk, rows in held.items()
    }
    give_up(books, {pk: ZERO for pk, row in lines.items() if row.reserved or row.expected}, held=held)
    left = [w.quantity for w in wants]
    picks: list[Pick] = []

    def book(grants: Iterable[tuple[int, UUID, Decimal]]) -> None:
        for i, balance_id, quantity in grants:
            balance = books.balances[balance_id]
            picks.append(Pick(wants[i], balance, quantity))
            books.stock(balance, on_hand=-quantity)
            left[i] -= quantity

    book(
        (g.wish, g.source, g.quantity)
        for g in allocate([Wish(i, w.line.pk, w.quantity, w.lot_id, w.location_id) for i, w in enumerate(wants)], own)
    )
    pools = _pools(till, wants)
    book(
        (g.wish, g.source, g.quantity)
        for g in allocate([Wish(i, _pool(w), left[i], w.lot_id, w.location_id) for i, w in enumerate(wants)], pools)
    )
    for i, want in enumerate(wants):
        if left[i] > 0 and want.by_force:
            book((i, pk, q) for pk, q in _wrest(till, want, left[i]))
    missing: dict[UUID, tuple[Decimal, Decimal]] = {}
    for i, want in enumerate(wants):
        if left[i] > 0 and places.warehouses(ctx)[want.line.warehouse_id].allow_negative:
            spot = want.location_id or places.home(ctx, want.line.warehouse_id).id
            balance = till.at(want.line.product_id, spot, want.lot_id)
            over = min(balance.reserved, balance.reserved - (balance.on_hand - left[i]))
            if over > 0:  # what is not there cannot be held for anybody
                unhold(books, balance, over)
            book([(i, balance.pk, left[i])])
    for i, want in enumerate(wants):
        asked, lacks = missing.get(want.line.product_id, (ZERO, ZERO))
        missing[want.line.product_id] = (asked + want.quantity, lacks + left[i])
    lacking = {p: both for p, both in missing.items() if both[1] > 0}
    if lacking:
        errors = shortage(ctx, lacking)
        raise Refused(
            _("There is not enough in stock. %(what)s") % {"what": " ".join(str(e.detail) for e in errors)},
            code="not_enough_stock",
            errors=errors,
        )
    return picks


def _spot(books: Books, row: Reservation) -> tuple[UUID | None, UUID]:
    assert row.balance_id is not None
    balance = books.balances[row.balance_id]
    return balance.lot_id, balance.location_id


def _pool(want: Want) -> tuple[UUID, UUID | None, UUID]:
    return (want.line.product_id, want.location_id, want.line.warehouse_id)


def _pools(till: Till, wants: Sequence[Want]) -> dict[Any, list[Source]]:
    ctx, known = till.books.ctx, places.places(till.books.ctx)
    by_product: dict[UUID, list[Balance]] = {}
    for b in sort_stock(ctx, till.spots.values()):
        by_product.setdefault(b.product_id, []).append(b)
    shared: dict[UUID, Source] = {}
    out: dict[Any, list[Source]] = {}
    for want in wants:
        if _pool(want) in out:
            continue
        mine = out[_pool(want)] = []
        for b in by_product.get(want.line.product_id, ()):
            if known[b.location_id].internal and b.on_hand > b.reserved and _fits(b, want, known):
                if b.pk not in shared:
                    shared[b.pk] = Source(b.pk, b.on_hand - b.reserved, b.lot_id, b.location_id)
                mine.append(shared[b.pk])
    return out


def _fits(b: Balance, want: Want, known: Mapping[UUID, places.Place]) -> bool:
    """Whether goods of the wanted product may be taken from there."""
    if want.location_id is not None:
        return b.location_id == want.location_id
    place = known[b.location_id]
    return place.available and place.warehouse_id == want.line.warehouse_id


def _here(till: Till, want: Want) -> list[Balance]:
    known = places.places(till.books.ctx)
    mine = (b for b in till.spots.values() if b.product_id == want.line.product_id)
    rows = [b for b in mine if _fits(b, want, known) and (want.lot_id is None or b.lot_id == want.lot_id)]
    return sort_stock(till.books.ctx, rows)


def _wrest(till: Till, want: Want, quantity: Decimal) -> list[tuple[UUID, Decimal]]:
    """Take goods that others have reserved; their demand waits again and is told."""
    books = till.books
    out: list[tuple[UUID, Decimal]] = []
    for balance in _here(till, want):
        part = min(quantity, balance.reserved, max(balance.on_hand, ZERO))
        if part <= 0:
            continue
        unhold(books, balance, part)
        out.append((balance.pk, part))
        quantity -= part
    return out


def unhold(books: Books, balance: Balance, quantity: Decimal) -> None:
    """Free ``quantity`` of what is reserved on a locked balance: the demand served last loses first."""
    rows = list(
        Reservation.objects.filter(balance_id=balance.pk).order_by(
            "-demand__priority", F("demand__planned_on").desc(nulls_first=True), "-demand__entered_at", "-demand_id"
        )
    )
    left = quantity
    changed: dict[UUID, list[Decimal]] = {}
    gone: list[UUID] = []
    for row in rows:
        part = min(left, row.quantity)
        if part <= 0:
            break
        demand = books.locked(row.demand_id)
        books.plan(demand, reserved=-part)
        books.stock(balance, reserved=-part)
        books.bereft.add(demand.pk)
        left -= part
        if part == row.quantity:
            gone.append(row.pk)
        else:
            changed[row.pk] = [row.quantity - part]
    put(Reservation, changed, ("quantity",))
    remove(Reservation, gone)
