"""The verbs of every resource: list, create, read, change, delete, act, and by external reference."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed

from kontor.api.calls import Call, answer, clean
from kontor.api.idempotency import once
from kontor.api.preconditions import tagged, version_asked
from kontor.api.shape import dry, list_body, names, record_body, trimmed
from kontor.context import Context
from kontor.documents import gate
from kontor.documents.models import ExternalRef
from kontor.errors import Invalid, NotFound, Refused
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.hatches import list_hatch

ROOT = "/api/v1"


def listing(call: Call, spec: Spec) -> HttpResponse:
    """``GET /<module>/<resources>/``."""
    hatch = list_hatch(spec.name, call.parameter("by"))
    if hatch is None and call.parameter("by"):
        raise Invalid.at("/by", _("This list has no finer rows."))
    body = hatch(call, spec) if hatch else list_body(call, spec)
    response = answer(body)
    for name, value in call.headers.items():
        response[name] = value
    return tagged(call, response)


def create(call: Call, spec: Spec) -> HttpResponse:
    """``POST /<module>/<resources>/``: 201 with the record and its address."""
    if not spec.creatable:
        raise MethodNotAllowed("POST", _("%(what)s are not made by hand.") % {"what": spec.label_plural})
    return once(call, lambda: _create(call, spec))


def _create(call: Call, spec: Spec) -> HttpResponse:
    data = call.data
    if call.flag("dry_run"):
        return _trial(call, spec, lambda ctx: gate.create(ctx, spec.name, data))
    made = gate.create(call.ctx, spec.name, data)
    return _made(call, spec, made.pk)


def detail(call: Call, spec: Spec, pk: Any) -> HttpResponse:
    """``GET …/{id}/`` with ETag; 304 to a reader who has it."""
    call.ctx.rights.need(spec.name, "view")
    fields, expand = names(call, "fields"), names(call, "expand") or ()
    body = record_body(call.ctx, spec, pk, fields=fields, expand=expand)
    return tagged(call, answer(trimmed(spec, [body], fields, expand)[0]), body.get("version"))


def change(call: Call, spec: Spec, pk: Any) -> HttpResponse:
    """``PATCH …/{id}/`` with If-Match."""
    if not spec.editable:
        raise MethodNotAllowed("PATCH", _("%(what)s are not changed by hand.") % {"what": spec.label_plural})
    call.ctx.rights.need(spec.name, "edit")
    version = version_asked(call, spec, pk, needed=True)
    data = call.data
    if call.flag("dry_run"):
        return _trial(call, spec, lambda ctx: gate.update(ctx, spec.name, pk, data, version=version))
    gate.update(call.ctx, spec.name, pk, data, version=version)
    return shown(call, spec, pk)


def remove(call: Call, spec: Spec, pk: Any) -> HttpResponse:
    """``DELETE …/{id}/``: 204."""
    if not spec.deletable:
        raise MethodNotAllowed("DELETE", _("%(what)s are not deleted.") % {"what": spec.label_plural})
    call.ctx.rights.need(spec.name, "delete")
    version = version_asked(call, spec, pk, needed=False)
    if call.flag("dry_run"):

        def drop(ctx: Context) -> dict[str, Any]:
            gate.delete(ctx, spec.name, pk, version=version)
            return dry({"id": pk, "deleted": True}, ctx)

        return answer(_dry_run(call.ctx, drop))
    gate.delete(call.ctx, spec.name, pk, version=version)
    return answer(None, 204)


def act(call: Call, spec: Spec, pk: Any, action: str) -> HttpResponse:
    """``POST …/{id}/<action>/``: 200 with the record, 201 with the document that the action makes."""
    if action not in spec.actions:
        raise NotFound(_("%(what)s has no action “%(action)s”.") % {"what": spec.label, "action": action[:80]})
    return once(call, lambda: _act(call, spec, pk, action))


def _act(call: Call, spec: Spec, pk: Any, action: str) -> HttpResponse:
    version, data = version_asked(call, spec, pk, needed=False), call.data
    expand = names(call, "expand") or ()
    if call.flag("dry_run"):

        def trial(ctx: Context) -> dict[str, Any]:
            outcome = gate.perform(ctx, spec.name, pk, action, data, version=version)
            target, key = made_or_self(spec, action, outcome)
            return dry(record_body(ctx, target, key, expand=expand, scoped=False), ctx)

        return answer(_dry_run(call.ctx, trial))
    outcome = gate.perform(call.ctx, spec.name, pk, action, data, version=version)
    target, key = made_or_self(spec, action, outcome)
    return _made(call, target, key) if outcome.made is not None else shown(call, target, key)


def made_or_self(spec: Spec, action: str, outcome: gate.Outcome) -> tuple[Spec, Any]:
    """The document that an action made, else the record itself."""
    if outcome.made is None:
        return spec, outcome.record.pk
    return registry.spec(spec.actions[action].makes), getattr(outcome.made, "pk", outcome.made)


def by_ref_read(call: Call, spec: Spec, ref: str) -> HttpResponse:
    """``GET …/by-ref/{external_ref}/``."""
    call.ctx.rights.need(spec.name, "view")
    pk = _known(call, spec, ref)
    if pk is None:
        raise NotFound
    return detail(call, spec, pk)


def by_ref_write(call: Call, spec: Spec, ref: str) -> HttpResponse:
    """``PUT …/by-ref/{external_ref}/``: 201 made, 200 changed; the caller's own source unless ``?source=``."""
    data = call.data
    if not isinstance(data, dict):
        raise Invalid.at("/", _("An object with named values is expected here."))
    data = {k: v for k, v in data.items() if k not in ("external_ref", "external_source")}
    source = _source(call)
    version = version_asked(call, spec, None, needed=False)

    def write(ctx: Context) -> tuple[Any, bool]:
        pk = _known(call, spec, ref)
        if pk is None:
            try:
                made = gate.create(ctx, spec.name, {**data, "external_ref": ref, "external_source": source})
            except Refused:
                pk = _known(call, spec, ref)  # another call may have made it in this moment
                if pk is None:
                    raise
            else:
                return made.pk, True
        gate.update(ctx, spec.name, pk, data, version=version)
        return pk, False

    if call.flag("dry_run"):

        def trial(ctx: Context) -> dict[str, Any]:
            pk, _is_new = write(ctx)
            return dry(record_body(ctx, spec, pk, scoped=False), ctx)

        return answer(_dry_run(call.ctx, trial))
    pk, is_new = write(call.ctx)
    return _made(call, spec, pk) if is_new else shown(call, spec, pk)


def _known(call: Call, spec: Spec, ref: str) -> Any:
    clean("external_ref", ref)
    rows = ExternalRef.objects.filter(resource=spec.name, source=_source(call), ref=ref[:201])
    return rows.values_list("record_id", flat=True).first()


def _source(call: Call) -> str:
    return call.parameter("source")[:60] or call.ctx.source


def shown(call: Call, spec: Spec, pk: Any, status: int = 200, **headers: str) -> HttpResponse:
    """The record after a write, with its ETag."""
    body = record_body(call.ctx, spec, pk, expand=names(call, "expand") or (), scoped=False)
    return tagged(call, answer(body, status, **headers), body.get("version"))


def _made(call: Call, spec: Spec, pk: Any) -> HttpResponse:
    return shown(call, spec, pk, 201, Location=call.url(f"{ROOT}/{spec.path}/{pk}/"))


def _trial(call: Call, spec: Spec, write: Any) -> HttpResponse:
    expand = names(call, "expand") or ()

    def trial(ctx: Context) -> dict[str, Any]:
        made = write(ctx)
        return dry(record_body(ctx, spec, made.pk, expand=expand, scoped=False), ctx)

    return answer(_dry_run(call.ctx, trial))


def _dry_run(ctx: Context, trial: Any) -> Any:
    return gate.dry_run(ctx, trial, lambda shown: shown)
