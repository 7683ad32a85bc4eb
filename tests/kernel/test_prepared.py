"""Statements that are found and prepared once say and give what they did before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from kontor.context import Context
from kontor.database.backend import compiler
from kontor.database.instances import Stored
from kontor.database.prepared import Prepared, array, statements, text_array
from kontor.documents.models import Conversion, NumberCounter, StatusChange
from kontor.history.models import AuditEvent
from suite.parties.models import Customer

pytestmark = pytest.mark.usefixtures("company")

ODD = ['a"b', "back\\slash", "comma, {brace}", "NULL", "", " edge ", "長城%s"]


def _changes(names: list[str]) -> list[StatusChange]:
    made = [StatusChange(resource="test", record_id=uuid4(), field="state", old=name, new=name) for name in names]
    return StatusChange.objects.bulk_create(made)


@pytest.fixture(params=["prepared", "pooled"])
def either_way(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.PREPARED_STATEMENTS = request.param == "prepared"


@pytest.mark.usefixtures("either_way")
def test_rows_come_back_as_they_were_written_one_or_many() -> None:
    for names in (ODD, ['alone, \\ " {}']):
        made = _changes(names)
        for row in made:
            read = StatusChange.objects.get(pk=row.pk)
            assert (read.old, read.record_id, read.at, read.user_id) == (row.old, row.record_id, row.at, None)
            assert not read._state.adding and read._state.db == "default"


@pytest.mark.usefixtures("either_way")
def test_json_numbers_and_nothing_come_back_as_they_were_written() -> None:
    told = {"text": 'a"b\\c', "list": [1, None, {"長": "城"}]}
    AuditEvent.objects.bulk_create([AuditEvent(resource="test", verb="one", changes=told, record_id=None)])
    AuditEvent.objects.bulk_create([AuditEvent(resource="test", verb="two", changes=c) for c in (told, {})])
    read = list(AuditEvent.objects.filter(resource="test").order_by("id").values_list("changes", flat=True))
    assert read == [told, told, {}]
    for quantities in ([Decimal("1.5")], [Decimal("-2.000001"), None, Decimal("1E+3")]):
        rows = [
            Conversion(source_resource="s", source_id=uuid4(), target_resource="t", target_id=uuid4(), quantity=q)
            for q in quantities
        ]
        Conversion.objects.bulk_create(rows)
        assert [Conversion.objects.get(pk=r.pk).quantity for r in rows] == quantities


@pytest.mark.usefixtures("either_way")
def test_a_query_of_a_known_shape_takes_its_own_values() -> None:
    made = _changes(["a", "b", "c"])
    ids = [row.pk for row in made]
    for some in (ids[:1], ids[1:], ids, [], [uuid4()]):
        rows = StatusChange.objects.filter(pk__in=some).order_by("id")
        assert [row.pk for row in rows] == [pk for pk in ids if pk in some]
        assert set(StatusChange.objects.filter(pk__in=some, user=None).values_list("old", flat=True)) == {
            row.old for row in made if row.pk in some
        }
    assert [r.old for r in StatusChange.objects.filter(pk__in=ids).exclude(old="b").order_by("-id")] == ["c", "a"]
    assert list(StatusChange.objects.filter(pk__in=ids, pk__gt=ids[0]).order_by("id")[:1]) == [made[1]]


def test_related_rows_come_with_a_known_shape(ctx: Context) -> None:
    from tests.sales import trade

    first, second = trade.customer(ctx), trade.customer(ctx)
    for customer in (first, second, first):
        read = Customer.objects.select_related("party").get(pk=customer.pk)
        with connection.execute_wrapper(_refuse):
            assert read.party.pk == customer.party_id


def test_what_depends_on_more_than_its_shape_goes_its_own_way() -> None:
    known = set(compiler._texts)
    rows = NumberCounter.objects.filter(series__startswith="x")
    assert not rows.exists() and rows.aggregate(n=models.Count("id")) == {"n": 0}
    assert list(NumberCounter.objects.filter(last__gt=models.F("claimed") + 10**9)) == []
    assert set(compiler._texts) == known


def test_text_that_the_database_cannot_hold_is_refused_and_not_cut() -> None:
    with pytest.raises(DatabaseError, match="NUL"), transaction.atomic():
        _changes(["a\0b"])
    with pytest.raises(DatabaseError, match="NUL"), transaction.atomic():
        _changes(["a", "a\0b"])
    assert not StatusChange.objects.filter(resource="test").exists()


def test_the_second_run_is_prepared_and_a_server_that_forgot_is_told_anew() -> None:
    ask = Prepared("SELECT %s::uuid")
    pk = uuid4()

    def told() -> UUID:
        with connection.cursor() as cursor:
            found: UUID = cursor.execute(ask, [pk]).fetchone()[0]
            return found

    raw: Any = connection.connection
    kept = statements(raw)
    before = set(kept.ready)
    assert told() == pk and kept.ready == before
    assert told() == pk and len(kept.ready - before) == 1
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(DatabaseError), transaction.atomic():
        told()
    assert not kept.ready
    assert [told(), told()] == [pk, pk]


def test_a_pooler_without_sessions_sees_no_prepared_statement(settings: Any) -> None:
    settings.PREPARED_STATEMENTS = False
    ready = set(statements(connection.connection).ready)
    for _again in range(3):
        with connection.cursor() as cursor:
            assert cursor.execute(Prepared("SELECT %s::int, %s::uuid[]"), [7, []]).fetchone() == (7, [])
    assert statements(connection.connection).ready == ready


def test_arrays_are_written_as_the_server_reads_them() -> None:
    now = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
    asked = [array([Decimal("1.50"), None]), text_array([*ODD, None]), array([True, False]), array([now])]
    with connection.cursor() as cursor:
        cursor.execute(Prepared("SELECT %s::numeric[], %s::text[], %s::boolean[], %s::timestamptz[]"), asked)
        assert cursor.fetchone() == ([Decimal("1.50"), None], [*ODD, None], [True, False], [now])


def test_a_new_instance_has_what_django_gives_it() -> None:
    def values(row: models.Model) -> dict[str, Any]:
        return {k: v for k, v in row.__dict__.items() if k not in ("id", "_state")}

    for model, named in ((AuditEvent, {"verb": "x"}), (Conversion, {}), (StatusChange, {"old": "o"})):
        quick = model(**named)
        slow = model.__new__(model)
        models.Model.__init__(slow, **named)
        assert issubclass(model, Stored) and values(quick) == values(slow)
        assert quick._state.adding and quick.pk != slow.pk and quick.pk is not None
    first, second = AuditEvent(), AuditEvent()
    assert first.changes is not second.changes
    with pytest.raises(TypeError):
        AuditEvent(nonsense=1)  # type: ignore[misc]


def _refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise AssertionError(f"read again: {sql}")


def test_the_setting_is_on_unless_it_is_switched_off() -> None:
    assert settings.PREPARED_STATEMENTS is True
