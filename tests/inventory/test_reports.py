"""Reports, lists and rights of stock: one truth, seen from each side."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed
from kontor.reports import api as reports
from kontor.resources import registry
from kontor.surfaces.query import Ask, select
from suite.inventory.models import Location, Warehouse

from .conftest import DAY, Room


def day(n: int) -> str:
    return str(DAY + dt.timedelta(days=n))


@pytest.mark.requirement("N7", "N8", "F3")
def test_stock_value_is_the_ledgers_balance_on_every_day(room: Room) -> None:
    side = room.warehouse_named("SIDE")
    a, b = room.stock(10, 30), room.stock(3, "33.3333", "fifo")
    room.adjust([(a, 5, 60)], warehouse=str(side), on=DAY + dt.timedelta(days=2))
    owner, (line, _other), _told = room.order((a, 4), (b, 1))
    room.ship(owner, (line, 4), on=DAY + dt.timedelta(days=3))
    for n in range(-1, 5):
        told = reports.run(room.ctx, "stock-value", {"as_of": day(n)})
        assert told.table.totals is not None
        assert told.table.totals[-1] == room.ledger(to=DAY + dt.timedelta(days=n))
    one = reports.run(room.ctx, "stock-value", {"as_of": day(4), "product": str(a)})
    assert [[str(x) for x in row[3:]] for row in _rows(one)] == [["6", "40", "240"], ["5", "40", "200"]]


def _rows(result: Any) -> list[list[Any]]:
    return [[_plain(v) for v in line.values] for line in result.table.rows]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, D) and value == value.to_integral_value() else value


@pytest.mark.requirement("N8")
def test_in_out_balance(room: Room) -> None:
    product = room.stock(10, 30)
    room.adjust([(product, -2, None)], kind="count", on=DAY + dt.timedelta(days=1))
    room.adjust([(product, 5, 30)], kind="correction", on=DAY + dt.timedelta(days=2))
    told = reports.run(room.ctx, "stock-movements", {"from": day(1), "to": day(2), "product": str(product)})
    assert [[int(x) for x in row[3:]] for row in _rows(told)] == [[10, 5, 2, 13, 300, 390]]


@pytest.mark.requirement("S3")
def test_the_availability_report_shows_the_terms(room: Room) -> None:
    product = room.stock(10)
    room.order((product, 4))
    told = reports.run(room.ctx, "availability", {"product": str(product)})
    assert [c.name for c in told.table.columns][3:] == [
        "on_hand", "at_inspection", "awaiting_put_away", "expected_work_orders", "expected_purchases", "ordered",
        "free", "now",
    ]  # fmt: skip
    assert [int(x) for x in _rows(told)[0][3:]] == [10, 0, 0, 0, 0, -4, 6, 6]


@pytest.mark.requirement("N1", "N2")
def test_balances_are_a_list_like_any_other(room: Room) -> None:
    product = room.stock(10, 30)
    room.order((product, 4))
    spec = registry.spec("inventory.balance")
    (row,) = select(room.ctx, spec, Ask(filters={"product": str(product), "available__gte": "6"})).rows
    assert (row["on_hand"], row["reserved"], row["available"], row["value"]) == (10, 4, 6, 300)
    assert not select(room.ctx, spec, Ask(filters={"product": str(product), "available__gt": "6"})).rows
    fine = registry.spec("inventory.location_balance")
    rows = select(room.ctx, fine, Ask(filters={"product": str(product), "internal": "true"}, titles=True)).rows
    assert [(r["location__title"], r["on_hand"], r["warehouse"]) for r in rows] == [("MAIN/USE", 10, room.warehouse)]


def test_who_sees_costs_and_who_may_post(room: Room, as_role: Callable[..., Context]) -> None:
    product = room.stock(10, 30)
    keeper, seller = as_role("warehouse"), as_role("sales")
    spec = registry.spec("inventory.balance")
    for ctx in (keeper, seller):
        (row,) = select(ctx, spec, Ask(filters={"product": str(product)})).rows
        assert row["on_hand"] == 10
        assert "value" not in row
    with pytest.raises(NotAllowed):
        reports.run(seller, "stock-value", {})
    data = {"kind": "count", "lines": [{"product": str(product), "quantity": "-1", "unit_cost": "1"}]}
    with pytest.raises(Invalid, match="unit_cost"):
        gate.create(keeper, "inventory.adjustment", data)
    data["lines"][0].pop("unit_cost")  # type: ignore[attr-defined]
    made = gate.create(keeper, "inventory.adjustment", data)
    with pytest.raises(NotAllowed):
        gate.perform(seller, "inventory.adjustment", made.pk, "post", {})
    gate.perform(keeper, "inventory.adjustment", made.pk, "post", {"posted_on": day(0)})
    with pytest.raises(NotAllowed):  # to reverse is given by name
        gate.perform(keeper, "inventory.adjustment", made.pk, "reverse", {})
    assert room.level(product)[0] == D(9)


def test_a_warehouse_brings_its_locations_and_a_renamed_one_its_paths(room: Room) -> None:
    pk = room.warehouse_named("NORTH", locations=[{"code": "HALL", "name": "Hall", "kind": "usable"}])
    rows = Location.objects.filter(warehouse_id=pk).order_by("path")
    assert [(x.path, x.kind, x.valued, x.available) for x in rows] == [
        ("NORTH/HALL", "usable", True, True), ("NORTH/HOLD", "held", True, False),
        ("NORTH/INSPECT", "inspection", True, False), ("NORTH/SCRAP", "scrap", False, False),
    ]  # fmt: skip
    hall = next(x for x in rows if x.code == "HALL")
    shelf = gate.create(
        room.ctx, "inventory.location",
        {"warehouse": str(pk), "parent": str(hall.pk), "code": "A-01", "name": "Shelf", "kind": "usable"},
    )  # fmt: skip
    assert shelf.path == "NORTH/HALL/A-01"
    gate.update(room.ctx, "inventory.location", hall.pk, {"code": "H1"})
    gate.update(room.ctx, "inventory.warehouse", pk, {"code": "N"})
    assert Location.objects.get(pk=shelf.pk).path == "N/H1/A-01"
    assert Warehouse.objects.get(pk=pk).code == "N"
    with pytest.raises(Invalid, match="location above"):
        gate.update(room.ctx, "inventory.location", hall.pk, {"parent": str(shelf.pk)})
