"""Working a job off, chunk by chunk, so that a killed worker loses nothing and does nothing twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kontor.access.rights import Limit
from kontor.context import Context
from kontor.database.tenancy import TenantLike, tenant_scope
from kontor.errors import Refused
from kontor.history.models import Notification
from kontor.identity.api import context_for, system_context
from kontor.jobs.api import LIMIT, enqueue, kind
from kontor.jobs.models import Job, JobResult

MOST_ATTEMPTS = 5
SILENT = dt.timedelta(seconds=90)  # a running job without a sign of life is taken up again
FORGOTTEN = dt.timedelta(seconds=15)  # a waiting job that no worker took: the broker lost it
AHEAD = dt.timedelta(minutes=1)  # a sign of life from beyond: the clock was set back, and it says nothing


def run(tenant: TenantLike, pk: Any) -> None:
    """All chunks that are left, a transaction each; stops when another worker has the job."""
    while True:
        try:
            with tenant_scope(tenant):
                if not _one_chunk(pk):
                    return
        except Exception as error:
            with tenant_scope(tenant):
                if not _note_failure(pk, error):
                    return


def _one_chunk(pk: Any) -> bool:
    """Do the next chunk; the job's row stays locked until its progress is committed with it."""
    job = Job.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if job is None or job.state not in (Job.State.WAITING, Job.State.RUNNING):
        return False
    now = timezone.now()
    how = kind(job.kind)
    items = job.items[job.done : job.done + how.chunk]
    if job.state == Job.State.WAITING:
        job.state, job.started_at = Job.State.RUNNING, job.started_at or now
    if items:
        ctx = _context(job)
        with translation.override(ctx.language):
            results = how.run(ctx, job.params, items)
        JobResult.objects.create(job=job, position=job.done, results=results)
        job.done += len(items)
        job.failed += sum(1 for r in results if int(r.get("status", 200)) >= 400)
    job.seen_at, job.attempts, job.error = timezone.now(), 0, ""
    if job.done >= job.total:
        _finish(job, Job.State.DONE)
    job.save(update_fields=["state", "started_at", "done", "failed", "seen_at", "attempts", "error", "finished_at"])
    return job.state == Job.State.RUNNING


def _note_failure(pk: Any, error: Exception) -> bool:
    """A fault in a chunk: tried again a few times, then the job stands as failed and can be repeated."""
    job = Job.objects.select_for_update().filter(pk=pk).first()
    if job is None or job.state not in (Job.State.WAITING, Job.State.RUNNING):
        return False
    job.attempts += 1
    job.error = f"{type(error).__name__}: {error}"[:2000]
    job.seen_at = timezone.now()
    if isinstance(error, Refused) or job.attempts >= MOST_ATTEMPTS:
        _finish(job, Job.State.FAILED)
    job.save(update_fields=["state", "attempts", "error", "seen_at", "finished_at"])
    return job.state != Job.State.FAILED


def _finish(job: Job, state: Job.State) -> None:
    job.state, job.finished_at = state, timezone.now()
    if job.user_id is not None:
        said = _("A job is done: %(done)d of %(total)d items, %(failed)d refused.") % {
            "done": job.done,
            "total": job.total,
            "failed": job.failed,
        }
        Notification.objects.create(user_id=job.user_id, text=said, link=f"/jobs/{job.pk}/")


def _context(job: Job) -> Context:
    if job.user is None:
        return system_context(job.source or "job")
    if not job.user.is_active:
        raise Refused(_("The user who started the job is not active any more."))
    ctx = context_for(job.user, source=job.source or "job")
    if told := job.params.get(LIMIT):
        ctx.rights = ctx.rights.narrowed(Limit(told["read_only"], frozenset(told["resources"])))
    return ctx


def take_up() -> int:
    """In the present company: send again what the broker forgot or a worker left behind; how many."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM jobs_job WHERE state IN ('waiting', 'running') "
            "AND coalesce(seen_at, created_at) NOT BETWEEN CASE state WHEN 'waiting' THEN %s::timestamptz "
            "ELSE %s::timestamptz END AND %s ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED",
            [now - FORGOTTEN, now - SILENT, now + AHEAD],
        )
        left = [row[0] for row in cursor.fetchall()]
    if left:
        with transaction.atomic():
            Job.objects.filter(pk__in=left).update(seen_at=now)
            for pk in left:
                enqueue(pk)
    return len(left)
