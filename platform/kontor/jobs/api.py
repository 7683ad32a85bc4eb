"""Starting, watching, cancelling and repeating background work.

A kind of work is a function ``(ctx, params, items) -> results`` registered by ``@work("bulk", chunk=100)``
in a module's ``followers.py`` or ``tasks.py``; it gets the items of one chunk and gives one result each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.tenancy import connection
from kontor.errors import NotFound, Refused
from kontor.jobs.models import Job, JobResult

Worker = Callable[[Context, dict[str, Any], list[Any]], list[dict[str, Any]]]
MOST_ITEMS = 20_000
LIMIT = "key_limit"  # in the params: the limits of the API key that started it


@dataclass(frozen=True, slots=True)
class Kind:
    """How work of a kind is done, and how many items a transaction takes."""

    run: Worker
    chunk: int


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as its owner sees it."""

    id: UUID
    kind: str
    state: str
    total: int
    done: int
    failed: int
    error: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


_kinds: dict[str, Kind] = {}


def work(name: str, *, chunk: int = 100) -> Callable[[Worker], Worker]:
    """Decorator: the function does work of this kind, ``chunk`` items a transaction."""

    def keep(function: Worker) -> Worker:
        _kinds[name] = Kind(function, chunk)
        return function

    return keep


def kind(name: str) -> Kind:
    """How a kind of work is done."""
    try:
        return _kinds[name]
    except KeyError:
        raise Refused(f"No work of the kind {name!r} is known.", code="unknown_job") from None


def start(ctx: Context, name: str, items: Sequence[Any], params: Mapping[str, Any] | None = None) -> UUID:
    """Write the job; a worker takes it up after commit, the sweeper if the broker forgets it."""
    kind(name)
    told = dict(params or {})
    if ctx.rights.limit is not None:  # what a key may not do at once it may not do later either
        told[LIMIT] = {"read_only": ctx.rights.limit.read_only, "resources": sorted(ctx.rights.limit.resources)}
    job = Job.objects.create(
        kind=name,
        params=told,
        items=list(items),
        total=len(items),
        user_id=ctx.user_id,
        source=ctx.source,
    )
    enqueue(job.pk)
    return job.pk


def enqueue(pk: UUID) -> None:
    """Hand the job to the workers once this transaction has committed."""
    from kontor.jobs.tasks import run_job  # which works off what this module knows

    tenant = str(getattr(connection.tenant, "name", "") or connection.schema_name)
    transaction.on_commit(lambda: _send(run_job, tenant, str(pk)), robust=True)


def _send(task: Any, tenant: str, pk: str) -> None:
    task.apply_async(kwargs={"tenant": tenant, "job": pk}, retry=False)


def info(ctx: Context, pk: UUID) -> JobInfo:
    """One's own job (an administrator's: any)."""
    return _info(_own(ctx, pk))


def results(ctx: Context, pk: UUID) -> list[dict[str, Any]]:
    """What became of the items so far, in their order."""
    job = _own(ctx, pk)
    parts = JobResult.objects.filter(job=job).order_by("position").values_list("results", flat=True)
    return [result for part in parts for result in part]


def recent(ctx: Context, most: int = 20) -> list[JobInfo]:
    """One's own jobs, newest first."""
    if ctx.user_id is None:
        return []
    rows = Job.objects.filter(user_id=ctx.user_id).defer("items").order_by("-id")[:most]
    return [_info(job) for job in rows if _within(ctx, job)]


def cancel(ctx: Context, pk: UUID) -> JobInfo:
    """Stop before the next chunk; what was done stays done."""
    with transaction.atomic():
        job = _own(ctx, pk, lock=True)
        if job.state not in (Job.State.WAITING, Job.State.RUNNING):
            raise Refused(_("This job is finished already."), code="illegal_state", state=job.state)
        job.state, job.finished_at = Job.State.CANCELLED, ctx.now
        job.save(update_fields=["state", "finished_at"])
    return _info(job)


def retry(ctx: Context, pk: UUID) -> JobInfo:
    """Go on with a failed or cancelled job where it stopped."""
    with transaction.atomic():
        job = _own(ctx, pk, lock=True)
        if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
            raise Refused(_("Only a failed or cancelled job can go on."), code="illegal_state", state=job.state)
        job.state, job.error, job.attempts, job.finished_at = Job.State.WAITING, "", 0, None
        job.save(update_fields=["state", "error", "attempts", "finished_at"])
        enqueue(job.pk)
    return _info(job)


def _own(ctx: Context, pk: UUID, *, lock: bool = False) -> Job:
    rows = Job.objects.defer("items")
    if lock:
        rows = rows.select_for_update()
    job = rows.filter(pk=pk).first()
    if job is None or (job.user_id != ctx.user_id and not ctx.rights.everything) or not _within(ctx, job):
        raise NotFound
    return job


def _within(ctx: Context, job: Job) -> bool:
    """Whether a key of named resources may know of the job."""
    limit = ctx.rights.limit
    return limit is None or not limit.resources or job.params.get("resource") in limit.resources


def _info(job: Job) -> JobInfo:
    return JobInfo(
        job.pk,
        job.kind,
        job.state,
        job.total,
        job.done,
        job.failed,
        job.error,
        job.created_at,
        job.started_at,
        job.finished_at,
    )
