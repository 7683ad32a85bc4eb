"""Every night: quotations whose validity is over expire."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from celery.schedules import crontab

from kontor.celery import app
from kontor.database.tenancy import tenant_scope
from kontor.identity.api import system_context
from kontor.jobs.tenants import tenant_named, working_tenants
from suite.sales.quoting import expire_overdue

log = logging.getLogger(__name__)

app.conf.beat_schedule["expire quotations"] = {
    "task": "suite.sales.tasks.expire_all",
    "schedule": crontab(hour="*/6", minute=20),  # a new day begins somewhere every six hours
}


@shared_task(name="suite.sales.tasks.expire_all")
def expire_all() -> int:
    """Expire overdue quotations of every company, each in a transaction of its own; how many expired."""
    count = 0
    for tenant in working_tenants():
        try:
            count += _expire(tenant)
        except Exception:
            log.exception("expiring the quotations of %s failed", tenant.schema_name)
    return count


@shared_task(name="suite.sales.tasks.expire")
def expire(tenant: str = "") -> int:
    """The same for one company by its name; without one it refuses to run."""
    return _expire(tenant_named(tenant))


def _expire(tenant: Any) -> int:
    with tenant_scope(tenant):
        return expire_overdue(system_context("job"))
