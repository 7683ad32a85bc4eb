"""Cutting planned moves in two: the row keeps the first part, a new one takes the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from kontor.database.rows import put, remove
from kontor.values.columns import new_id
from kontor.values.money import round_stored
from suite.inventory.models import PlannedMove, Reservation
from suite.inventory.reserving import Books, hold_more, holdings
from suite.inventory.rules import ZERO, cut


def split(books: Books, parts: Mapping[UUID, Decimal], *, to_owner: bool = True) -> dict[UUID, PlannedMove]:
    """Cut locked planned moves so that each keeps ``parts`` of its quantity; the new rows by old id.

    What the row holds stays with its first part, stock before promised supply; what is beyond goes
    over to the rest. ``to_owner``: the rest belongs to no operation, but waits with its owner.
    """
    rows = {pk: books.planned[pk] for pk, part in parts.items() if part < books.planned[pk].quantity}
    if not rows:
        return {}
    books.flush()
    made: dict[UUID, PlannedMove] = {}
    held = holdings(rows) | pledges([pk for pk, row in rows.items() if row.direction == PlannedMove.Direction.IN])
    kept: dict[UUID, list[Decimal]] = {}
    gone: list[UUID] = []
    passed: dict[tuple[UUID, UUID | None, UUID | None], Decimal] = {}
    for pk, row in rows.items():
        rest = copy(row)
        rest._state = copy(row._state)
        rest._state.adding = True
        rest.pk = rest.id = new_id()
        rest.quantity = row.quantity - parts[pk]
        if row.entered is not None:
            row.entered, whole = round_stored(row.entered * parts[pk] / row.quantity), row.entered
            rest.entered = whole - row.entered
        row.quantity = parts[pk]
        rest.done = rest.returned = rest.reserved = rest.expected = ZERO
        if to_owner:
            rest.operation_id = None
        stays, goes = cut([(r, r.quantity) for r in held.get(pk, [])], parts[pk] - row.done)
        left = {r.pk: q for r, q in stays}
        for holding, quantity in goes:
            if holding.pk in left:
                kept[holding.pk] = [left[holding.pk]]
            else:
                gone.append(holding.pk)
            if holding.supply_id == pk:  # a promise from this supply
                passed[(holding.demand_id, None, rest.pk)] = quantity
                row.reserved -= quantity
                rest.reserved += quantity
                continue
            passed[(rest.pk, holding.balance_id, holding.supply_id)] = quantity
            if holding.balance_id is not None:
                row.reserved -= quantity
                rest.reserved += quantity
            else:
                row.expected -= quantity
                rest.expected += quantity
        made[pk] = books.planned[rest.pk] = rest
    put(
        PlannedMove,
        {pk: [r.quantity, r.entered, r.reserved, r.expected] for pk, r in rows.items()},
        ("quantity", "entered", "reserved", "expected"),
    )
    PlannedMove.objects.bulk_create(made.values())
    put(Reservation, kept, ("quantity",))
    remove(Reservation, gone)
    if passed:
        hold_more(passed)
    return made


def pledges(supply: Collection[UUID]) -> dict[UUID, list[Reservation]]:
    """What is promised from these supplies, in the order in which demand is served."""
    out: dict[UUID, list[Reservation]] = {}
    rows = Reservation.objects.filter(supply_id__in=supply).order_by(
        "demand__priority", F("demand__planned_on").asc(nulls_last=True), "demand__entered_at", "demand_id"
    )
    for row in rows:
        assert row.supply_id is not None
        out.setdefault(row.supply_id, []).append(row)
    return out
