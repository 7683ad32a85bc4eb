"""Σ layers = stock value = ledger, and every kept sum = its moves, after any order of operations."""

import datetime as dt
import os
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kontor.documents import gate
from kontor.errors import Refused
from suite.inventory import api

from .conftest import DAY, Room

DATES = [DAY + dt.timedelta(days=n) for n in (0, 3, 20, 40)]

number = st.integers(1, 9)
cost = st.sampled_from(["0", "1", "7", "9.33", "12.5", "33.3333", "100"])
which = st.integers(0, 7)
on = st.sampled_from(DATES)  # in any order: back-dated into open periods
step = st.one_of(
    st.tuples(st.just("bring"), which, number, cost, on),
    st.tuples(st.just("count"), which, st.integers(-9, 9).filter(bool), cost, on),
    st.tuples(st.just("order"), which, number, which, on),
    st.tuples(st.just("ship"), which, number, which, on),
    st.tuples(st.just("back"), which, number, st.sampled_from(["usable", "scrap"]), on),
    st.tuples(st.just("undo"), which, number, which, on),
    st.tuples(st.just("expect"), which, number, cost, on),
    st.tuples(st.just("receive"), which, number, st.sampled_from(["usable", "inspection"]), on),
    st.tuples(st.just("change"), which, number, which, on),
    st.tuples(st.just("release"), which, number, which, on),
    st.tuples(st.just("put_back"), which, number, which, on),
)


class _Undone(Exception):
    """Ends an example."""


class World:
    """Two products, their documents, and the deeds done to them; refusals are part of life."""

    def __init__(self, room: Room, method: str, negative: bool) -> None:
        self.room = room
        if negative:
            gate.update(room.ctx, "inventory.warehouse", room.warehouse, {"allow_negative": True})
        self.products = [room.product(method) for _ in range(2)]
        self.orders: list[Any] = []
        self.supplies: list[Any] = []
        self.shipped: list[Any] = []
        self.adjusted: list[Any] = []

    def do(self, what: str, i: int, n: int, extra: Any, day: dt.date) -> None:
        try:
            with transaction.atomic():
                getattr(self, what)(i, n, extra, day)
        except Refused:
            self.room.ctx.cache.clear()  # it may know rows that were rolled back

    def _pick(self, rows: list[Any], i: int) -> Any:
        if not rows:
            raise Refused("nothing there")
        return rows[i % len(rows)]

    def bring(self, i: int, n: int, extra: Any, day: dt.date) -> None:
        self.adjusted.append(self.room.adjust([(self.products[i % 2], n, extra)], on=day))

    def count(self, i: int, n: int, extra: Any, day: dt.date) -> None:
        a, b = self.products
        rows = [(a, n, extra if n > 0 else None), (b, -n, None)] if i % 2 else [(a, n, None)]
        self.adjusted.append(self.room.adjust(rows, kind="count", on=day))

    def order(self, i: int, n: int, extra: int, day: dt.date) -> None:
        a, b = self.products
        rows = [(a, n), (b, extra + 1)] if i % 3 else [(b, n)]
        owner, lines, _told = self.room.order(*rows, on=day, priority=1 + i % 3)
        self.orders.append((owner, lines, rows))

    def ship(self, i: int, n: int, extra: int, day: dt.date) -> None:
        owner, lines, rows = self._pick(self.orders, i)
        wanted = [(line, min(n, int(q))) for line, (_p, q) in zip(lines, rows, strict=True)]
        pk = self.room.draw(owner, *wanted)
        part = None if extra % 2 else {wanted[0][0]: D(1)}
        api.complete(self.room.ctx, pk, on=day, quantities=part)
        self.shipped.append((pk, owner))

    def put_back(self, i: int, n: int, extra: int, day: dt.date) -> None:
        owner, lines, _rows = self._pick(self.orders, i)
        api.put_back(self.room.ctx, self.room.draw(owner, (lines[0], 1)))

    def back(self, i: int, n: int, extra: str, day: dt.date) -> None:
        pk, owner = self._pick(self.shipped, i)
        line = api.operation(self.room.ctx, pk).lines[0]
        made = api.draw_up_return(
            self.room.ctx, "sales.return", pk, [api.ReturnRow(line.id, D(min(n, 2)))], owner=owner
        )
        api.complete(self.room.ctx, made, on=day, into=extra)

    def undo(self, i: int, n: int, extra: int, day: dt.date) -> None:
        made = self._pick(self.adjusted, i)
        gate.perform(self.room.ctx, "inventory.adjustment", made.pk, "reverse", {"date": str(max(day, made.done_on))})

    def expect(self, i: int, n: int, extra: str, day: dt.date) -> None:
        product = self.products[i % 2]
        owner, lines = self.room.plan((product, n), kind="in", on=day, unit_cost=D(extra))
        self.supplies.append((owner, lines, [(product, n)]))

    def receive(self, i: int, n: int, extra: str, day: dt.date) -> None:
        owner, lines, rows = self._pick(self.supplies, i)
        pk = self.room.draw(owner, (lines[0], min(n, int(rows[0][1]))), face="purchasing.receipt")
        api.complete(self.room.ctx, pk, on=day, into=extra)

    def change(self, i: int, n: int, extra: int, day: dt.date) -> None:
        owner, lines, rows = self._pick(self.orders + self.supplies, i)
        kind = "out" if owner.resource == "tests.order" else "in"
        if n == 9:
            api.plan(self.room.ctx, owner, [])
        else:
            self.room.plan(*[(p, n) for p, _q in rows], owner=owner, lines=lines, kind=kind, on=day)

    def release(self, i: int, n: int, extra: int, day: dt.date) -> None:
        owner, _lines, _rows = self._pick(self.orders, i)
        if n % 2:
            api.release(self.room.ctx, owner)
        else:
            api.reserve(self.room.ctx, owner)


@pytest.mark.requirement("N2", "N7", "N9", "C7")
@pytest.mark.parametrize(
    ("method", "negative"),
    [
        ("average", False),
        ("fifo", False),
        ("standard", False),
        ("average", True),
        ("fifo", True),
    ],
)
def test_all_sums_agree_after_any_order(room: Room, method: str, negative: bool) -> None:
    @settings(
        max_examples=int(os.environ.get("KONTOR_EXAMPLES", "12")),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        database=None,
        phases=[Phase.generate],  # shrinking real transactions takes minutes
    )
    @given(st.lists(step, min_size=5, max_size=22))
    def run(steps: list[Any]) -> None:
        room.ctx.cache.clear()
        with pytest.raises(_Undone), transaction.atomic():
            world = World(room, method, negative)
            for one in steps:
                world.do(*one)
            room.check(dates=DATES)
            raise _Undone

    run()
