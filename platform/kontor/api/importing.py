"""``…/import/``: many records from a file or from rows, tried or written, with what is wrong by line and field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.api.calls import Call, answer
from kontor.api.files import uploaded
from kontor.api.idempotency import once
from kontor.context import Context
from kontor.errors import FieldError, Invalid, NotFound
from kontor.history.files import file_name
from kontor.jobs import api as jobs
from kontor.resources.spec import Spec
from kontor.surfaces.exchange import columns, preview, runs, tables, work
from kontor.surfaces.exchange.models import ImportRun
from kontor.values.wording import listed

ROOT = "/api/v1"
AT_ONCE = 200  # documents that are written while the caller waits; more are a job
MOST_ERRORS = 1_000
MOST_ROWS = 20_000
ENDINGS = (*tables.SHEETS, ".csv", ".txt", ".tsv")
OPTIONS = ("columns", "key", "by", "atomic")


def start(call: Call, spec: Spec) -> HttpResponse:
    """``POST …/import/``: a form with ``file``, or ``{"rows": […]}``; 200 with the counts, or 202 with the job."""
    call.ctx.rights.need(spec.name, "import")
    return once(call, lambda: _start(call, spec))


def _start(call: Call, spec: Spec) -> HttpResponse:
    with transaction.atomic():
        given = _options(call)
        run = _taken_in(call, spec)
        _settle(call.ctx, spec, run, given)
        return _carried_out(call, spec, run, trial=call.flag("dry_run"))


def read(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``GET …/import/{id}/``: counts and errors, also while its job is under way."""
    return answer(_body(call, spec, _own(call, spec, pk)))


def go(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``POST …/import/{id}/run/``: write what was tried; with ``dry_run`` try it again."""

    def work_done() -> HttpResponse:
        with transaction.atomic():
            return _carried_out(call, spec, _own(call, spec, pk), trial=call.flag("dry_run"))

    return once(call, work_done)


def undo(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``POST …/import/{id}/undo/``: remove what it created and nothing refers to."""

    def work_done() -> HttpResponse:
        with transaction.atomic():
            gone, kept = runs.undo(call.ctx, _own(call, spec, pk))
        return answer({"removed": gone, "kept": kept})

    return once(call, work_done)


def _own(call: Call, spec: Spec, pk: UUID) -> ImportRun:
    run = runs.own(call.ctx, pk)
    if run.resource != spec.name:
        raise NotFound
    return run


def _options(call: Call) -> dict[str, Any]:
    """``columns`` (header → field), ``by`` and ``key``, ``atomic``; in a form as texts, columns as JSON."""
    if not isinstance(call.data, Mapping):
        raise Invalid.at("/", _("An object with named values is expected here."))
    given = {name: call.data.get(name) for name in OPTIONS}
    known = {*OPTIONS, "rows", "file"}
    errors = [
        FieldError(f"/{name}", "unknown_field", _("There is no such field.")) for name in call.data if name not in known
    ]
    if isinstance(given["columns"], str):
        try:
            given["columns"] = orjson.loads(given["columns"] or "{}")
        except orjson.JSONDecodeError:
            given["columns"] = None if not given["columns"] else ""
    chosen = given["columns"]
    if chosen is not None and not (
        isinstance(chosen, dict) and all(isinstance(v, str) or v is None for v in chosen.values())
    ):
        errors.append(FieldError("/columns", "invalid", _("An object is expected: the field of each header.")))
    for name in ("key", "by"):
        if given[name] is not None and not isinstance(given[name], str):
            errors.append(FieldError(f"/{name}", "invalid", _("A text is expected here.")))
    whole = given["atomic"]
    if isinstance(whole, str):
        given["atomic"] = whole.lower() in ("1", "true", "yes")
    elif not (whole is None or isinstance(whole, bool)):
        errors.append(FieldError("/atomic", "invalid", _("True or false is expected here.")))
    if errors:
        raise Invalid(errors)
    return given


def _taken_in(call: Call, spec: Spec) -> ImportRun:
    if call.request.FILES:
        upload = uploaded(call)
        name = file_name(upload.name or "file")
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise Invalid.at("/file", _("A spreadsheet (.xlsx) or a text table (.csv) is expected."), "format")
        with tables.held(upload.chunks(), ending) as path:
            return runs.upload(call.ctx, spec, path, name)
    headers, rows = _rows(call.data.get("rows"))
    lines = [[at, {h: _cell(row.get(h)) for h in headers}] for at, row in enumerate(rows, start=1)]
    return runs.take_in(call.ctx, spec, "rows.json", headers, lines)


def _rows(given: Any) -> tuple[list[str], list[dict[str, Any]]]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_ROWS:
        said = _("Send a file, or a list of 1 to %(n)d rows.") % {"n": MOST_ROWS}
        raise Invalid.at("/rows", said, "required" if given is None else "invalid")
    errors: list[FieldError] = []
    headers: dict[str, None] = {}
    for at, row in enumerate(given):
        if not isinstance(row, dict) or not row:
            errors.append(FieldError(f"/rows/{at}", "invalid", _("An object with named values is expected here.")))
            continue
        for name, value in row.items():
            headers.setdefault(name.strip())
            if isinstance(value, dict | list):
                said = _("A single value is expected here; lines are rows of their own.")
                errors.append(FieldError(f"/rows/{at}/{name}", "invalid", said))
        if len(errors) >= 20:
            break
    if errors:
        raise Invalid(errors)
    if not all(headers):
        raise Invalid.at("/rows/0", _("A column has no name."))
    return list(headers), [{name.strip(): value for name, value in row.items()} for row in given]


def _cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _settle(ctx: Context, spec: Spec, run: ImportRun, given: Mapping[str, Any]) -> None:
    """Every column has a field or is left out in so many words; nothing is passed over in silence."""
    chosen = {**columns.guess(ctx, spec, run.headers), **(given["columns"] or {})}
    usual = listed(["id", columns.REF, *(t.name for t in columns.targets(ctx, spec) if t.usual)])
    said = _("No field is named so. Usual are: %(names)s.") % {"names": usual}
    strange = [header for header in run.headers if header not in chosen]
    errors = [FieldError(f"/columns/{header}", "unknown_column", said) for header in strange]
    errors += [
        FieldError(f"/columns/{header}", "not_found", _("The rows have no such column."))
        for header in given["columns"] or {}
        if header not in run.headers
    ]
    if errors:
        raise Invalid(errors)
    by, key = run.by, run.key
    if given["by"] is not None:
        by, key = given["by"], given["key"] or ""
        if by and not key:
            key = next((header for header, target in chosen.items() if target == by), "")
    elif given["key"]:
        raise Invalid.at("/by", _("Say by which field the key finds records."), "required")
    elif by and chosen.get(key) != by:
        by, key = "", ""  # the guessed key was given another meaning
    runs.settle(ctx, run, {h: t for h, t in chosen.items() if t}, key if by else "", by, whole=bool(given["atomic"]))


def _carried_out(call: Call, spec: Spec, run: ImportRun, *, trial: bool) -> HttpResponse:
    ctx = call.ctx
    if trial or run.total > AT_ONCE:
        runs.start(ctx, run, trial=trial)
    else:
        runs.begin_now(ctx, run)
        params = {"run": str(run.pk), "trial": False}
        if run.whole:
            work.import_whole(ctx, params, [0])
        else:
            for begin in range(0, run.total, runs.CHUNK):
                work.import_chunk(ctx, params, list(range(begin, min(begin + runs.CHUNK, run.total))))
    run = runs.own(ctx, run.pk)
    body = _body(call, spec, run)
    if run.job_id is None:
        return answer(body)
    return answer(body, 202, Location=call.url(f"{ROOT}/jobs/{run.job_id}/"))


def _body(call: Call, spec: Spec, run: ImportRun) -> dict[str, Any]:
    told = preview.counts(run)
    job = None
    if run.job_id is not None:
        info = jobs.info(call.ctx, run.job_id)
        job = {"id": info.id, "url": call.url(f"{ROOT}/jobs/{info.id}/"), "state": info.state, "total": info.total}
    return {
        "id": run.pk,
        "url": call.url(f"{ROOT}/{spec.path}/import/{run.pk}/"),
        "state": run.state,
        "dry_run": run.is_trial,
        "rows": run.rows,
        "columns": run.columns,
        "by": run.by,
        "key": run.key,
        "atomic": run.whole,
        "counts": {name: getattr(told, name) for name in ("created", "updated", "unchanged", "refused", "waiting")},
        "errors": preview.errors(run, MOST_ERRORS),
        "job": job,
    }
