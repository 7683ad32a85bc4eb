"""Deeds on many rows: first the count and what will happen, then each row by itself with its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.each import perform_each
from kontor.errors import Invalid, NotFound, Refused
from kontor.jobs import api as jobs
from kontor.resources.actions import Input
from kontor.resources.spec import Spec
from kontor.resources.titles import titles_of
from kontor.surfaces.query import Ask, ids_of, select
from kontor.values.parsing import as_uuid
from kontor.values.wording import capital
from kontor.web import lists
from kontor.web.errors import notice
from kontor.web.signing import signed_in

AT_ONCE = 200  # more than that is done in the background
TRIED = 40  # so many rows are tried beforehand, to tell which will be refused and why
MOST = jobs.MOST_ITEMS


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to each row, and what it asks for first."""

    code: str
    label: str
    verb: str  # the right it needs
    method: str  # what the background's bulk work calls it
    inputs: Mapping[str, Input]
    run: Callable[[Context, Any, dict[str, Any]], Any]
    confirm: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row."""

    title: str
    href: str
    done: bool
    text: str


@signed_in
@require_POST
def run(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """Preview without ``go``; with it the deed, row by row: a refused row leaves the others done."""
    deed = _deed(spec, request.POST.get("do", ""))
    ctx.rights.need(spec.name, deed.verb)
    ids, total = _ids(ctx, spec, request.POST)
    on_board = request.POST.get("board") == "1"
    needs = [name for name, i in deed.inputs.items() if i.required]
    if request.POST.get("go") != "1" and (not on_board or needs or deed.confirm):
        return _preview(request, ctx, spec, deed, ids, total)
    body = {n: v for n in deed.inputs if (v := request.POST.get(f"body-{n}", "").strip())}
    if len(ids) > AT_ONCE:
        items = [{"method": deed.method, "id": str(pk), "data": body} for pk in ids]
        job = jobs.start(ctx, "bulk", items, {"resource": spec.name})
        return render(request, "kontor/list/bulk_job.html", {"deed": deed, "count": len(ids), "job": job})
    results = _each(ctx, spec, deed, ids, body)
    failed = [r for r in results if not r.done]
    if on_board and len(results) == 1 and request.POST.get("go") != "1":
        if failed:
            return notice(request, Refused(failed[0].text))
        response = HttpResponse(status=200)
        response["X-Kontor"] = "done"
        return response
    context = {
        "spec": spec,
        "deed": deed,
        "results": sorted(results, key=lambda r: r.done),
        "done": len(results) - len(failed),
        "failed": len(failed),
        "left": max(0, total - len(ids)),
    }
    return render(request, "kontor/list/bulk_done.html", context)


def _preview(request: HttpRequest, ctx: Context, spec: Spec, deed: Deed, ids: list[Any], total: int) -> HttpResponse:
    states: list[tuple[Any, int, bool]] = []
    if spec.has_state and ids:
        counts: dict[str, int] = {}
        for value in spec.model._default_manager.filter(pk__in=ids).values_list("state", flat=True):
            counts[value] = counts.get(value, 0) + 1
        act = spec.actions.get(deed.code)
        allowed = act.sources if act else (spec.initial,) if deed.code == "delete" else ()
        states = [(s, counts[s], not allowed or s in allowed) for s, _l in spec.states if s in counts]
    foreseen = _foreseen(ctx, spec, deed, ids)
    possible = sum(n for _s, n, ok in states if ok) if states else len(ids)
    if foreseen is not None:
        possible = len(ids) - len(foreseen)
    context = {
        "spec": spec,
        "deed": deed,
        "ids": [] if request.POST.get("matching") else ids,
        "matching": request.POST.get("matching", ""),
        "query": request.POST.get("query", ""),
        "at_once": AT_ONCE,
        "count": len(ids),
        "left": max(0, total - len(ids)),
        "states": states,
        "possible": possible,
        "foreseen": foreseen or [],
        "is_tried": foreseen is not None,
        "board": request.POST.get("board", ""),
    }
    response = render(request, "kontor/list/bulk_ask.html", context)
    response["X-Kontor"] = "ask"
    return response


def _foreseen(ctx: Context, spec: Spec, deed: Deed, ids: list[Any]) -> list[Result] | None:
    """The rows that would be refused, each with its reason: all are tried and taken back at once.

    None where that cannot be known: too many rows, or the deed asks for something first.
    """
    if not ids or len(ids) > TRIED or any(i.required for i in deed.inputs.values()):
        return None
    titles = _titles(spec, ids)
    out = []
    for pk in ids:
        try:
            gate.dry_run(ctx, lambda trial, pk=pk: deed.run(trial, pk, {}), lambda shown: shown)  # type: ignore[misc]
        except Refused as refusal:
            out.append(Result(titles.get(pk, "–"), f"/{spec.path}/{pk}/", False, reason(refusal)))
    return out


def reason(refusal: Refused) -> str:
    """A refusal in one line: what, then each cause once."""
    return " ".join(dict.fromkeys([str(refusal.detail), *(str(e.detail) for e in refusal.errors)]))


def _ids(ctx: Context, spec: Spec, given: QueryDict) -> tuple[list[Any], int]:
    """The rows meant, in the user's scope, and how many there would be in all."""
    if given.get("matching"):
        state = lists.read(spec, QueryDict(given.get("query", "")))
        asked = Ask(filters=lists.resolved(ctx, state.filters), q=state.q)
        ids = ids_of(ctx, spec, asked, MOST)
        total = len(ids)
        if total == MOST:
            total = (
                select(ctx, spec, Ask(fields=(), filters=asked.filters, q=state.q, limit=1, count="exact")).count or 0
            )
        return ids, total
    wanted = [u for u in map(as_uuid, given.getlist("ids")) if u]
    if not wanted:
        raise Invalid.at("/ids", _("No row is picked."), "required")
    found = ids_of(ctx, spec, Ask(ids=wanted[:MOST]), MOST)
    if not found:
        raise NotFound
    return found, len(wanted)


def _each(ctx: Context, spec: Spec, deed: Deed, ids: list[Any], body: dict[str, Any]) -> list[Result]:
    titles = _titles(spec, ids)
    if deed.code in spec.actions:
        found = perform_each(ctx, spec.name, ids, deed.code, body)
    else:
        found = [_one(ctx, deed, pk, body) for pk in ids]
    out = []
    for pk, told in zip(ids, found, strict=True):
        refused = isinstance(told, Refused)
        text = reason(told) if isinstance(told, Refused) else _("done")
        out.append(Result(titles.get(pk, "–"), f"/{spec.path}/{pk}/", not refused, text))
    return out


def _one(ctx: Context, deed: Deed, pk: Any, body: dict[str, Any]) -> Any:
    try:
        with transaction.atomic():
            return deed.run(ctx, pk, body)
    except Refused as refusal:
        return refusal


def _titles(spec: Spec, ids: list[Any]) -> dict[Any, str]:
    return {pk: title or _("(no number)") for pk, title in titles_of(spec, ids).items()}


def _deed(spec: Spec, code: str) -> Deed:
    if code == "delete" and spec.deletable:
        return Deed(
            code="delete",
            label=_("Delete"),
            verb="delete",
            method="delete",
            inputs={},
            run=lambda ctx, pk, _b: gate.delete(ctx, spec.name, pk),
            is_bad=True,
        )
    if code == "assign" and "owner" in spec.fields:
        owner = Input("reference", spec.fields["owner"].label, required=True, relation="organization.employee")
        return Deed(
            code="assign",
            label=_("Assign"),
            verb="edit",
            method="update",
            inputs={"owner": owner},
            run=lambda ctx, pk, b: gate.update(ctx, spec.name, pk, b),
        )
    act = spec.actions.get(code)
    if act is None or any(i.lines is not None for i in act.body.values()):
        raise NotFound(_("There is no such action."))
    return Deed(
        code=act.name,
        label=capital(act.label),
        verb=act.name,
        method=act.name,
        inputs=act.body,
        run=lambda ctx, pk, b: gate.perform(ctx, spec.name, pk, act.name, b),
        confirm=str(act.confirm or ""),
    )
