"""Import of a file in four steps (upload, columns, check, import), export of a list, files to fetch."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.context import Context
from kontor.errors import Invalid, NotFound, Refused
from kontor.history import files
from kontor.jobs import api as jobs
from kontor.jobs.models import Job
from kontor.resources.spec import Spec
from kontor.surfaces.exchange import columns, exporting, preview, runs, tables
from kontor.surfaces.exchange.models import ImportRun
from kontor.values.parsing import as_uuid
from kontor.values.wording import capital, noun
from kontor.web import chips, lists
from kontor.web.pages.table import visible
from kontor.web.signing import signed_in

DIRECT = 2_000  # records that are written while the user waits
_UNFINISHED = (Job.State.WAITING, Job.State.RUNNING)
_TABS = ("", "created", "updated", "unchanged", "refused")


@signed_in
def import_page(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The import of one resource; ``?run=`` names the file under way."""
    ctx.rights.need(spec.name, "import")
    pk = as_uuid(request.GET.get("run", ""))
    run = runs.own(ctx, pk) if pk else None
    if run is not None and run.resource != spec.name:
        raise NotFound
    if request.method == "POST":
        return _done(request, ctx, spec, run)
    if run is not None and request.GET.get("file") == "errors":
        return _errors(run)
    if run is not None and request.GET.get("progress"):
        return JsonResponse(_progress(ctx, run))
    return _page(request, ctx, spec, run)


def _done(request: HttpRequest, ctx: Context, spec: Spec, run: ImportRun | None) -> HttpResponse:
    """One deed of the page; a refusal is shown where it was asked for."""
    do = request.POST.get("do", "")
    try:
        if run is None:
            return HttpResponseRedirect(_address(spec, _upload(request, ctx, spec)))
        if do == "columns":
            _settle(request, ctx, run)
            runs.start(ctx, run, trial=True)
        elif do == "again":
            ImportRun.objects.filter(pk=run.pk, state="tried").update(state="mapping", job_id=None)
        elif do == "run":
            runs.start(ctx, run, trial=False)
        elif do in ("correct", "skip"):
            line = int(request.POST.get("line", "0") or 0)
            cells = {h: request.POST[f"cell-{i}"] for i, h in enumerate(run.headers) if f"cell-{i}" in request.POST}
            runs.correct(ctx, run, line, None if do == "skip" else cells)
        elif do == "cancel":
            runs.cancel(ctx, run)
        elif do == "go-on":
            runs.go_on(ctx, run)
        elif do == "undo":
            _undo(request, ctx, run)
    except (Refused, ValueError) as refusal:
        if isinstance(refusal, Refused) and refusal.status in (403, 404):
            raise
        shown = refusal if isinstance(refusal, Refused) else Invalid.at("/", _("This could not be read."))
        if run is not None:
            run.refresh_from_db()
        return _page(request, ctx, spec, run, refusal=shown)
    return HttpResponseRedirect(_address(spec, run))


def _address(spec: Spec, run: ImportRun, **more: str) -> str:
    return f"/x/import/{spec.name}/?{urlencode({'run': str(run.pk), **more})}"


def _upload(request: HttpRequest, ctx: Context, spec: Spec) -> ImportRun:
    given = request.FILES.get("file")
    if given is None:
        raise Invalid.at("/file", _("Choose a file first."), "required")
    name = files.file_name(given.name or "file")
    ending = Path(name).suffix.lower()
    if ending not in (*tables.SHEETS, ".csv", ".txt", ".tsv"):
        raise Invalid.at("/file", _("A spreadsheet (.xlsx) or a text table (.csv) is expected."), "format")
    with tables.held(given.chunks(), ending) as path:
        return runs.upload(ctx, spec, path, name)


def _settle(request: HttpRequest, ctx: Context, run: ImportRun) -> None:
    chosen = {h: request.POST.get(f"column-{i}", "") for i, h in enumerate(run.headers)}
    by = request.POST.get("by", "")
    key = request.POST.get("key", "") if by else ""
    runs.settle(ctx, run, chosen, key, by, whole=request.POST.get("whole") == "1")


def _undo(request: HttpRequest, ctx: Context, run: ImportRun) -> None:
    gone, kept = runs.undo(ctx, run)
    said = ngettext("%(n)d record was removed again.", "%(n)d records were removed again.", gone) % {"n": gone}
    if kept:
        messages.warning(request, f"{said} {_('Some stay:')} {' '.join(kept[:3])}")
    else:
        messages.success(request, said)


# -- the page --------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, ctx: Context, spec: Spec, run: ImportRun | None, *, refusal: Refused | None = None
) -> HttpResponse:
    heading = capital(spec.label_plural)
    context: dict[str, Any] = {
        "spec": spec,
        "run": run,
        "heading": heading,
        "refusal": refusal,
        "crumbs": [{"label": heading, "href": f"/{spec.path}/"}, {"label": _("Import")}],
        "step": 1,
        "steps": [_("Upload"), _("Columns"), _("Check"), _("Import")],
    }
    if run is None:
        context |= {"recent": runs.recent(ctx, spec), "most": tables.LARGEST // 2**20, "usual": _usual(ctx, spec)}
        return render(request, "kontor/exchange/upload.html", context, status=refusal.status if refusal else 200)
    if run.state == ImportRun.State.MAPPING:
        context |= {"step": 2, **_mapping(request, ctx, spec, run)}
        return render(request, "kontor/exchange/columns.html", context, status=refusal.status if refusal else 200)
    told = preview.counts(run)
    info = jobs.info(ctx, run.job_id) if run.job_id else None
    busy = info is not None and info.state in _UNFINISHED
    context |= {
        "step": 3 if run.state == ImportRun.State.TRIED else 4,
        "counts": told,
        "info": info,
        "busy": busy,
        "failed": info is not None and info.state == Job.State.FAILED,
        "stopped": info is not None and info.state == Job.State.CANCELLED,
        "came_back": run.state == ImportRun.State.TRIED and not run.is_trial,
        "by_label": dict(columns.keys_of(spec)).get(run.by, ""),
        "tabs": _tabs(run, told),
        "show": _shown(request, told),
        "address": _address(spec, run),
        "may_delete": spec.deletable and ctx.rights.can(spec.name, "delete"),
        "noun": noun(spec.label_plural),
    }
    context["lines"] = [] if busy else preview.shown(run, context["show"])
    return render(request, "kontor/exchange/check.html", context, status=refusal.status if refusal else 200)


def _shown(request: HttpRequest, told: preview.Counts) -> str:
    """The tab that is open: what is wrong comes first."""
    asked = request.GET.get("show")
    return asked if asked in _TABS else "refused" if told.refused else ""


def _tabs(run: ImportRun, told: preview.Counts) -> list[tuple[str, str, int]]:
    labels = [
        ("", _("All"), run.total + len(run.errors)),
        ("refused", _("With errors"), told.refused),
        ("created", _("New"), told.created),
        ("updated", _("Changed"), told.updated),
        ("unchanged", _("Unchanged"), told.unchanged),
    ]
    return [row for row in labels if row[2] or not row[0]]


def _usual(ctx: Context, spec: Spec) -> list[str]:
    out = []
    for t in columns.targets(ctx, spec):
        if t.usual:
            prefix = f"{capital(spec.lines[t.lines].label)} › " if t.lines else ""
            out.append(prefix + capital(t.field.label) + (" *" if t.required else ""))
    return out


def _mapping(request: HttpRequest, ctx: Context, spec: Spec, run: ImportRun) -> dict[str, Any]:
    known = columns.targets(ctx, spec)
    lines = {name: capital(s.label) for name, s in spec.lines.items()}
    groups: dict[str, list[tuple[str, str]]] = {}
    for t in known:
        group = lines[t.lines] if t.lines else _("Usual fields") if t.usual else _("Further fields")
        label = capital(t.field.label) + (" *" if t.required else "")
        groups.setdefault(group, []).append((t.name, f"{group} › {label}" if t.lines else label))
    ids = [("id", _("Id")), (columns.REF, _("External reference"))]
    ids += [(f"{n}.id", f"{label} › {_('Id')}") for n, label in lines.items() if any(t.lines == n for t in known)]
    groups[_("To find records again")] = ids
    post = request.POST if request.POST.get("do") == "columns" else None
    samples = preview.samples(run)
    return {
        "groups": list(groups.items()),
        "columns": [
            (i, h, post.get(f"column-{i}", "") if post else run.columns.get(h, ""), samples.get(h, []))
            for i, h in enumerate(run.headers)
        ],
        "keys": [(code, capital(label)) for code, label in columns.keys_of(spec)],
        "by": post.get("by", "") if post else run.by,
        "key": post.get("key", "") if post else run.key,
        "whole": post.get("whole") == "1" if post else run.whole,
        "matched": sum(1 for h in run.headers if run.columns.get(h)),
        "address": _address(spec, run),
    }


def _progress(ctx: Context, run: ImportRun) -> dict[str, Any]:
    """What the page asks for while a job is under way."""
    info = jobs.info(ctx, run.job_id) if run.job_id else None
    if info is None or info.state not in _UNFINISHED:
        return {"finished": True}
    text = _("%(done)d of %(total)d") % {"done": info.done, "total": info.total}
    return {"finished": False, "done": info.done, "total": info.total, "failed": info.failed, "text": text}


def _errors(run: ImportRun) -> HttpResponse:
    name = quote(f"{Path(run.file_name).stem}-errors.csv")
    response = HttpResponse(preview.error_file(run), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


# -- export ----------------------------------------------------------------------------------------


@signed_in
def export(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse | FileResponse:
    """The panel with format and columns; on POST the file itself, or a job where there are many rows."""
    ctx.rights.need(spec.name, "export")
    given = request.GET.copy()
    ids = [i for i in given.pop("ids", [""])[0].split(",") if as_uuid(i)]
    state = lists.read(spec, given)
    fields, what = [f.name for f in _seen(ctx, spec, state)], request.POST.get("what")
    wish = exporting.Wish(
        format=request.POST.get("format", "xlsx"),
        fields=[f.name for f in _all_fields(ctx, spec)] if what == "all" else fields,
        filters=lists.resolved(ctx, state.filters),
        order=state.order,
        q=state.q,
        ids=ids or None,
        for_import=what == "import",
    )
    if wish.format not in exporting.FORMATS:
        raise Invalid.at("/format", _("One of these is expected: %(choices)s.") % {"choices": "xlsx, csv"})
    name = f"{spec.path.rpartition('/')[2]}-{ctx.today}.{wish.format}"
    many = exporting.count(ctx, spec, exporting.ask_of(wish), DIRECT + 1)
    if request.method == "POST":
        if many > DIRECT:
            pk = jobs.start(ctx, "export", [0], {"resource": spec.name, "wish": asdict(wish), "name": name})
            return HttpResponseRedirect(f"/jobs/{pk}/")
        return _file(ctx, spec, wish, name)
    context = {
        "spec": spec,
        "heading": capital(spec.label_plural),
        "crumbs": [{"label": capital(spec.label_plural), "href": f"/{spec.path}/"}, {"label": _("Export")}],
        "many": many,
        "is_large": many > DIRECT,
        "direct": DIRECT,
        "chips": chips.chips(ctx, spec, state),
        "picked": len(ids),
        "seen": [capital(spec.fields[n].label) for n in fields],
        "all": len(_all_fields(ctx, spec)),
        "may_import": bool(spec.imports) and spec.creatable,
        "back": state.url(),
    }
    return render(request, "kontor/exchange/export.html", context)


def _seen(ctx: Context, spec: Spec, state: lists.State) -> list[Any]:
    return [f for f in visible(ctx, spec, state) if f.name in spec.fields]


def _all_fields(ctx: Context, spec: Spec) -> list[Any]:
    return [
        f for f in spec.fields.values() if f.kind not in ("json",) and f.name != "custom" and ctx.rights.sees(f.guard)
    ]


def _file(ctx: Context, spec: Spec, wish: exporting.Wish, name: str) -> FileResponse:
    with tempfile.NamedTemporaryFile(suffix=f".{wish.format}") as held:  # gone by name, still open to be sent
        exporting.export(ctx, spec, exporting.ask_of(wish), Path(held.name), wish)
        file = Path(held.name).open("rb")  # noqa: SIM115 - the response closes it
    return FileResponse(file, as_attachment=True, filename=name, content_type=exporting.FORMATS[wish.format])


@signed_in
def download(request: HttpRequest, ctx: Context, pk: UUID) -> StreamingHttpResponse:
    """A file of one's own: what a job has made."""
    info, blocks = files.content(ctx, pk)
    response = StreamingHttpResponse(blocks, content_type=info.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(info.name)}"
    response["Content-Length"] = str(info.size)
    return response
