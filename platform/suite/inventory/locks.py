"""The locks of inventory, in the one order that everybody keeps.

planned moves (by id) → balances (product, lot, location, owner) → layers and product costs (product,
cost group: the cost row stands for its layers) → stock levels (product, warehouse). Documents and
their lines are locked before, open items and counters after. Waiting demand of others that is met
after the balances are locked is taken with SKIP LOCKED, which never waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from suite.inventory.models import Balance, PlannedMove, ProductCost, Reservation, StockLevel

Pair = tuple[UUID, UUID]  # product, warehouse


def planned(
    ids: Collection[UUID], *, supply: Iterable[Pair] = (), waiting: Iterable[Pair] = (), holders: Iterable[Pair] = ()
) -> dict[UUID, PlannedMove]:
    """Lock these planned moves with those tied to them by promises of supply.

    ``supply``: also the open supply of these products and warehouses; ``waiting``: also the demand
    that waits there; ``holders``: also the demand that holds goods there.
    """
    wanted = set(ids)
    open_rows = PlannedMove.objects.filter(is_open=True, is_stocked=True)
    if pairs := set(supply):
        wanted |= set(open_rows.filter(_in(pairs), direction="in", origin_id__isnull=True).values_list("pk", flat=True))
    if pairs := set(waiting):
        wanted |= set(waiting_rows(pairs).values_list("pk", flat=True))
    if pairs := set(holders):
        wanted |= set(open_rows.filter(_in(pairs), direction="out", reserved__gt=0).values_list("pk", flat=True))
    ties = Reservation.objects.filter(Q(demand_id__in=wanted) | Q(supply_id__in=list(ids)), supply_id__isnull=False)
    for demand_id, supply_id in ties.values_list("demand_id", "supply_id"):
        wanted |= {demand_id, supply_id}
    rows = PlannedMove.objects.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk")
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


def _in(pairs: Collection[Pair]) -> Any:
    products = {p for p, _w in pairs}
    warehouses = {w for _p, w in pairs}
    return Q(product_id__in=products, warehouse_id__in=warehouses)
