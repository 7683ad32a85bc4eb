"""The clock visits every company; one's fault stops no other, and what nobody follows is done at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from kontor.history import tasks
from kontor.history.models import OutboxEvent
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


def test_the_clock_knows_its_task_by_name() -> None:
    from kontor.celery import app

    app.loader.import_default_modules()
    assert {"kontor.history.tasks.sweep_all", "kontor.jobs.tasks.run_job"} <= set(app.tasks)
    assert app.conf.beat_schedule["sweep"]["task"] in app.tasks
