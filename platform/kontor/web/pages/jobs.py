"""One's background work: how far it is, what came of it, stop and go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kontor.context import Context
from kontor.errors import Refused
from kontor.jobs import api as jobs
from kontor.jobs.models import Job
from kontor.surfaces.exchange.models import ImportRun
from kontor.web.signing import signed_in

_KINDS = {
    "import": gettext_lazy("Import"),
    "import_whole": gettext_lazy("Import"),
    "export": gettext_lazy("Export"),
    "bulk": gettext_lazy("Bulk change"),
}
_LOOKS = {"waiting": "is-wait", "running": "is-run", "done": "is-done", "failed": "is-bad", "cancelled": "is-off"}
_IMPORTS = ("import", "import_whole")  # they have a page of their own
_MOST_RESULTS = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as the page shows it."""

    info: jobs.JobInfo
    label: str
    state: str
    look: str
    busy: bool


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """One's newest jobs."""
    context = {"jobs": [_shown(i) for i in jobs.recent(ctx, 50)], "crumbs": [{"label": _("Background work")}]}
    return render(request, "kontor/exchange/jobs.html", context)


@signed_in
def detail(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """One job; ``?progress=1`` answers how far it is."""
    info = jobs.info(ctx, pk)
    shown = _shown(info)
    run = None
    if ctx.user_id is not None and info.kind in _IMPORTS:
        run = ImportRun.objects.filter(job_id=pk, user_id=ctx.user_id).first()
    if run is not None:
        return HttpResponseRedirect(f"/x/import/{run.resource}/?run={run.pk}")
    if request.GET.get("progress"):
        text = _("%(done)d of %(total)d") % {"done": info.done, "total": info.total}
        return JsonResponse({"finished": not shown.busy, "done": info.done, "total": info.total, "text": text})
    results = [] if shown.busy else jobs.results(ctx, pk)
    context: dict[str, Any] = {
        "job": shown,
        "files": [r for r in results if r.get("file")],
        "refused": [r for r in results if int(r.get("status", 200)) >= 400][:_MOST_RESULTS],
        "crumbs": [{"label": _("Background work"), "href": "/jobs/"}, {"label": shown.label}],
    }
    return render(request, "kontor/exchange/job.html", context)


@signed_in
@require_POST
def change(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """Stop it, or let it go on."""
    try:
        (jobs.retry if request.POST.get("do") == "retry" else jobs.cancel)(ctx, pk)
    except Refused as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal.detail))
    return HttpResponseRedirect(f"/jobs/{pk}/")


def _shown(info: jobs.JobInfo) -> Shown:
    busy = info.state in (Job.State.WAITING, Job.State.RUNNING)
    label = str(_KINDS.get(info.kind, info.kind))
    return Shown(info, label, str(Job.State(info.state).label), _LOOKS.get(info.state, ""), busy)
