"""What a call of the gate writes at its end, and what a refusal inside takes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.models import StatusChange
from kontor.errors import Refused
from kontor.history.models import AuditEvent, OutboxEvent
from kontor.surfaces import search
from suite.sales.models import Order
from tests.sales import trade

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.requirement("K15")]


def _inserts(queries: list[dict[str, str]], table: str) -> int:
    return sum(f'INSERT INTO "{table}"' in q["sql"] for q in queries)


def test_an_action_writes_its_history_once_with_all_that_it_made(ctx: Context) -> None:
    order = trade.confirmed(ctx, (trade.goods(ctx, stock="10"), "4"))
    with CaptureQueriesContext(connection) as seen:
        delivery = gate.perform(ctx, "sales.order", order.pk, "deliver").made
    assert _inserts(seen.captured_queries, "history_auditevent") == 1
    assert _inserts(seen.captured_queries, "history_outboxevent") == 1
    verbs = list(
        AuditEvent.objects.filter(record_id__in=[order.pk, delivery.pk]).order_by("id").values_list("verb", "record_id")
    )
    assert verbs[-2:] == [("created", delivery.pk), ("deliver", order.pk)] or verbs[-1][1] == order.pk
    assert OutboxEvent.objects.filter(record_id=delivery.pk, name="sales.delivery.created").count() == 1


def test_a_refusal_inside_that_is_lived_with_leaves_the_rest(ctx: Context) -> None:
    """A service that goes on after a refusal keeps what it noted before and after it, and nothing of it."""
    customer = trade.customer(ctx)
    with gate.whole(ctx):
        first = gate.create(ctx, "parties.customer", {"name": "Stays"})
        with pytest.raises(Refused), transaction.atomic():
            gate.create(ctx, "parties.customer", {"name": "Twice", "code": customer.code})
        last = gate.create(ctx, "parties.customer", {"name": "Stays too"})
        assert not AuditEvent.objects.filter(record_id=first.pk).exists(), "written at the end of the whole"
    told = AuditEvent.objects.filter(verb="created", resource="parties.customer").order_by("-id")[:2]
    assert [t.record_id for t in told] == [last.pk, first.pk]
    assert {h.id for h in search.find(ctx, "Stays")} == {first.pk, last.pk}
    assert search.find(ctx, "Twice") == []


def test_the_outermost_refusal_leaves_nothing(ctx: Context) -> None:
    before = AuditEvent.objects.count(), OutboxEvent.objects.count()
    with pytest.raises(Refused), gate.whole(ctx):
        gate.create(ctx, "parties.customer", {"name": "Gone"})
        raise Refused("No.")
    assert (AuditEvent.objects.count(), OutboxEvent.objects.count()) == before
    assert search.find(ctx, "Gone") == []
    gate.create(ctx, "parties.customer", {"name": "After"})
    assert AuditEvent.objects.count() == before[0] + 1


def test_many_at_once_change_a_statement_a_table(ctx: Context) -> None:
    goods = trade.goods(ctx, stock="100")
    orders = [trade.order(ctx, (goods, "2")) for _i in range(4)]

    def told(pks: list[Any]) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            gate.perform_many(ctx, "sales.order", pks, "cancel", {"reason": "Not wanted"})
        return [q["sql"] for q in seen.captured_queries if q["sql"].startswith('UPDATE "sales_order"')]

    assert len(told([o.pk for o in orders[:3]])) == 1
    assert len(told([orders[3].pk])) == 1
    stored = {o.pk: o for o in Order.objects.filter(pk__in=[o.pk for o in orders])}
    assert {o.state for o in stored.values()} == {"cancelled"}
    assert all(stored[o.pk].version == o.version + 1 for o in orders)
    assert all(stored[o.pk].updated_at > o.updated_at for o in orders)
    assert StatusChange.objects.filter(record_id__in=stored, old="draft", new="cancelled").count() == 4


def test_what_does_not_stand_in_an_entry_does_not_write_it(ctx: Context) -> None:
    made = trade.customer(ctx, name="Searched")
    with CaptureQueriesContext(connection) as seen:
        gate.update(ctx, "parties.customer", made.pk, {"credit_limit": "500"})
    assert not any("surfaces_searchentry" in q["sql"] for q in seen.captured_queries)
    gate.update(ctx, "parties.customer", made.pk, {"name": "Renamed"})
    assert [h.title for h in search.find(ctx, "Renamed")] == ["Renamed"]
