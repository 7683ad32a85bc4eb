"""Value of moves: layers and product costs under lock, entries, the warehouses' shares, the facts to post."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum

from kontor.context import Context
from kontor.database.rows import insert_missing, put
from kontor.values.columns import new_id
from suite.catalog import api as catalog
from suite.inventory import locks, places
from suite.inventory.costbook import Book, Layer
from suite.inventory.models import CostEntry, CostLayer, Move, ProductCost, StockLevel
from suite.inventory.reserving import LEVEL_SUMS, Books
from suite.inventory.rules import ZERO, share_value

Key = tuple[UUID, UUID | None]  # product, cost group


@dataclass(frozen=True, slots=True)
class Worth:
    """What a move did to the value of the stock: amount (positive: in), variance on top of it."""

    move: Move
    amount: Decimal
    variance: Decimal
    warehouse_id: UUID


@dataclass(slots=True)
class Valued:
    """The cost books of an operation, open under lock, and what each move was worth."""

    books: dict[Key, Book] = field(default_factory=dict)
    rows: dict[Key, ProductCost] = field(default_factory=dict)
    worths: list[Worth] = field(default_factory=list)
    dates: dict[UUID | None, dt.date] = field(default_factory=dict)


Price = Callable[[Move, Book], Decimal]


def value_moves(
    ctx: Context, moves: Sequence[Move], price: Price, undo: Mapping[UUID, Decimal] | None = None
) -> Valued:
    """Value moves in their order, under the lock of their product costs.

    ``price(move, book)`` says what comes in is worth. ``undo``: per reversing move, the value that
    the move it reverses brought in.
    """
    known, houses = places.places(ctx), places.warehouses(ctx)
    ways: list[tuple[Move, Key, bool, UUID]] = []
    for move in moves:
        source, target = known[move.from_location_id], known[move.to_location_id]
        if move.owner_party_id is not None or source.valued == target.valued:
            continue
        place = target if target.valued else source
        assert place.warehouse_id is not None
        key = (move.product_id, houses[place.warehouse_id].cost_group_id)
        ways.append((move, key, target.valued, place.warehouse_id))
    out = open_books_of(ctx, {key for _m, key, _in, _w in ways})
    for move, key, comes_in, warehouse_id in ways:
        book = out.books[key]
        out.dates[move.pk] = move.on
        if comes_in:
            worth = price(move, book)
            learn = undo is None and not move.planned.origin_id
            variance = book.receive(move.pk, move.quantity, worth, move.on, lot=move.lot_id, learn=learn)
        elif undo is not None and move.reverses_id is not None:
            worth = -undo[move.pk]
            variance = book.undo_receipt(move.pk, move.reverses_id, move.quantity, undo[move.pk], move.on)
        else:
            worth, variance = -book.issue(move.pk, move.quantity, move.on, lot=move.lot_id), ZERO
        out.worths.append(Worth(move, worth, variance, warehouse_id))
    return out


def entered(moves: Collection[UUID]) -> dict[UUID, Decimal]:
    """What each of these moves changed the stock's value by, so far; one query."""
    rows = CostEntry.objects.filter(move_id__in=moves).values_list("move_id").annotate(n=Sum("amount"))
    return {pk: n for pk, n in rows if pk is not None}


def write_costs(valued: Valued, *, all_rows: bool = False) -> None:
    """Store layers and product costs (``all_rows``: unchanged ones too); the moves are stored already."""
    fresh, changed = [], {}
    for key, book in valued.books.items():
        for layer in book.layers:
            if layer.is_new:
                fresh.append(
                    CostLayer(
                        id=layer.id,
                        product_cost=valued.rows[key],
                        number=layer.number,
                        move_id=layer.move,
                        lot_id=layer.lot,
                        party_id=layer.party,
                        on=layer.on,
                        quantity=layer.quantity,
                        value=layer.value,
                        remaining=layer.remaining,
                        remaining_value=layer.remaining_value,
                    )
                )
            elif layer.is_changed:
                changed[layer.id] = [layer.remaining, layer.remaining_value]
    put(CostLayer, changed, ("remaining", "remaining_value"))
    CostLayer.objects.bulk_create(fresh)
    put(
        ProductCost,
        {
            valued.rows[key].pk: [b.method, b.quantity, b.value, b.last_cost, b.standard, b.count]
            for key, b in valued.books.items()
            if all_rows or b.entries or b.method != valued.rows[key].method
        },
        ("method", "quantity", "value", "last_cost", "standard", "layers"),
    )


def write_entries(valued: Valued, vouchers: Mapping[Any, UUID | None]) -> None:
    """Store the entries with the voucher of their move, last of all."""
    CostEntry.objects.bulk_create(
        CostEntry(
            id=e.id,
            product_cost=valued.rows[key],
            layer_id=e.layer,
            move_id=e.move,
            kind=e.kind,
            quantity=e.quantity,
            amount=e.amount,
            on=valued.dates[e.move],
            voucher_id=vouchers.get(e.move),
        )
        for key, book in valued.books.items()
        for e in book.entries
    )


def write_levels(ctx: Context, books: Books, valued: Valued) -> None:
    """Bring quantities and each warehouse's share of the value to the levels, last in the lock order."""
    houses = places.warehouses(ctx)
    wanted = {pair for pair, values in books.level_changes.items() if any(values)}
    for product_id, group_id in valued.books:
        wanted |= {(product_id, w.pk) for w in houses.values() if w.cost_group_id == group_id}
    if not wanted:
        return
    products = {p for p, _w in wanted}
    rows = locks.levels(products, {w for _p, w in wanted})
    missing = sorted(pair for pair in books.level_changes if pair not in rows)
    if missing:
        insert_missing(
            StockLevel,
            [StockLevel(product_id=p, warehouse_id=w, currency=ctx.currency) for p, w in missing],
        )
        rows = locks.levels(products, {w for _p, w in wanted})
    for pair, changes in books.level_changes.items():
        for name, change in zip(LEVEL_SUMS, changes, strict=True):
            setattr(rows[pair], name, getattr(rows[pair], name) + change)
    touched = set(books.level_changes)
    for (product_id, group_id), book in valued.books.items():
        mine = [row for (p, w), row in sorted(rows.items()) if p == product_id and houses[w].cost_group_id == group_id]
        for row, value in zip(mine, share_value(book.value, [r.valued for r in mine], book.currency), strict=True):
            if row.value != value:
                row.value = value
                touched.add((row.product_id, row.warehouse_id))
    books.level_changes = {}
    put(
        StockLevel,
        {rows[pair].pk: [*(getattr(rows[pair], n) for n in LEVEL_SUMS), rows[pair].value] for pair in sorted(touched)},
        (*LEVEL_SUMS, "value"),
    )


def open_books_of(ctx: Context, keys: Collection[Key]) -> Valued:
    """The cost books of these products and groups, under lock, with their open layers; made where missing."""
    out = Valued()
    if not keys:
        return out
    products, groups = {p for p, _g in keys}, {g for _p, g in keys}
    facts = catalog.products(ctx, products)
    rows = {(r.product_id, r.cost_group_id): r for r in locks.costs(products, groups)}
    missing = sorted((k for k in keys if k not in rows), key=lambda k: (str(k[0]), str(k[1])))
    if missing:
        insert_missing(
            ProductCost,
            [
                ProductCost(
                    id=new_id(), product_id=p, cost_group_id=g, method=facts[p].cost_method, currency=ctx.currency
                )
                for p, g in missing
            ],
        )
        rows = {(r.product_id, r.cost_group_id): r for r in locks.costs(products, groups)}
    layers: dict[UUID, list[Layer]] = {}
    wanted = [rows[k].pk for k in keys]
    for x in CostLayer.objects.filter(product_cost_id__in=wanted).exclude(remaining=0).order_by("on", "number"):
        layers.setdefault(x.product_cost_id, []).append(
            Layer(
                x.pk,
                x.number,
                x.on,
                x.move_id,
                x.quantity,
                x.value,
                x.remaining,
                x.remaining_value,
                lot=x.lot_id,
                party=x.party_id,
            )
        )
    for key in keys:
        row = rows[key]
        book = _book(row, layers.get(row.pk, []))
        if not book.layers and book.quantity == 0:
            book.method = facts[key[0]].cost_method  # a changed method counts from empty stock on
        out.rows[key], out.books[key] = row, book
    return out


def _book(row: ProductCost, layers: list[Layer]) -> Book:
    return Book(row.method, row.currency, row.quantity, row.value, row.last_cost, row.standard, row.layers, layers)
