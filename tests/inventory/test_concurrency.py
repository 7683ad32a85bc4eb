"""Many at once: real threads, real commits, a company of the test's own."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal as D
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum

from kontor.errors import Refused
from kontor.identity.api import system_context
from suite.inventory import api
from suite.inventory.models import Move, Reservation
from tenants.provisioning import in_tenant
from tests.concurrency import at_once

from .conftest import DAY, Room


@contextmanager
def inside(name: str) -> Iterator[Room]:
    with in_tenant(name):
        ctx = system_context("test")
        room = Room.__new__(Room)
        room.ctx, room.warehouse = ctx, api.default_warehouse(ctx)
        yield room


@pytest.mark.requirement("N2", "N9")
@pytest.mark.slow("64 real transactions of a whole shipment")
def test_64_buyers_for_40_pieces(fresh_company: Any) -> None:
    name = fresh_company.tenant.name
    with inside(name) as room:
        product = room.stock(40, 10)

    def buy(room: Room) -> Any:
        owner, (line,), told = room.order((product, 1))
        pk = room.draw(owner, (line, 1))
        return api.complete(room.ctx, pk, on=DAY), told

    results = at_once([buy] * 64, partial(inside, name))
    shipped = [r for r in results if isinstance(r, tuple)]
    refused = [r for r in results if isinstance(r, Refused)]
    others = [r for r in results if not isinstance(r, tuple | Refused)]
    assert others == []
    assert (len(shipped), len(refused)) == (40, 24)
    for refusal in refused:
        assert refusal.code == "not_enough_stock"
        facts = refusal.errors[0].facts
        assert (facts["product"], facts["wanted"], facts["missing"]) == (str(product), "1", "1")
    with inside(name) as room:
        assert room.level(product) == (D(0), D(0), D(0))
        sold = Move.objects.filter(product_id=product, to_location__kind="customer")
        assert sold.aggregate(n=Sum("quantity"))["n"] == 40
        assert not Reservation.objects.exists()
        room.check()


@pytest.mark.requirement("N9")
@pytest.mark.slow("64 buyers hold goods at once, then ship")
def test_reservations_never_exceed_what_is_there(fresh_company: Any) -> None:
    name = fresh_company.tenant.name
    with inside(name) as room:
        product = room.stock(40, 10)

    def confirm(room: Room) -> Any:
        return room.order((product, 1))

    held = at_once([confirm] * 64, partial(inside, name), threads=32)
    assert [r for r in held if isinstance(r, Exception)] == []
    assert sum(told[lines[0]].reserved for _o, lines, told in held) == 40
    with inside(name) as room:
        assert room.level(product) == (D(40), D(40), D(400))
        room.check()
        room.adjust([(product, 30, 10)])  # goods come: the 24 who wait are served
        assert room.level(product)[:2] == (D(70), D(64))
        room.check()


@pytest.mark.slow("16 threads over shuffled products: nobody may deadlock")
def test_16_threads_with_shuffled_products_and_receipts(fresh_company: Any) -> None:
    name = fresh_company.tenant.name
    with inside(name) as room:
        products = [room.stock(30, 10) for _ in range(6)]

    def trade(seed: int) -> Callable[[Room], Any]:
        def deed(room: Room) -> Any:
            rng = random.Random(seed)
            chosen = rng.sample(products, 4)
            if seed % 5 == 0:
                return room.adjust([(p, 3, rng.randint(5, 20)) for p in chosen], kind="correction")
            owner, lines, _told = room.order(*((p, rng.randint(1, 3)) for p in chosen))
            if seed % 7 == 0:
                return api.release(room.ctx, owner)
            pk = room.draw(owner, *((line, 1) for line in rng.sample(lines, 3)))
            done = api.complete(room.ctx, pk, on=DAY + dt.timedelta(days=rng.randint(0, 5)))
            api.plan(room.ctx, owner, [])
            return done

        return deed

    results = at_once([trade(seed) for seed in range(1, 81)], partial(inside, name), threads=16)
    faults = [
        r for r in results if isinstance(r, Exception) and not (isinstance(r, Refused) and r.code == "not_enough_stock")
    ]
    assert faults == []
    assert sum(isinstance(r, api.Done) for r in results) > 20
    with inside(name) as room:
        room.check(dates=[DAY + dt.timedelta(days=n) for n in range(6)])


@pytest.mark.slow("a company of its own, as the nightly task opens its own transactions")
def test_the_night_serves_whom_a_lock_kept_from_goods_and_proves_the_sums(
    fresh_company: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from suite.inventory.models import PlannedMove, StockLevel
    from suite.inventory.tasks import tend

    name = fresh_company.tenant.name
    with inside(name) as room:
        product = room.product()
        owner, (line,), told = room.order((product, 2))
        assert told[line].short == 2
        PlannedMove.objects.filter(owner_ref_id=owner.id).update(claims=False)  # nobody sees it …
        room.adjust([(product, 5, 10)])
        PlannedMove.objects.filter(owner_ref_id=owner.id).update(claims=True)  # … while the goods come
    assert tend(name) == 0
    with inside(name) as room:
        assert api.reserved(room.ctx, [line])[line].reserved == 2
        StockLevel.objects.filter(product_id=product).update(on_hand=7)
    assert tend(name) == 1
    assert "level.on_hand" in caplog.text
    with pytest.raises(Refused, match="name"):
        tend()
