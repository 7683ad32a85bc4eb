"""The everyday life of stock: in, promised, out, back, undone – and what is refused."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError

from kontor.documents import gate
from kontor.documents.conversion import links_to
from kontor.errors import Invalid, Refused
from suite.inventory import api
from suite.inventory.models import Balance, Move, Operation, PlannedMove, Reservation

from .conftest import DAY, Room


@pytest.mark.requirement("N1", "N2")
def test_an_opening_balance_has_moves_value_and_a_voucher(room: Room) -> None:
    before = room.ledger()
    product = room.product()
    done = room.adjust([(product, 10, "12.5")])
    assert (done.state, done.number[:3], done.done_on) == ("posted", "AD-", DAY)
    assert room.level(product) == (D(10), D(0), D(125))
    assert room.ledger() - before == D(125)
    move = Move.objects.get(product_id=product)
    assert (move.quantity, move.from_location.kind, move.to_location.kind) == (D(10), "adjustment", "usable")
    room.check(dates=[DAY - dt.timedelta(days=1), DAY])


@pytest.mark.requirement("S6", "N3", "N9")
def test_order_to_delivery(room: Room) -> None:
    a, b = room.stock(10, 30), room.stock(4, 50)
    owner, (la, lb), told = room.order((a, 6), (b, 6))
    assert told == {la: api.Reserved(D(6), D(0), D(0)), lb: api.Reserved(D(4), D(2), D(0))}
    assert room.level(b)[1] == D(4)
    pk, done = room.ship(owner, (la, 6), (lb, 6))
    assert (done.moves, done.cost, done.on) == (2, D(6 * 30 + 4 * 50), DAY)
    lines = {x.owner_line_id: x for x in api.operation(room.ctx, pk).lines}
    assert (lines[la].done, lines[lb].done) == (D(6), D(4))
    assert api.cost_of(room.ctx, pk) == {lines[la].id: D(180), lines[lb].id: D(200)}
    assert api.done_of(room.ctx, owner) == {la: D(6), lb: D(4)}
    assert api.reserved(room.ctx, [la, lb]) == {lb: api.Reserved(D(0), D(2), D(0))}
    assert {(x.source.id if hasattr(x, "source") else x.source_id) for x in links_to(pk)} == {owner.id}
    room.check()


def test_a_partial_shipment_leaves_a_back_order_that_keeps_its_goods(room: Room) -> None:
    product = room.stock(10)
    owner, (line,), _told = room.order((product, 8))
    pk = room.draw(owner, (line, 8))
    done = api.complete(room.ctx, pk, on=DAY, quantities={line: D(3)})
    assert (done.moves, done.cost) == (1, D(300))
    assert api.reserved(room.ctx, [line]) == {line: api.Reserved(D(5), D(0), D(0))}
    room.ship(owner, (line, 5))
    assert api.done_of(room.ctx, owner) == {line: D(8)}
    assert room.level(product) == (D(2), D(0), D(200))
    room.check()


def test_nothing_in_stock_is_refused_with_the_products(room: Room) -> None:
    product = room.product()
    owner, (line,), told = room.order((product, 3))
    assert told == {line: api.Reserved(D(0), D(3), D(0))}
    with pytest.raises(Refused) as refused:
        room.draw(owner, (line, 3))
    assert refused.value.code == "not_enough_stock"
    facts = refused.value.errors[0].facts
    assert (facts["product"], facts["wanted"], facts["missing"]) == (str(product), "3", "3")
    assert not Operation.objects.filter(owner_ref_id=owner.id).exists()


def test_a_delivery_ships_all_or_nothing(room: Room) -> None:
    a, b = room.stock(5), room.stock(5)
    owner, (la, lb), _told = room.order((a, 5), (b, 5))
    pk = room.draw(owner, (la, 5), (lb, 5))
    room.adjust([(b, -2, None)], kind="count")  # two were not there
    assert api.reserved(room.ctx, [lb])[lb] == api.Reserved(D(3), D(2), D(0))
    with pytest.raises(Refused) as refused, transaction.atomic():
        api.complete(room.ctx, pk, on=DAY)
    assert refused.value.code == "not_enough_stock"
    assert [e.facts["missing"] for e in refused.value.errors] == ["2"]
    assert [e.facts["product"] for e in refused.value.errors] == [str(b)]
    assert room.level(a)[0] == D(5)
    assert not Move.objects.filter(operation_id=pk).exists()
    room.check()


@pytest.mark.requirement("S7", "N3")
def test_a_return_comes_back_at_the_cost_it_left_with(room: Room) -> None:
    product = room.stock(3, "33.3333")
    owner, (line,), _told = room.order((product, 3))
    delivery, done = room.ship(owner, (line, 3))
    assert done.cost == D(100)
    room.adjust([(product, 5, 90)])
    told = api.operation(room.ctx, delivery).lines[0]
    back = api.draw_up_return(
        room.ctx, "sales.return", delivery, [api.ReturnRow(told.id, D(2))], owner=owner, reason="broken"
    )
    result = api.complete(room.ctx, back, on=DAY, into="usable")
    assert (result.moves, result.cost) == (1, D(-67))
    assert room.level(product) == (D(7), D(0), D(517))
    rest = api.draw_up_return(room.ctx, "sales.return", delivery, [api.ReturnRow(told.id, D(1))], owner=owner)
    assert api.complete(room.ctx, rest, on=DAY).cost == D(-33)
    with pytest.raises(Refused, match="More would come back"):
        api.draw_up_return(room.ctx, "sales.return", delivery, [api.ReturnRow(told.id, D(1))], owner=owner)
    assert api.outcomes_of(room.ctx, [owner])[line] == api.Outcome(D(3), D(3), cost=D(100))
    room.check()


def test_a_return_into_scrap_has_no_value(room: Room) -> None:
    product = room.stock(2, 40)
    owner, (line,), _told = room.order((product, 2))
    delivery, _done = room.ship(owner, (line, 2))
    told = api.operation(room.ctx, delivery).lines[0]
    back = api.draw_up_return(room.ctx, "sales.return", delivery, [api.ReturnRow(told.id, D(1))], owner=owner)
    assert api.complete(room.ctx, back, on=DAY, into="scrap").cost == 0
    assert room.level(product) == (D(1), D(0), D(0))
    assert not api.reserve(room.ctx, room.plan((product, 1))[0])[
        next(iter(PlannedMove.objects.filter(product_id=product, is_open=True).values_list("owner_line_id", flat=True)))
    ].reserved  # scrap is promised to nobody
    room.check()


def test_an_adjustment_is_reversed_with_its_voucher(room: Room) -> None:
    before = room.ledger()
    product = room.product()
    made = room.adjust([(product, 4, 25)])
    later = DAY + dt.timedelta(days=40)
    undone = gate.perform(
        room.ctx, "inventory.adjustment", made.pk, "reverse", {"reason": "typed wrong", "date": str(later)}
    ).record
    assert (undone.state, undone.reversed_on, undone.done_on) == ("reversed", later, DAY)
    assert room.level(product) == (D(0), D(0), D(0))
    assert (room.ledger() - before, room.ledger(to=DAY) - before) == (D(0), D(100))
    room.check(dates=[DAY, later])
    with pytest.raises(Refused) as refused:
        gate.perform(room.ctx, "inventory.adjustment", made.pk, "reverse", {})
    assert refused.value.code == "illegal_state"


def test_what_was_sold_cannot_be_reversed(room: Room) -> None:
    product = room.product()
    made = room.adjust([(product, 4, 25)])
    owner, (line,), _told = room.order((product, 3))
    room.ship(owner, (line, 3))
    with pytest.raises(Refused) as refused:
        gate.perform(room.ctx, "inventory.adjustment", made.pk, "reverse", {"date": str(DAY)})
    assert refused.value.code == "not_enough_stock"
    assert room.level(product) == (D(1), D(0), D(25))
    room.check()


def test_reversing_takes_goods_from_those_who_hold_them_and_tells_them(room: Room) -> None:
    product = room.product()
    first = room.adjust([(product, 4, 25)])
    room.adjust([(product, 1, 25)])
    _owner, (line,), told = room.order((product, 4))
    assert told[line].reserved == 4
    gate.perform(room.ctx, "inventory.adjustment", first.pk, "reverse", {"date": str(DAY)})
    assert api.reserved(room.ctx, [line]) == {line: api.Reserved(D(1), D(3), D(0))}
    room.check()


def test_put_back_gives_the_lines_to_their_owner(room: Room) -> None:
    product = room.stock(5)
    owner, (line,), _told = room.order((product, 5))
    pk = room.draw(owner, (line, 2))
    api.put_back(room.ctx, pk)
    assert Operation.objects.get(pk=pk).phase == "dropped"
    assert api.reserved(room.ctx, [line]) == {line: api.Reserved(D(5), D(0), D(0))}
    assert links_to(pk) == []
    room.ship(owner, (line, 5))
    assert api.done_of(room.ctx, owner) == {line: D(5)}


def test_a_deleted_draft_leaves_the_demand(room: Room) -> None:
    product = room.stock(5)
    owner, (line,), _told = room.order((product, 5))
    pk = room.draw(owner, (line, 5))
    gate.delete(room.ctx, "sales.delivery", pk)
    assert api.reserved(room.ctx, [line]) == {line: api.Reserved(D(5), D(0), D(0))}


def test_planning_again_changes_and_never_doubles(room: Room) -> None:
    product, other = room.stock(10), room.stock(10)
    owner, (a, b), _told = room.order((product, 6), (other, 4))
    room.plan((product, 6), (other, 4), owner=owner, lines=[a, b])
    assert PlannedMove.objects.filter(owner_ref_id=owner.id).count() == 2
    room.plan((product, 2), owner=owner, lines=[a])
    assert PlannedMove.objects.filter(owner_ref_id=owner.id).count() == 1
    assert (room.level(product)[1], room.level(other)[1]) == (D(2), D(0))
    room.ship(owner, (a, 1))
    room.plan((product, 1), owner=owner, lines=[a])
    assert api.reserved(room.ctx, [a]) == {}
    with pytest.raises(Refused) as refused:
        room.plan((product, "0.5"), owner=owner, lines=[a])
    assert refused.value.code == "already_drawn_up"
    room.check()


def test_services_count_and_make_no_move(room: Room) -> None:
    goods, service = room.stock(1), room.product(kind="service")
    owner, (a, b), told = room.order((goods, 1), (service, 2))
    assert told[b] == api.Reserved(D(2), D(0), D(0))
    _pk, done = room.ship(owner, (a, 1), (b, 2))
    assert (done.moves, api.done_of(room.ctx, owner)) == (1, {a: D(1), b: D(2)})
    room.check()


def test_the_database_refuses_what_the_code_must_not_do(room: Room) -> None:
    product = room.stock(2)
    balance = Balance.objects.get(product_id=product, internal=True)
    with pytest.raises(IntegrityError, match="not_negative"), transaction.atomic():
        Balance.objects.filter(pk=balance.pk).update(on_hand=-1)
    with pytest.raises(IntegrityError, match="balance_reserved"), transaction.atomic():
        Balance.objects.filter(pk=balance.pk).update(reserved=3)
    for statement in ("UPDATE inventory_move SET quantity = 9", "DELETE FROM inventory_costentry"):
        with pytest.raises(DatabaseError, match="insert_only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    reservation_of = room.order((product, 1))
    held = Reservation.objects.get(demand__owner_ref_id=reservation_of[0].id)
    with pytest.raises(IntegrityError, match="one_source"), transaction.atomic():
        Reservation.objects.filter(pk=held.pk).update(supply_id=held.demand_id)
    with pytest.raises(IntegrityError, match="planned_reserved"), transaction.atomic():
        PlannedMove.objects.filter(pk=held.demand_id).update(expected=1)
    room.check()


def test_a_closed_stock_period_takes_no_move(room: Room) -> None:
    from kontor.calendars.models import Period

    product = room.stock(2)
    period = Period.objects.get(starts_on=dt.date(2026, 3, 1))
    gate.perform(room.ctx, "calendars.period", period.pk, "close", {"area": "stock"})
    room.ctx.cache.clear()
    with pytest.raises(Refused) as refused:
        room.adjust([(product, 1, 1)])
    assert refused.value.code == "period_closed"
    move = Move.objects.filter(product_id=product).get()
    with pytest.raises(DatabaseError, match="period_closed"), transaction.atomic():
        Move.objects.create(
            operation_id=move.operation_id,
            planned_id=move.planned_id,
            product_id=product,
            quantity=1,
            on=DAY,
            from_location_id=move.from_location_id,
            to_location_id=move.to_location_id,
        )
    assert room.level(product)[0] == D(2)


def test_wrong_adjustments_say_what_is_wrong(room: Room) -> None:
    product, service = room.product(), room.product(kind="service")
    other = room.warehouse_named("SIDE")
    from suite.inventory.models import Location

    spot = Location.objects.get(warehouse_id=other, kind="usable")
    with pytest.raises(Invalid) as refused:
        room.adjust([(product, 0, 1), (service, 1, 1), (product, 1, -1), (product, 1, 1, {"location": str(spot.pk)})])
    assert [e.pointer for e in refused.value.errors] == [
        "/lines/0/quantity",
        "/lines/1/product",
        "/lines/2/unit_cost",
        "/lines/3/location",
    ]


def test_a_warehouse_that_may_go_below_zero(room: Room) -> None:
    product = room.product()
    room.adjust([(product, 1, 10)])
    owner, (line,), _told = room.order((product, 1))
    pk = room.draw(owner, (line, 1))
    gate.update(room.ctx, "inventory.warehouse", room.warehouse, {"allow_negative": True})
    room.adjust([(product, -3, None)], kind="count")
    assert room.level(product) == (D(-2), D(0), D(-20))
    api.complete(room.ctx, pk, on=DAY)
    assert room.level(product) == (D(-3), D(0), D(-30))
    room.adjust([(product, 5, 14)], kind="count")
    assert room.level(product) == (D(2), D(0), D(28))
    room.check()
    with pytest.raises(Refused):
        room.adjust([(product, -9, None)], kind="count")
        gate.update(room.ctx, "inventory.warehouse", room.warehouse, {"allow_negative": False})


def test_a_refused_document_leaves_no_wrong_knowledge_behind(room: Room) -> None:
    product = room.product()
    day = dt.date(2031, 5, 5)  # its period is made by the first call and rolled back with it
    made = gate.create(
        room.ctx, "inventory.adjustment", {"kind": "count", "lines": [{"product": str(product), "quantity": "-1"}]}
    )
    with pytest.raises(Refused):
        gate.perform(room.ctx, "inventory.adjustment", made.pk, "post", {"posted_on": str(day)})
    room.adjust([(product, 1, 10)], on=day)
    assert room.level(product) == (D(1), D(0), D(10))
