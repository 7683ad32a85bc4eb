"""``POST …/bulk/``: many writes in one call; per-item answers, or all or none; over 200 items a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.api.calls import Call, answer
from kontor.api.idempotency import once
from kontor.api.problems import body_of
from kontor.api.records import ROOT, made_or_self
from kontor.api.rendering import dumps
from kontor.api.shape import dry, record_body, records_bodies
from kontor.context import Context
from kontor.documents import gate
from kontor.documents.each import perform_each
from kontor.errors import FieldError, Invalid, NotFound, Refused
from kontor.jobs import api as jobs
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.refusals import note_items
from kontor.values.parsing import as_uuid
from kontor.values.wording import either

AT_ONCE = 200
CHUNK = 200
Result = dict[str, Any]


class _Undone(Exception):
    """Takes all of an atomic bulk back."""


def bulk(call: Call, spec: Spec) -> HttpResponse:
    """Answer 200 with ``results`` in the items' order, or 202 with the job that does them."""
    return once(call, lambda: _bulk(call, spec))


def _bulk(call: Call, spec: Spec) -> HttpResponse:
    items, atomic = _read(call, spec)
    if call.flag("dry_run"):
        if len(items) > AT_ONCE:
            raise Invalid.at("/items", _("A dry run takes at most %(n)d items.") % {"n": AT_ONCE})

        def trial(ctx: Context) -> dict[str, Any]:
            return dry({"results": _plain(run_items(ctx, spec, items, atomic=atomic))}, ctx)

        return answer(gate.dry_run(call.ctx, trial, lambda shown: shown))
    if len(items) <= AT_ONCE:
        results = run_items(call.ctx, spec, items, atomic=atomic)
        note_items(call.ctx, sum(r["status"] in (403, 404) for r in results))
        return answer({"results": results})
    if atomic:
        raise Invalid.at("/atomic", _("At most %(n)d items can be done all or none.") % {"n": AT_ONCE})
    pk = jobs.start(call.ctx, "bulk", orjson.loads(dumps(items)), {"resource": spec.name})
    where = call.url(f"{ROOT}/jobs/{pk}/")
    return answer({"job": {"id": pk, "url": where, "state": "waiting", "total": len(items)}}, 202, Location=where)


def _read(call: Call, spec: Spec) -> tuple[list[Any], bool]:
    data = call.data
    items = data.get("items") if isinstance(data, dict) else None
    errors: list[FieldError] = []
    if not isinstance(items, list) or not items or len(items) > jobs.MOST_ITEMS:
        raise Invalid.at("/items", _("A list of 1 to %(n)d items is expected.") % {"n": jobs.MOST_ITEMS})
    known = ["create", "update", "delete", *spec.actions]
    for i, item in enumerate(items):
        if not isinstance(item, dict):
            errors.append(FieldError(f"/items/{i}", "invalid", _("An object with method and data is expected.")))
        elif item.get("method") not in known:
            text = _("One of these is expected: %(choices)s.") % {"choices": either(known)}
            errors.append(FieldError(f"/items/{i}/method", "invalid", text))
        elif item["method"] != "create" and as_uuid(item.get("id")) is None:
            errors.append(FieldError(f"/items/{i}/id", "required", _("The record's id is expected here.")))
        if len(errors) >= 20:
            break
    if errors:
        raise Invalid(errors)
    return items, data.get("atomic") is True


def run_items(ctx: Context, spec: Spec, items: Sequence[Any], *, atomic: bool = False) -> list[Result]:
    """Do the items; runs of creates are written together, and one by one where one of them is refused."""
    if not atomic:
        return _run(ctx, spec, items)
    results: list[Result] = []
    try:
        with transaction.atomic():
            results = _run(ctx, spec, items)
            if any(r["status"] >= 400 for r in results):
                raise _Undone
    except _Undone:
        said = _("Another item of this bulk was refused, so nothing was done.")
        other = Refused(said, code="not_done", status=424)
        results = [r if r["status"] >= 400 else _refused(ctx, other) for r in results]
    return results


def _run(ctx: Context, spec: Spec, items: Sequence[Any]) -> list[Result]:
    out: list[Result] = []
    at = 0
    while at < len(items):
        end = at
        while end < len(items) and items[end]["method"] == "create":
            end += 1
        if end > at:
            out += _create(ctx, spec, [item.get("data") for item in items[at:end]])
            at = end
        elif items[at]["method"] in spec.actions:
            end = at + 1
            while end < len(items) and _same(items[at], items[end]):
                end += 1
            out += _perform(ctx, spec, items[at:end])
            at = end
        else:
            out.append(_other(ctx, spec, items[at]))
            at += 1
    return out


def _create(ctx: Context, spec: Spec, datas: list[Any]) -> list[Result]:
    if not spec.creatable:
        said = _("%(what)s are not made by hand.") % {"what": spec.label_plural}
        return [_refused(ctx, Refused(said, code="method_not_allowed", status=405))] * len(datas)
    try:
        pks = [made.pk for made in gate.create_many(ctx, spec.name, datas)]
    except Refused as refusal:
        if len(datas) > 1:
            half = len(datas) // 2
            return _create(ctx, spec, datas[:half]) + _create(ctx, spec, datas[half:])
        return [_refused(ctx, _from_first(refusal))]
    bodies = records_bodies(ctx, spec, pks)
    return [{"status": 201, "body": bodies[pk]} for pk in pks]


def _same(one: Any, other: Any) -> bool:
    """Whether two items do the same to different records."""
    return bool(other["method"] == one["method"] and other.get("data") == one.get("data"))


def _perform(ctx: Context, spec: Spec, items: Sequence[Any]) -> list[Result]:
    """The same action on several records, done together where none of them is refused."""
    out: dict[int, Result] = {}
    sound = []
    for i, item in enumerate(items):
        try:
            sound.append((i, as_uuid(item["id"]), _version(item)))
        except Invalid as refusal:
            out[i] = _refused(ctx, refusal)
    method, data = items[0]["method"], items[0].get("data")
    found = perform_each(ctx, spec.name, [x[1] for x in sound], method, data, versions=[x[2] for x in sound])
    shown: dict[str, tuple[Spec, list[Any]]] = {}
    where: dict[int, tuple[str, Any, int]] = {}
    for (i, _pk, _v), told in zip(sound, found, strict=True):
        if isinstance(told, Refused):
            out[i] = _refused(ctx, told)
            continue
        target, key = made_or_self(spec, method, told)
        shown.setdefault(target.name, (target, []))[1].append(key)
        where[i] = (target.name, key, 201 if told.made is not None else 200)
    bodies = {name: records_bodies(ctx, target, keys) for name, (target, keys) in shown.items()}
    out |= {i: {"status": status, "body": bodies[name][key]} for i, (name, key, status) in where.items()}
    return [out[i] for i in range(len(items))]


def _version(item: Mapping[str, Any]) -> int | None:
    version = item.get("version")
    if isinstance(version, bool) or not (version is None or isinstance(version, int)):
        raise Invalid.at("/version", _("A whole number is expected here."))
    return version


def _other(ctx: Context, spec: Spec, item: Any) -> Result:
    method, pk, data = item["method"], as_uuid(item["id"]), item.get("data")
    try:
        version = _version(item)
        if method == "update":
            if not spec.editable:
                raise NotFound(_("%(what)s are not changed by hand.") % {"what": spec.label_plural})
            gate.update(ctx, spec.name, pk, data, version=version)
            return {"status": 200, "body": record_body(ctx, spec, pk, scoped=False)}
        if not spec.deletable:
            raise NotFound(_("%(what)s are not deleted.") % {"what": spec.label_plural})
        gate.delete(ctx, spec.name, pk, version=version)
        return {"status": 204, "body": None}
    except Refused as refusal:
        return _refused(ctx, refusal)


def _refused(ctx: Context, refusal: Refused) -> Result:
    return {"status": refusal.status, "body": body_of(refusal, ctx.request_id)}


def _from_first(refusal: Refused) -> Refused:
    """Pointers of a list of one begin with /0; the item's own begin at its data."""
    refusal.errors = [
        FieldError(e.pointer.removeprefix("/0") or "/", e.code, e.detail, e.facts) for e in refusal.errors
    ]
    return refusal


def _plain(results: list[Result]) -> list[Result]:
    """Values as JSON now: after a dry run nothing may be looked up any more."""
    plain: list[Result] = orjson.loads(dumps(results))
    return plain


@jobs.work("bulk", chunk=CHUNK)
def bulk_chunk(ctx: Context, params: dict[str, Any], items: list[Any]) -> list[Result]:
    """The items of a job, with the rights of who sent them."""
    return _plain(run_items(ctx, registry.spec(params["resource"]), items))
