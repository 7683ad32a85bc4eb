"""Expected supply: promised, flipped to goods on receipt, shrunk, and served in order."""

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents.records import Ref
from kontor.resources import registry
from kontor.values.columns import new_id
from suite.inventory import api
from suite.inventory.models import Reservation

from .conftest import DAY, Room


def later(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


def receive(room: Room, owner: Ref, line: Any, quantity: Any, on: dt.date = DAY, **more: Any) -> api.Done:
    pk = room.draw(owner, (line, quantity), face="purchasing.receipt")
    return api.complete(room.ctx, pk, on=on, **more)


@pytest.mark.requirement("N9")
def test_a_promise_flips_to_the_goods_when_they_come(room: Room) -> None:
    product = room.stock(2, 10)
    supply, (coming,) = room.plan((product, 8), kind="in", on=later(5), unit_cost=D(20))
    _owner, (line,), told = room.order((product, 6))
    assert told == {line: api.Reserved(D(2), D(4), D(4))}
    _other, (theirs,), told = room.order((product, 6))
    assert told == {theirs: api.Reserved(D(0), D(6), D(4))}
    room.check()
    done = receive(room, supply, coming, 5)
    assert done.cost == D(-100)
    assert api.reserved(room.ctx, [line, theirs]) == {
        line: api.Reserved(D(6), D(0), D(0)),
        theirs: api.Reserved(D(1), D(5), D(3)),
    }
    room.check()
    receive(room, supply, coming, 3)
    assert api.reserved(room.ctx, [theirs]) == {theirs: api.Reserved(D(4), D(2), D(0))}
    assert room.level(product) == (D(10), D(10), D(180))
    room.check()


def test_goods_awaiting_inspection_are_promised_to_nobody(room: Room) -> None:
    product = room.product()
    supply, (coming,) = room.plan((product, 5), kind="in", unit_cost=D(20))
    _owner, (line,), told = room.order((product, 5))
    assert told[line].expected == 5
    receive(room, supply, coming, 5, into="inspection")
    assert api.reserved(room.ctx, [line]) == {line: api.Reserved(D(0), D(5), D(0))}
    assert room.level(product) == (D(5), D(0), D(100))
    assert api.availability(room.ctx, [api.AvailabilityAsk(product, None, D(1), DAY)])[0].now == 0
    room.check()


@pytest.mark.requirement("N9")
def test_waiting_demand_is_served_by_priority_then_date_then_entry(room: Room) -> None:
    product = room.product()
    owners = {
        "plain": room.order((product, 3), on=later(4)),
        "early": room.order((product, 3), on=later(1)),
        "urgent": room.order((product, 3), on=later(9), priority=1),
        "second": room.order((product, 3), on=later(4)),
    }
    told: list[tuple[str, list[Any]]] = []

    class Handler:
        @staticmethod
        def released(ctx: Context, ids: list[Any], trigger: str) -> None:
            told.append((trigger, ids))

    registry._owners["tests.order"] = Handler
    try:
        room.adjust([(product, 7, 10)])
    finally:
        del registry._owners["tests.order"]
    held = {name: api.reserved(room.ctx, lines)[lines[0]].reserved for name, (_o, lines, _t) in owners.items()}
    assert held == {"urgent": 3, "early": 3, "plain": 1, "second": 0}
    assert told == [("reserved", sorted(owners[name][0].id for name in ("urgent", "early", "plain")))]
    room.check()


def test_released_goods_go_to_the_next_in_line(room: Room) -> None:
    product = room.stock(5)
    first, (a,), _told = room.order((product, 5))
    _second, (b,), told = room.order((product, 4))
    assert told[b].reserved == 0
    api.release(room.ctx, first)
    assert api.reserved(room.ctx, [a, b]) == {a: api.Reserved(D(0), D(5), D(0)), b: api.Reserved(D(4), D(0), D(0))}
    room.adjust([(product, 10, 10)])
    assert api.reserved(room.ctx, [a])[a].reserved == 0  # it asks for nothing any more
    room.check()


def test_a_cancelled_supply_takes_its_promises_along(room: Room) -> None:
    product = room.product()
    supply, lines = room.plan((product, 6), kind="in", on=later(3))
    _first, (a,), _t = room.order((product, 4))
    _second, (b,), told = room.order((product, 4))
    assert told[b].expected == 2
    room.plan((product, 5), kind="in", owner=supply, lines=lines)
    assert (api.reserved(room.ctx, [a])[a].expected, api.reserved(room.ctx, [b])[b].expected) == (4, 1)
    api.plan(room.ctx, supply, [])
    assert not Reservation.objects.filter(demand__product_id=product).exists()
    room.plan((product, 3), kind="in", on=later(7))
    assert api.reserved(room.ctx, [a])[a].expected == 3
    room.check()


def test_stock_that_comes_free_frees_the_promise_for_others(room: Room) -> None:
    product = room.stock(3)
    holder, (_h,), _t = room.order((product, 3))
    room.plan((product, 3), kind="in", on=later(3))
    _o, (a,), told_a = room.order((product, 3))
    _o, (b,), told_b = room.order((product, 3))
    assert (told_a[a].expected, told_b[b].expected) == (3, 0)
    api.plan(room.ctx, holder, [])
    told = api.reserved(room.ctx, [a, b])
    assert (told[a], told[b]) == (api.Reserved(D(3), D(0), D(0)), api.Reserved(D(0), D(3), D(3)))
    room.check()


def test_a_delivery_from_another_warehouse(room: Room) -> None:
    product, side = room.stock(2, 10), room.warehouse_named("SIDE")
    room.adjust([(product, 3, 10)], warehouse=str(side))
    owner, (line,), told = room.order((product, 4))
    assert told[line].reserved == 2
    pk = room.draw(owner, (line, 4), warehouse_id=side)
    assert [x.quantity for x in api.operation(room.ctx, pk).lines] == [D(3)]
    api.complete(room.ctx, pk, on=DAY)
    assert (room.level(product, side), room.level(product)) == ((D(0), D(0), D(0)), (D(2), D(1), D(20)))
    assert api.reserved(room.ctx, [line]) == {line: api.Reserved(D(1), D(0), D(0))}
    room.check()


def test_warehouses_of_one_cost_group_share_the_average(room: Room) -> None:
    product, side = room.stock(1, 10), room.warehouse_named("SIDE")
    room.adjust([(product, 2, 40)], warehouse=str(side))
    assert (room.level(product)[2], room.level(product, side)[2]) == (D(30), D(60))
    owner, (line,), _t = room.order((product, 1))
    assert room.ship(owner, (line, 1))[1].cost == D(30)
    room.check()


def test_cost_groups_keep_their_costs_apart(room: Room) -> None:
    from kontor.fields.api import ensure

    side = room.warehouse_named("SIDE", cost_group=str(ensure("cost_group", "B", "Branch B")))
    product = room.stock(1, 10)
    room.adjust([(product, 1, 40)], warehouse=str(side))
    assert (room.level(product)[2], room.level(product, side)[2]) == (D(10), D(40))
    owner, (line,), _t = room.order((product, 1), warehouse_id=side)
    pk = room.draw(owner, (line, 1), warehouse_id=side)
    assert api.complete(room.ctx, pk, on=DAY).cost == D(40)
    room.check()


@pytest.mark.requirement("N6")
def test_lots_that_expire_first_go_first_and_expired_ones_stay(room: Room) -> None:
    from kontor.documents import gate

    product = room.product()
    today = room.ctx.today
    lots = {
        name: gate.create(
            room.ctx,
            "inventory.lot",
            {
                "product": str(product),
                "number": f"{name}-{new_id().hex[-6:]}",
                "expires_on": str(today + dt.timedelta(days=n)),
            },
        ).pk
        for name, n in (("late", 90), ("soon", 5), ("past", -1))
    }
    room.adjust([(product, 2, 10, {"lot": str(pk)}) for pk in lots.values()])
    owner, (line,), told = room.order((product, 5))
    assert told[line] == api.Reserved(D(4), D(1), D(0))
    pk = room.draw(owner, (line, 3))
    with pytest.raises(Exception, match="add up"):
        api.complete(room.ctx, pk, on=DAY, lots={line: [(lots["soon"], D(1))]})
    api.complete(room.ctx, pk, on=DAY)
    from suite.inventory.models import Move

    gone = {m.lot_id: m.quantity for m in Move.objects.filter(operation_id=pk)}
    assert gone == {lots["soon"]: D(2), lots["late"]: D(1)}
    room.check()
    rest = room.draw(owner, (line, 1))
    api.complete(room.ctx, rest, on=DAY, lots={line: [(lots["past"], D(1))]})  # named by hand it may go
    assert Move.objects.get(operation_id=rest).lot_id == lots["past"]
    room.check()


@pytest.mark.requirement("S3")
def test_availability_with_its_arithmetic(room: Room) -> None:
    product = room.stock(10)
    _supply, (_coming,) = room.plan((product, 20), kind="in", on=later(10))
    inspected, (seen,) = room.plan((product, 4), kind="in")
    receive(room, inspected, seen, 4, into="inspection")
    work = Ref("manufacturing.work_order", new_id())
    api.plan(room.ctx, work, [api.PlanRow(new_id(), product, D(5), "in", room.warehouse, later(2))])
    owner, (_line,), _t = room.order((product, 12), on=later(1))
    asks = [
        api.AvailabilityAsk(product, room.warehouse, D(8), DAY),
        api.AvailabilityAsk(product, None, D(5), DAY),
        api.AvailabilityAsk(product, None, D(50), DAY),
        api.AvailabilityAsk(product, None, D(14), DAY, owner_id=owner.id),
        api.AvailabilityAsk(product, None, D(5), DAY, until=later(3)),
    ]
    first, second, never, own, until = api.availability(room.ctx, asks)
    assert {t.name: t.quantity for t in first.terms} == {
        "on_hand": 10,
        "at_inspection": 4,
        "awaiting_put_away": 0,
        "expected_work_orders": 5,
        "expected_purchases": 20,
        "ordered": -12,
    }
    assert (first.free, first.now, first.promise_on) == (27, 0, later(10))
    assert (second.promise_on, never.promise_on, own.promise_on) == (later(2), None, DAY)
    assert (own.free, until.free) == (39, 7)
    papers = {t.name: [(d.ref.resource, d.quantity, d.on) for d in t.documents] for t in first.terms}
    assert papers["ordered"] == [("tests.order", -12, later(1))]
    assert papers["expected_purchases"] == [("tests.purchase", 20, later(10))]
    assert papers["expected_work_orders"] == [("manufacturing.work_order", 5, later(2))]
    assert [d[:2] for d in papers["on_hand"]] == [("inventory.location", 10)]
