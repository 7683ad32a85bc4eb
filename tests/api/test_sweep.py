"""The clock visits every company; one's fault stops no other, and what nobody follows is done at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kontor.errors import Refused
from kontor.history import tasks
from kontor.history.models import OutboxEvent
from kontor.history.sweeping import EVENTS_KEPT, oldest_id
from kontor.history.waiting import with_work
from kontor.jobs.tenants import tenant_named, working_tenants
from tenants.models import Tenant
from tenants.provisioning import in_tenant


@pytest.fixture
def committed(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    from kontor.values.columns import new_id

    with django_db_blocker.unblock():
        for name in ("alpha", "gamma"):
            with in_tenant(name):
                OutboxEvent.objects.create(name="nothing.thing.created", resource="nothing.thing", record_id=new_id())
        yield
        for name in ("alpha", "gamma"):
            with in_tenant(name):
                OutboxEvent.objects.filter(resource="nothing.thing").delete()
        connection.close()


def _open(name: str) -> int:
    with in_tenant(name):
        return OutboxEvent.objects.filter(resource="nothing.thing", done_at=None).count()


def test_all_companies_are_visited(committed: None) -> None:
    assert (_open("alpha"), _open("gamma")) == (1, 1)
    tasks.sweep_all()
    assert (_open("alpha"), _open("gamma")) == (0, 0)


def test_a_fault_in_one_stops_no_other(committed: None, monkeypatch: Any, caplog: Any) -> None:
    real = tasks._sweep

    def broken(tenant: Any) -> int:
        if tenant.name == "alpha":
            raise RuntimeError("alpha is broken")
        return real(tenant)

    monkeypatch.setattr(tasks, "_sweep", broken)
    tasks.sweep_all()
    assert (_open("alpha"), _open("gamma")) == (1, 0) and "t_alpha" in caplog.text


def test_a_company_without_work_is_not_visited(committed: None, monkeypatch: Any) -> None:
    visited: list[str] = []
    monkeypatch.setattr(tasks, "_sweep", lambda tenant: visited.append(tenant.name) or 0)
    tasks.sweep_all()
    assert {"alpha", "gamma"} <= set(visited) and "beta" not in visited


def test_all_are_asked_in_one_statement_a_hundred(committed: None, django_assert_num_queries: Any) -> None:
    companies = working_tenants() * 40  # the same again stands for many
    with django_assert_num_queries(-(-len(companies) // 100)):
        found = list(with_work(companies))
    assert {t.name for t in found} >= {"alpha", "gamma"}


def test_a_schema_that_went_away_hides_no_other(committed: None) -> None:
    gone = Tenant(name="gone", schema_name="t_gone_away")
    assert [t.name for t in with_work([*working_tenants(), gone])][-1] == "gone"


def test_a_company_that_waits_for_its_migration_rests(fresh_company: Any) -> None:
    name = fresh_company.tenant.name
    assert name in [t.name for t in working_tenants()]
    Tenant.objects.filter(name=name).update(level=1)
    assert name not in [t.name for t in working_tenants()]
    with pytest.raises(Refused, match="brought to this version"):
        tenant_named(name)


def test_what_is_old_goes_by_the_hour(fresh_company: Any) -> None:
    long_ago = oldest_id(timezone.now() - EVENTS_KEPT - dt.timedelta(days=1))
    with in_tenant(fresh_company.tenant.name):
        OutboxEvent.objects.create(
            id=long_ago, name="a.b.c", resource="a.b", record_id=long_ago, done_at=timezone.now()
        )
    tasks.forget_all()
    with in_tenant(fresh_company.tenant.name):
        assert not OutboxEvent.objects.filter(pk=long_ago).exists()


def test_the_clock_knows_its_task_by_name() -> None:
    from kontor.celery import app

    app.loader.import_default_modules()
    assert {"kontor.history.tasks.sweep_all", "kontor.jobs.tasks.run_job"} <= set(app.tasks)
    assert app.conf.beat_schedule["sweep"]["task"] in app.tasks
