"""Background work: state, progress, results, cancel and retry."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from kontor.api.calls import Call, answer
from kontor.jobs import api as jobs


def listing(call: Call) -> HttpResponse:
    """One's newest jobs."""
    return answer({"results": [_body(i) for i in jobs.recent(call.ctx)], "next": None})


def detail(call: Call, pk: UUID) -> HttpResponse:
    """One's own job with what became of its items so far."""
    info = jobs.info(call.ctx, pk)
    return answer({**_body(info), "results": jobs.results(call.ctx, pk)})


def cancel(call: Call, pk: UUID) -> HttpResponse:
    """Stop before the next chunk."""
    return answer(_body(jobs.cancel(call.ctx, pk)))


def retry(call: Call, pk: UUID) -> HttpResponse:
    """Go on where it stopped."""
    return answer(_body(jobs.retry(call.ctx, pk)))


def _body(info: jobs.JobInfo) -> dict[str, Any]:
    share = info.done / info.total if info.total else 1.0
    return {**asdict(info), "progress": round(share, 4)}
