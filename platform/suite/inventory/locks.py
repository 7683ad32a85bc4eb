"""The locks of inventory, in the one order that everybody keeps.

planned moves (by id) → balances (product, lot, location, owner) → layers and product costs (product,
cost group: the cost row stands for its layers) → stock levels (product, warehouse). Documents and
their lines are locked before, open items and counters after. Waiting demand of others that is met
after the balances are locked is taken with SKIP LOCKED, which never waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from kontor import clock
from kontor.database.prepared import array
from suite.inventory.models import Balance, PlannedMove, ProductCost, StockLevel

Pair = tuple[UUID, UUID]  # product, warehouse


# One statement: which rows, with those tied to them by promises of supply, locked in the order of their ids.
_LOCK = """
WITH wanted AS MATERIALIZED ({wanted}),
     ties AS MATERIALIZED (
         SELECT demand_id, supply_id FROM inventory_reservation
          WHERE supply_id IS NOT NULL AND (demand_id IN (SELECT id FROM wanted) OR supply_id = ANY(%s::uuid[])))
SELECT p.* FROM inventory_plannedmove p
 WHERE p.id IN (SELECT id FROM wanted UNION SELECT demand_id FROM ties UNION SELECT supply_id FROM ties)
 ORDER BY p.id FOR UPDATE OF p"""
_OPEN = "is_open AND is_stocked AND product_id = ANY(%s::uuid[]) AND warehouse_id = ANY(%s::uuid[])"
_SUPPLY = "direction = 'in' AND origin_id IS NULL"
_WAITING = "direction = 'out' AND claims AND quantity > done + reserved"
_HOLDERS = "direction = 'out' AND reserved > 0"
_LEVELS = """
WITH held AS MATERIALIZED (
     SELECT id FROM inventory_stocklevel WHERE product_id = ANY(%s::uuid[]) AND warehouse_id = ANY(%s::uuid[])
      ORDER BY product_id, warehouse_id FOR UPDATE)
UPDATE inventory_stocklevel t SET {sets}, updated_at = %s
  FROM held, unnest({arrays}) AS v (product_id, warehouse_id, {columns})
 WHERE t.id = held.id AND t.product_id = v.product_id AND t.warehouse_id = v.warehouse_id"""


def planned(
    ids: Collection[UUID], *, supply: Iterable[Pair] = (), waiting: Iterable[Pair] = (), holders: Iterable[Pair] = ()
) -> dict[UUID, PlannedMove]:
    """Lock these planned moves with those tied to them by promises of supply.

    ``supply``: also the open supply of these products and warehouses; ``waiting``: also the demand
    that waits there; ``holders``: also the demand that holds goods there.
    """
    given = array(ids)
    parts, params = ["SELECT unnest(%s::uuid[]) AS id"], [given]
    for pairs, which in ((set(supply), _SUPPLY), (set(waiting), _WAITING), (set(holders), _HOLDERS)):
        if pairs:
            parts.append(f"SELECT id FROM inventory_plannedmove WHERE {_OPEN} AND {which}")  # noqa: S608
            params += [array({p for p, _w in pairs}), array({w for _p, w in pairs})]
    if not ids and len(parts) == 1:
        return {}
    rows = PlannedMove.objects.raw(_LOCK.format(wanted=" UNION ".join(parts)), [*params, given])
    return {row.pk: row for row in rows}


def more(ids: Collection[UUID]) -> dict[UUID, PlannedMove]:
    """Lock further planned moves out of order, without ever waiting: those that others hold are left out."""
    rows = PlannedMove.objects.filter(pk__in=ids).select_for_update(of=("self",), skip_locked=True)
    return {row.pk: row for row in rows}


def waiting_rows(pairs: Collection[Pair]) -> QuerySet[PlannedMove]:
    """Demand that asks for goods and has not all of them from stock."""
    return PlannedMove.objects.filter(
        _in(pairs), is_open=True, is_stocked=True, direction="out", claims=True, quantity__gt=F("done") + F("reserved")
    )


def late_comers(pairs: Collection[Pair]) -> list[PlannedMove]:
    """Waiting demand in order of service: priority, date, entry; rows that others hold are passed over."""
    rows = waiting_rows(pairs).select_for_update(of=("self",), skip_locked=True)
    return list(rows.order_by("priority", F("planned_on").asc(nulls_last=True), "entered_at", "position", "pk"))


def balances(products: Collection[UUID], locations: Collection[UUID]) -> list[Balance]:
    """Lock all balance rows of the products at the locations, in the one order."""
    return list(
        Balance.objects.filter(product_id__in=products, location_id__in=locations)
        .select_for_update(of=("self",))
        .order_by(
            "product_id", F("lot_id").asc(nulls_first=True), "location_id", F("owner_party_id").asc(nulls_first=True)
        )
    )


def costs(products: Collection[UUID], groups: Collection[UUID | None]) -> list[ProductCost]:
    """Lock the cost rows, which stand for their layers."""
    named = [g for g in groups if g is not None]
    condition = Q(cost_group_id__in=named)
    if None in groups:
        condition |= Q(cost_group_id__isnull=True)
    return list(
        ProductCost.objects.filter(condition, product_id__in=products)
        .select_for_update(of=("self",))
        .order_by("product_id", F("cost_group_id").asc(nulls_first=True))
    )


def levels(products: Collection[UUID], warehouses: Collection[UUID]) -> dict[Pair, StockLevel]:
    """Lock the levels of the products in the warehouses."""
    rows = (
        StockLevel.objects.filter(product_id__in=products, warehouse_id__in=warehouses)
        .select_for_update(of=("self",))
        .order_by("product_id", "warehouse_id")
    )
    return {(row.product_id, row.warehouse_id): row for row in rows}


def add_to_levels(changes: Mapping[Pair, Sequence[Decimal]], columns: Sequence[str]) -> None:
    """Lock the levels in their order and add to their columns, in one statement."""
    sets = ", ".join(f"{name} = t.{name} + v.{name}" for name in columns)
    arrays = ", ".join(["%s::uuid[]", "%s::uuid[]", *("%s::numeric[]" for _c in columns)])
    given = sorted(changes)
    products, warehouses = array(p for p, _w in given), array(w for _p, w in given)
    with connection.cursor() as cursor:
        cursor.execute(
            _LEVELS.format(sets=sets, arrays=arrays, columns=", ".join(columns)),
            [products, warehouses, clock.now(), products, warehouses,
             *(array(changes[pair][i] for pair in given) for i in range(len(columns)))],
        )  # fmt: skip


def _in(pairs: Collection[Pair]) -> Any:
    products = {p for p, _w in pairs}
    warehouses = {w for _p, w in pairs}
    return Q(product_id__in=products, warehouse_id__in=warehouses)
