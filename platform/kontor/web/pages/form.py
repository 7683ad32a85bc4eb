"""New and edit: the page of the record with inputs in the same places; the grid's calculation."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed, Refused, Stale
from kontor.resources.spec import Spec
from kontor.surfaces.lookalikes import compared
from kontor.values.parsing import as_uuid, counted
from kontor.web.pages.record import crumbs
from kontor.web.record.calc import calculate
from kontor.web.record.copying import copied
from kontor.web.record.editing import grids_of, sections_with_grids, was_of
from kontor.web.record.once import new_token, once
from kontor.web.record.posting import Wrong, data_of, lines_from, typed_of
from kontor.web.record.reading import Seen, see
from kontor.web.record.story import changes_since
from kontor.web.record.widgets import sections_of
from kontor.web.signing import signed_in


@signed_in
def new(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """Make a record; ``?customer=…`` fills in, ``?copy=`` starts from another, ``?quick=1`` is the side panel."""
    if not spec.creatable:
        raise NotAllowed(_("These records are not made by hand."))
    ctx.rights.need(spec.name, "create")
    if request.method == "POST":
        return _save(request, ctx, spec, None)
    given = {k: str(v) for k, v in request.GET.items() if k in spec.fields}
    lines: dict[str, Any] = {}
    source = as_uuid(request.GET.get("copy", ""))
    if source:
        given, lines = copied(see(ctx, spec, source))
    return _show(request, ctx, spec, None, given, lines=lines)


@signed_in
def edit(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Change a record."""
    if not spec.editable:
        raise NotAllowed(_("These records cannot be changed by hand."))
    ctx.rights.need(spec.name, "edit")
    seen = see(ctx, spec, pk)
    if request.method == "POST":
        return _save(request, ctx, spec, seen)
    if "*" in spec.frozen.get(seen.state, frozenset()):
        return redirect(seen.href)
    return _show(request, ctx, spec, seen, {})


@signed_in
def calc(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The present form computed, nothing written: what the grid asks while somebody types."""
    if request.method != "POST":
        return HttpResponse(status=405)
    pk = as_uuid(request.POST.get("id", ""))
    ctx.rights.need(spec.name, "edit" if pk else "create")
    data = data_of(ctx, spec, request.POST, is_new=pk is None)
    sums = request.POST.get("sums", "").split()
    answer = calculate(ctx, spec, data, pk, [n for n in sums if n in spec.fields])
    return JsonResponse({**answer, "turn": request.POST.get("turn", "")})


def _save(request: HttpRequest, ctx: Context, spec: Spec, seen: Seen | None) -> HttpResponse:
    post = request.POST
    data = data_of(ctx, spec, post, is_new=seen is None)
    version = counted(post.get("version", ""))

    def work() -> str:
        if seen is None:
            made = gate.create(ctx, spec.name, data)
            return f"/{spec.path}/{made.pk}/"
        gate.update(ctx, spec.name, seen.id, data, version=version)
        return seen.href

    try:
        target = once(ctx, post.get("token", ""), work)
    except Refused as refusal:
        if isinstance(refusal, NotAllowed) or refusal.status == 404:
            raise
        return _again(request, ctx, spec, seen, data, refusal)
    if post.get("quick"):
        return _made(ctx, spec, target)
    if data:
        messages.success(request, _("Saved."))
    return redirect(target)


def _made(ctx: Context, spec: Spec, target: str) -> HttpResponse:
    """The answer of a quick form: what the picker takes."""
    seen = see(ctx, spec, target.rstrip("/").rsplit("/", 1)[-1], scoped=False)
    code = next((str(seen.row[n]) for n in spec.code if seen.row.get(n)), "")
    return JsonResponse({"id": str(seen.id), "name": seen.title, "label": seen.title, "code": code}, status=201)


def _again(
    request: HttpRequest, ctx: Context, spec: Spec, seen: Seen | None, data: dict[str, Any], refusal: Refused
) -> HttpResponse:
    """The form with what was typed, each error at its place; after another's change only one's own values."""
    typed = typed_of(ctx, spec, request.POST)
    if isinstance(refusal, Stale):
        typed = {k: v for k, v in typed.items() if k in data}
    wrong = Wrong(spec, refusal.errors if isinstance(refusal, Invalid) or refusal.errors else [])
    lines = {n: lines_from(ctx, ls, request.POST.get(f"lines.{n}", "")) for n, ls in spec.lines.items()}
    return _show(request, ctx, spec, seen, typed, lines=lines, refusal=refusal, wrong=wrong)


def _show(
    request: HttpRequest,
    ctx: Context,
    spec: Spec,
    seen: Seen | None,
    given: dict[str, str],
    *,
    lines: dict[str, Any] | None = None,
    refusal: Refused | None = None,
    wrong: Wrong | None = None,
) -> HttpResponse:
    wrong = wrong or Wrong(spec, [])
    sections = sections_of(ctx, spec, seen, given, wrong.fields)
    quick = bool(request.GET.get("quick") or request.POST.get("quick"))
    grids = grids_of(ctx, spec, seen, sections, lines or {}, wrong)
    context = {
        "spec": spec,
        "seen": seen,
        "title": seen.title if seen else _("New %(what)s") % {"what": str(spec.label).lower()},
        "sections": sections_with_grids(sections, grids),
        "grids": grids,
        "refusal": refusal,
        "headline": _headline(refusal, wrong),
        "other": wrong.other,
        "stale": _who_changed(seen, request) if isinstance(refusal, Stale) and seen else [],
        "token": new_token(),
        "was": json.dumps(was_of(ctx, spec, seen), ensure_ascii=False),
        "version": seen.row.get("version", "") if seen else "",
        "back": seen.href if seen else f"/{spec.path}/",
        "quick": quick,
        "similar": " ".join(n for n in compared(spec) if ctx.rights.can(spec.name, "view")),
        "changed": refusal is not None,
        "crumbs": crumbs(spec, seen.crumb, _("Edit")) if seen else crumbs(spec, _("New")),
    }
    template = "kontor/record/quick.html" if quick else "kontor/record/form.html"
    return render(request, template, context, status=refusal.status if refusal else 200)


def _headline(refusal: Refused | None, wrong: Wrong) -> str:
    if refusal is None:
        return ""
    if not wrong.count or not isinstance(refusal, Invalid):
        return str(refusal.detail)
    return ngettext("Not saved: %(n)d value is not right.", "Not saved: %(n)d values are not right.", wrong.count) % {
        "n": wrong.count
    }


def _who_changed(seen: Seen, request: HttpRequest) -> list[Any]:
    """The changes that were made since the form was opened, newest first."""
    version = counted(request.POST.get("version", ""))
    return [] if version is None else changes_since(seen, version)
