"""The task that works a job off."""

from __future__ import annotations

from celery import shared_task

from kontor.jobs import running
from kontor.jobs.tenants import tenant_named


@shared_task(name="kontor.jobs.tasks.run_job")
def run_job(tenant: str = "", job: str = "") -> None:
    """Work off a job of the company; without a company's name it refuses to run."""
    running.run(tenant_named(tenant), job)
