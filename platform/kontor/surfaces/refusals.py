"""Refused accesses become security events, from pages and API alike.

A missing right, a record that is there but not for this user, a key that opens nothing. What is nowhere is no event.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.identity import events
from kontor.resources.spec import Spec

_ITEMS = "refused items"  # in the cache of a call


def note_items(ctx: Context, refused: int) -> None:
    """So many items of a call were refused with 403 or 404, though the call itself is answered."""
    ctx.cache[_ITEMS] = refused


def note_refusal(request: HttpRequest, response: HttpResponse) -> None:
    """Look at an answer on its way out."""
    ctx: Context | None = getattr(request, "key_ctx", None) or getattr(request, "ctx", None)
    if ctx is None:
        if response.status_code == 401 and "Authorization" in request.headers:
            events.failure(request, "key refused")
        return
    spec, pk = _record(request)
    items = ctx.cache.pop(_ITEMS, 0)
    if items:
        events.failure(request, "access refused", ctx=ctx, resource=_kind(spec), items=items)
    elif response.status_code == 403 or (response.status_code == 404 and _is_out_of_scope(ctx, spec, pk)):
        events.failure(
            request, "access refused", ctx=ctx, resource=_kind(spec), record_id=pk, status=response.status_code
        )


def _record(request: HttpRequest) -> tuple[Spec | None, Any]:
    match = request.resolver_match
    given = match.kwargs if match else {}
    spec = given.get("spec")
    return (spec, given.get("pk")) if isinstance(spec, Spec) else (None, None)


def _kind(spec: Spec | None) -> str:
    return spec.name if spec else events.RESOURCE


def _is_out_of_scope(ctx: Context, spec: Spec | None, pk: Any) -> bool:
    """Whether the record is there but not for this user; else something beneath it was missing, or all of it."""
    if spec is None or pk is None:
        return False
    rows = spec.model._default_manager.filter(pk=pk, **spec.where)
    return rows.exists() and not (ctx.rights.can(spec.name, "view") and rows.filter(predicate(ctx, spec)).exists())
