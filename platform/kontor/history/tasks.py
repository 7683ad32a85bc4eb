"""The clock's tasks: companies with work are visited, each in a transaction of its own; one's fault stops no other."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from kontor.celery import app
from kontor.database.tenancy import tenant_scope
from kontor.history.sweeping import BATCH, forget, tell_events
from kontor.history.waiting import with_work
from kontor.jobs.running import take_up
from kontor.jobs.tenants import tenant_named, working_tenants

log = logging.getLogger(__name__)

_MOST_ROUNDS = 10  # of one company in one sweep, so that a flood does not keep the others waiting


@shared_task(name="kontor.history.tasks.sweep_all")
def sweep_all() -> int:
    """Tell events and take up lost jobs in the companies that have some; how many events were told."""
    told = 0
    for tenant in with_work(working_tenants()):
        try:
            told += _sweep(tenant)
        except Exception:
            log.exception("the sweep of %s failed", tenant.schema_name)
    return told


app.conf.beat_schedule["forget"] = {"task": "kontor.history.tasks.forget_all", "schedule": crontab(minute=37)}


@shared_task(name="kontor.history.tasks.forget_all")
def forget_all() -> None:
    """Every hour: what is too old goes, in every company."""
    for tenant in working_tenants():
        try:
            with tenant_scope(tenant):
                forget()
        except Exception:
            log.exception("forgetting in %s failed", tenant.schema_name)


@shared_task(name="kontor.history.tasks.sweep")
def sweep(tenant: str = "") -> int:
    """The same for one company by its name; without one it refuses to run."""
    return _sweep(tenant_named(tenant))


def _sweep(tenant: Any) -> int:
    told = 0
    for _round in range(_MOST_ROUNDS):
        with tenant_scope(tenant):
            count = tell_events()
            if not _round:
                take_up()
        told += count
        if count < BATCH:
            break
    return told
