"""The clock of the house: what is told of another moment is stamped with it, everywhere and only then."""

from __future__ import annotations

import datetime as dt
from threading import Thread
from typing import Any

import pytest

from kontor import clock
from kontor.documents import gate
from kontor.documents.models import StatusChange
from kontor.history.api import comment, timeline
from kontor.history.models import AuditEvent, OutboxEvent

THEN = dt.datetime(2025, 3, 4, 23, 30, tzinfo=dt.UTC)  # the fifth in Taipei


def test_a_moment_needs_its_zone_and_holds_for_its_block_alone():
    with pytest.raises(ValueError, match="time zone"), clock.told_at(dt.datetime(2025, 1, 1)):
        pass
    with clock.told_at(THEN):
        assert clock.now() == THEN
        with clock.told_at(THEN + dt.timedelta(days=1)):
            assert clock.now() == THEN + dt.timedelta(days=1)
        assert clock.now() == THEN
        seen: list[dt.datetime] = []
        other = Thread(target=lambda: seen.append(clock.now()))
        other.start()
        other.join()
        assert seen[0].year >= 2026  # another's work goes by the real clock
    assert clock.now() > THEN + dt.timedelta(days=365)


@pytest.mark.django_db
def test_what_the_gate_writes_follows_it(ctx: Any):
    with clock.told_at(THEN):
        assert (ctx.now, ctx.today) == (THEN, dt.date(2025, 3, 5))
        made = gate.create(ctx, "parties.customer", {"name": "明達"})
        order = gate.create(ctx, "sales.quotation", {"customer": str(made.pk)})
        comment(ctx, "parties.customer", made.pk, "x")
    with clock.told_at(THEN + dt.timedelta(hours=2)):
        gate.update(ctx, "parties.customer", made.pk, {"phone": "02-2345-6789"})
    made.refresh_from_db()
    assert (made.created_at, made.updated_at) == (THEN, THEN + dt.timedelta(hours=2))
    assert order.quoted_on == dt.date(2025, 3, 5)
    later = THEN + dt.timedelta(hours=2)
    audit = AuditEvent.objects.filter(record_id=made.pk).order_by("at", "id").values_list("verb", "at")
    assert list(audit) == [("created", THEN), ("commented", THEN), ("updated", later)]
    assert set(OutboxEvent.objects.filter(record_id=made.pk).values_list("at", flat=True)) == {THEN, later}
    assert {e.at for e in timeline(ctx, "parties.customer", made.pk)} == {THEN, later}


@pytest.mark.django_db
def test_steps_stock_and_vouchers_follow_it(ctx: Any):
    from suite.inventory.models import CostEntry, Move

    product = gate.create(ctx, "catalog.product", {"code": "CLOCK", "name": "時鐘"})
    with clock.told_at(THEN):
        lines = [{"product": str(product.pk), "quantity": "3", "unit_cost": "10"}]
        made = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
        gate.perform(ctx, "inventory.adjustment", made.pk, "post", {"posted_on": "2025-03-05"})
    step = StatusChange.objects.get(record_id=made.pk)
    assert (step.old, step.new, step.at) == ("draft", "posted", THEN)
    assert Move.objects.get(operation_id=made.pk).made_at == THEN
    assert set(CostEntry.objects.filter(move__operation_id=made.pk).values_list("made_at", flat=True)) == {THEN}
