"""What hangs on a record: its timeline, comments, followers, trace, and why one sees it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.access.scope import explain, predicate
from kontor.api.calls import Call, answer
from kontor.api.idempotency import once
from kontor.api.shape import limit_of
from kontor.documents import conversion
from kontor.documents.records import Ref
from kontor.errors import Invalid, NotFound
from kontor.history import api as history
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values import parsing

ROOT = "/api/v1"


def timeline(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``GET …/{id}/timeline/``: newest first; ``before=`` goes back."""
    before: dt.datetime | None = None
    if text := call.parameter("before"):
        try:
            before = parsing.instant(text)
        except ValueError as error:
            raise Invalid.at("/before", str(error)) from None
    limit = limit_of(call)
    found = history.timeline(call.ctx, spec.name, pk, most=limit, before=before)
    link = None
    if len(found) == limit:
        moment = found[-1].at.isoformat().replace("+00:00", "Z")
        link = call.url(f"{ROOT}/{spec.path}/{pk}/timeline/?before={moment}&limit={limit}")
    return answer({"results": [asdict(entry) for entry in found], "next": link})


def comment(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``POST …/{id}/comments/`` ``{"text": "…"}``; ``@name`` tells that user."""

    def say() -> HttpResponse:
        text = call.data.get("text") if isinstance(call.data, dict) else None
        if not isinstance(text, str):
            raise Invalid.at("/text", _("A text is expected here."), "required")
        return answer(asdict(history.comment(call.ctx, spec.name, pk, text)), 201)

    return once(call, say)


def follow(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``PUT …/{id}/follow/``."""
    return answer({"following": history.follow(call.ctx, spec.name, pk)})


def unfollow(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``DELETE …/{id}/follow/``."""
    history.follow(call.ctx, spec.name, pk, on=False)
    return answer(None, 204)


def trace(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``GET …/{id}/trace/``: the documents it came from and led to, those in the caller's scope."""
    call.ctx.rights.need(spec.name, "view")
    _need(call, spec, pk)
    nodes, edges = conversion.trace(Ref(spec.name, pk))
    shown = _shown(call, nodes)
    return answer(
        {
            "nodes": list(shown.values()),
            "edges": [{"from": s.id, "to": t.id} for s, t in edges if s.id in shown and t.id in shown],
        }
    )


def _shown(call: Call, nodes: list[Ref]) -> dict[UUID, dict[str, Any]]:
    by_resource: dict[str, list[UUID]] = {}
    for node in nodes:
        by_resource.setdefault(node.resource, []).append(node.id)
    out: dict[UUID, dict[str, Any]] = {}
    for name, ids in by_resource.items():
        spec = registry.spec(name)
        if not call.ctx.rights.can(name, "view"):
            continue
        columns = ["pk", spec.title_path, *(["state"] if spec.has_state else [])]
        rows = spec.model._default_manager.filter(predicate(call.ctx, spec), pk__in=ids).values_list(*columns)
        for pk, called, *state in rows:
            url = call.url(f"{ROOT}/{spec.path}/{pk}/")
            out[pk] = {
                "resource": name,
                "id": pk,
                "title": str(called or ""),
                "state": state[0] if state else None,
                "url": url,
            }
    return {node.id: out[node.id] for node in nodes if node.id in out}


def why(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``GET …/{id}/explain/``: every rule that shows or hides the record, for who may not know of it: 404."""
    record = spec.model._default_manager.filter(pk=pk).first()
    if record is None or (spec.where and any(getattr(record, k) != v for k, v in spec.where.items())):
        raise NotFound
    _need(call, spec, pk)
    return answer({"rules": [str(rule) for rule in explain(call.ctx, spec, record.pk)]})


def _need(call: Call, spec: Spec, pk: UUID) -> None:
    if not spec.model._default_manager.filter(predicate(call.ctx, spec), pk=pk).exists():
        raise NotFound
