"""What answers hold: records with external references, lists with links, what a dry run would make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.api.calls import Call
from kontor.context import Context
from kontor.documents.models import ExternalRef
from kontor.errors import Invalid
from kontor.resources.spec import Spec
from kontor.surfaces.expansions import effects_shown
from kontor.surfaces.query import MOST_ROWS, Ask, many, one, select, write_rows
from kontor.values import parsing

RESERVED = frozenset({"limit", "cursor", "order", "fields", "expand", "q", "count", "updated_since", "dry_run", "by"})
EXTERNAL = ("external_ref", "external_source")
STAMPS = ("updated_at", "made_at", "created_at", "at")
_MOST_NAMES = 100


def record_body(
    ctx: Context,
    spec: Spec,
    pk: Any,
    *,
    fields: Sequence[str] | None = None,
    expand: Sequence[str] = (),
    scoped: bool = True,
) -> dict[str, Any]:
    """One record with its lines as the API shows it."""
    plain = None if fields is None else [n for n in fields if n not in EXTERNAL]
    row = one(ctx, spec, pk, plain, scoped=scoped)
    body = write_rows(ctx, spec, [row], plain, expand=expand, native=True)[0]
    add_external(ctx, spec, [body], fields)
    return body


def records_shown(ctx: Context, spec: Spec, pks: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Of these records (at most a page) those in the caller's scope, with lines, in a few queries."""
    page = select(ctx, spec, Ask(ids=pks, limit=MOST_ROWS))
    bodies = write_rows(ctx, spec, page.rows, expand=tuple(spec.lines), native=True)
    add_external(ctx, spec, bodies, None)
    return {body["id"]: body for body in bodies}


def records_bodies(ctx: Context, spec: Spec, pks: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Several records of one's own writing, with lines, in a few queries."""
    rows = many(ctx, spec, pks)
    bodies = write_rows(ctx, spec, rows, expand=tuple(spec.lines), native=True)
    add_external(ctx, spec, bodies, None)
    return {body["id"]: body for body in bodies}


def list_body(call: Call, spec: Spec, where: Q | None = None) -> dict[str, Any]:
    """A page of a list with the links to the pages beside it; ``where`` is the surface's own condition."""
    ctx = call.ctx
    fields = names(call, "fields")
    expand = names(call, "expand") or ()
    plain = None if fields is None else [n for n in fields if n not in EXTERNAL]
    filters, order = filters_of(call, spec), call.parameter("order")
    if order and "order" in spec.fields and order.partition(",")[0].strip().lstrip("-") not in spec.fields:
        filters["order"], order = [order], ""  # deliveries of an order: the field of that name is meant
    named = _by_external(spec, filters)
    if named is not None:
        where = named if where is None else where & named
    ask = Ask(
        fields=None if plain is None else [n for n in plain if n not in spec.lines],
        filters=filters,
        order=order,
        q=call.parameter("q")[:200],
        limit=limit_of(call),
        cursor=call.parameter("cursor"),
        count=_count_of(call),
        where=where,
    )
    page = select(ctx, spec, ask)
    shown = write_rows(ctx, spec, page.rows, plain, expand=expand, native=True)
    add_external(ctx, spec, shown, fields)
    body: dict[str, Any] = {"results": trimmed(spec, shown, fields, expand), "next": _link(call, page.next_cursor)}
    if page.count is not None:
        body["count"] = page.count
    beside = {"next": body["next"], "prev": _link(call, page.previous_cursor)}
    call.headers["Link"] = ", ".join(f'<{url}>; rel="{name}"' for name, url in beside.items() if url)
    return body


def trimmed(
    spec: Spec, bodies: list[dict[str, Any]], fields: Sequence[str] | None, expand: Sequence[str]
) -> list[dict[str, Any]]:
    """Just the fields that were asked for, and what is expanded beside them."""
    if fields is None:
        return bodies
    kept = {*fields, *(name for path in expand if (name := path.partition(".")[0]) not in spec.fields)}
    return [{name: value for name, value in body.items() if name in kept} for body in bodies]


def filters_of(call: Call, spec: Spec) -> dict[str, list[str]]:
    """All parameters that are not the list's own; ``updated_since`` asks the stamp of the last change.

    What is only ever inserted (moves, say) has no such stamp: it changed when it was made.
    """
    out: dict[str, list[str]] = {}
    for name, values in call.request.query_params.lists():
        if name not in RESERVED:
            out[name] = values
    if since := call.parameter("updated_since"):
        stamp = next((name for name in STAMPS if name in spec.fields), None)
        if stamp is None:
            raise Invalid.at("/updated_since", _("These records keep no time of their change."), "unknown_parameter")
        try:
            parsing.instant(since)
        except ValueError as error:
            raise Invalid.at("/updated_since", str(error)) from None
        out[f"{stamp}__gte"] = [*out.get(f"{stamp}__gte", []), since]
    return out


def names(call: Call, parameter: str) -> list[str] | None:
    """A list of names between commas; None if it is not given."""
    text = call.parameter(parameter)
    if not text:
        return None
    found = [part.strip() for part in text.split(",") if part.strip()]
    if len(found) > _MOST_NAMES:
        raise Invalid.at(f"/{parameter}", _("At most %(n)d names can be given.") % {"n": _MOST_NAMES})
    return found


def limit_of(call: Call, default: int = 50, most: int = MOST_ROWS) -> int:
    """``limit``: 1 to 200."""
    text = call.parameter("limit")
    if not text:
        return default
    limit = parsing.counted(text)
    if limit is None or not 1 <= limit <= most:
        raise Invalid.at("/limit", _("A number from 1 to %(n)d is expected.") % {"n": most})
    return limit


def add_external(ctx: Context, spec: Spec, bodies: list[dict[str, Any]], fields: Sequence[str] | None) -> None:
    """What the caller's source calls each record, else what another one does; one statement."""
    if fields is not None and not set(EXTERNAL) & set(fields):
        return
    found: dict[UUID, tuple[str, str]] = {}
    if bodies:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT record_id, ref, source FROM documents_externalref WHERE record_id = ANY(%s::uuid[]) "
                "AND resource = %s ORDER BY (source = %s), source DESC",
                [f"{{{','.join(str(body['id']) for body in bodies)}}}", spec.name, ctx.source],
            )
            found = {pk: (ref, source) for pk, ref, source in cursor.fetchall()}
    for body in bodies:
        ref, source = found.get(body["id"], (None, None))
        body["external_ref"], body["external_source"] = ref, source


def _by_external(spec: Spec, filters: dict[str, list[str]]) -> Q | None:
    """``external_ref=``, ``external_ref__in=`` and ``external_source=`` of a list, taken out of its filters."""
    refs = filters.pop("external_ref", [])
    among = [ref for text in filters.pop("external_ref__in", []) for ref in text.split(",")]
    sources = filters.pop("external_source", [])
    if not (refs or among or sources):
        return None
    rows = ExternalRef.objects.filter(resource=spec.name)
    if refs or among:
        rows = rows.filter(ref__in=refs + among)
    if sources:
        rows = rows.filter(source__in=sources)
    return Q(pk__in=rows.values("record_id"))


def dry(body: dict[str, Any], ctx: Context) -> dict[str, Any]:
    """What a dry run shows: the record as it would be, and what else would be made."""
    ctx.effects = effects_shown(ctx, ctx.effects)
    body["effects"] = ctx.effects
    return body


def _count_of(call: Call) -> str:
    how = call.parameter("count")
    if how not in ("", "estimate", "exact"):
        raise Invalid.at("/count", _("One of these is expected: %(choices)s.") % {"choices": "estimate, exact"})
    return how


def _link(call: Call, cursor: str) -> str | None:
    if not cursor:
        return None
    pairs = [(k, v) for k, values in call.request.query_params.lists() for v in values if k != "cursor"]
    return call.url(f"{call.request._request.path}?{urlencode([*pairs, ('cursor', cursor)])}")
