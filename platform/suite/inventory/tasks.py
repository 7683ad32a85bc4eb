"""Every night: waiting demand that somebody's lock kept from its goods is served, and the sums are proven."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from kontor.celery import app
from kontor.database.tenancy import tenant_scope
from kontor.identity.api import system_context
from kontor.jobs.tenants import tenant_named, working_tenants
from suite.inventory.contracts import Difference
from suite.inventory.planning import reserve_waiting
from suite.inventory.proving import prove

log = logging.getLogger(__name__)

app.conf.beat_schedule["tend stock"] = {
    "task": "suite.inventory.tasks.tend_all",
    "schedule": crontab(hour=19, minute=10),  # deep night in the markets of the product
}


@shared_task(name="suite.inventory.tasks.tend_all")
def tend_all() -> int:
    """Tend the stock of every company, each in transactions of its own; how many sums disagreed."""
    wrong = 0
    for tenant in working_tenants():
        try:
            wrong += len(_tend(tenant))
        except Exception:
            log.exception("tending the stock of %s failed", tenant.schema_name)
    return wrong


@shared_task(name="suite.inventory.tasks.tend")
def tend(tenant: str = "") -> int:
    """The same for one company by its name; without one it refuses to run."""
    return len(_tend(tenant_named(tenant)))


def _tend(tenant: Any) -> list[Difference]:
    with tenant_scope(tenant):
        reserve_waiting(system_context("job"))
    with tenant_scope(tenant):
        found = prove(system_context("job"))
    for x in found:
        log.error("%s: %s of %s is %s, the moves say %s", tenant.schema_name, x.what, x.key, x.kept, x.proven)
    return found
