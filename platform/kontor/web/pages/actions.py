"""Doing things to a record: the button, the panel that asks, the preview, the refusal at its place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from kontor.errors import NotFound, Refused
from kontor.resources import registry
from kontor.resources.actions import Action
from kontor.resources.spec import Spec
from kontor.values.parsing import counted
from kontor.values.wording import capital
from kontor.web.errors import is_htmx
from kontor.web.pages.record import page
from kontor.web.record.asking import body_of, panel_for
from kontor.web.record.effects import effects_of
from kontor.web.record.foresight import foreseen
from kontor.web.record.once import new_token, once
from kontor.web.record.reading import Seen, see
from kontor.web.signing import signed_in


@signed_in
def perform(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID, action: str) -> HttpResponse:
    """GET shows the panel of the action, POST does it; ``preview`` shows what it would move and post."""
    act = spec.actions.get(action.replace("-", "_")) or spec.actions.get(action)
    if act is None:
        raise NotFound
    ctx.rights.need(spec.name, act.name)
    if request.method != "POST":
        return _panel(request, see(ctx, spec, pk), act)
    body = body_of(ctx, act, request.POST)
    read = counted(request.POST.get("version", ""))
    if request.POST.get("preview"):
        return _preview(request, ctx, spec, pk, act, body)

    def work() -> str:
        outcome = gate.perform(ctx, spec.name, pk, act.name, body, version=read)
        return _after(ctx, spec, pk, act, outcome.made)

    try:
        target = once(ctx, request.POST.get("token", ""), work)
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        return _refused(request, see(ctx, spec, pk), act, refusal)
    messages.success(request, _told(ctx, spec, pk, act, target))
    if is_htmx(request):
        return JsonResponse({"go": target})
    return redirect(target)


def _after(ctx: Context, spec: Spec, pk: UUID, act: Action, made: Any) -> str:
    """Where to go: to the document that was made if one may see it, else back."""
    if made is not None and act.makes:
        target = registry.find(act.makes)
        if target is not None and ctx.rights.can(target.name, "view"):
            return f"/{target.path}/{made.pk}/"
    return f"/{spec.path}/{pk}/"


def _told(ctx: Context, spec: Spec, pk: UUID, act: Action, target: str) -> str:
    made = registry.find(act.makes)
    if made is not None and not target.endswith(f"/{pk}/"):
        return _("Made from %(what)s: %(made)s.") % {"what": see(ctx, spec, pk).title, "made": capital(made.label)}
    return _("Done: %(action)s.") % {"action": act.label}


def _preview(
    request: HttpRequest, ctx: Context, spec: Spec, pk: UUID, act: Action, body: dict[str, Any]
) -> HttpResponse:
    """The deed in a dry run: vouchers and moves as they would be, or the refusal it would meet."""
    effects: dict[str, Any] = {}
    held: list[Context] = []

    def work(trial: Context) -> Any:
        held.append(trial)
        return gate.perform(trial, spec.name, pk, act.name, body)

    def show(outcome: Any) -> dict[str, Any]:
        return {"foreseen": foreseen(held[0], spec.name, act.name, outcome.record)}

    try:
        effects = gate.dry_run(ctx, work, show)
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        context = {"refusal": refusal, "errors": _sentences(see(ctx, spec, pk), refusal)}
        return render(request, "kontor/record/preview.html", context)
    context = {"effects": effects_of(ctx, effects.get("effects", {})), "foreseen": effects["foreseen"]}
    return render(request, "kontor/record/preview.html", context)


def _refused(request: HttpRequest, seen: Seen, act: Action, refusal: Refused) -> HttpResponse:
    """In the panel where it was asked from one, else on the page; always with the facts."""
    if is_htmx(request):
        return _panel(request, seen, act, refusal)
    return page(request, seen, refusal=refusal)


def _panel(request: HttpRequest, seen: Seen, act: Action, refusal: Refused | None = None) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for e in refusal.errors if refusal else []:
        errors.setdefault(e.pointer.strip("/"), []).append(str(e.detail))
    context = {
        "seen": seen,
        "spec": seen.spec,
        "panel": panel_for(seen, act, request.POST if refusal else None, errors),
        "action": act,
        "href": f"{seen.href}do/{act.name}/",
        "token": new_token(),
        "refusal": refusal,
        "sentences": _sentences(seen, refusal) if refusal else [],
        "crumbs": [
            {"label": capital(seen.spec.label_plural), "href": f"/{seen.spec.path}/"},
            {"label": seen.title, "href": seen.href},
            {"label": act.label, "href": ""},
        ],
    }
    template = "kontor/record/action.html" if is_htmx(request) else "kontor/record/action_page.html"
    return render(request, template, context, status=refusal.status if refusal else 200)


def _sentences(seen: Seen, refusal: Refused) -> list[str]:
    """What exactly stood in the way: each error once, with the line it is about."""
    own = {str(refusal.detail)}
    return [s for s in dict.fromkeys(str(e.detail) for e in refusal.errors) if s not in own]
