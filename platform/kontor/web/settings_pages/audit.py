"""The audit: who did what to which record, from where; filterable, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.history.models import AuditEvent
from kontor.identity import events
from kontor.identity.models import User
from kontor.resources import registry
from kontor.resources.titles import titles_of
from kontor.values import parsing
from kontor.values.parsing import as_uuid
from kontor.values.wording import capital
from kontor.web import showing
from kontor.web.settings_pages import audit_words as words
from kontor.web.settings_pages.guard import administer, crumbs
from kontor.web.signing import signed_in

_PAGE = 50
# what the filter of security events shows beside refused accesses of any kind
_SECURITY = (events.RESOURCE, "identity.user", "identity.apikey", "access.role")


@dataclass(frozen=True, slots=True)
class Row:
    """One audit row as people read it."""

    event: AuditEvent
    what: str
    deed: str
    href: str
    title: str
    changes: list[tuple[str, str, str]]
    source: str


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """One page, keyset by id (made of the instant)."""
    administer(ctx)
    given = request.GET
    rows = _filtered(ctx, given)
    before = as_uuid(given.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: _PAGE + 1])
    more, found = len(found) > _PAGE, found[:_PAGE]
    params = {k: v for k, v in given.items() if k != "before" and v}
    context = {
        "rows": _rows(ctx, found),
        "given": given,
        "people": User.objects.order_by("username"),
        "specs": [
            (events.RESOURCE, _("Security events")),
            *((s.name, capital(s.label_plural)) for s in registry.specs()),
        ],
        "older": f"?{urlencode({**params, 'before': found[-1].pk})}" if more else "",
        "newest": f"?{urlencode(params)}" if before else "",
        "crumbs": crumbs(_("Audit")),
    }
    return render(request, "kontor/settings/audit.html", context)


def _filtered(ctx: Context, given: Any) -> Any:
    rows = AuditEvent.objects.all()
    user, resource, verb, pk = (given.get(k, "").strip() for k in ("user", "resource", "verb", "record"))
    if user_id := as_uuid(user):
        rows = rows.filter(user_id=user_id)
    if resource == events.RESOURCE:
        rows = rows.filter(Q(resource__in=_SECURITY) | Q(verb__in=events.FAILURES))
    elif resource:
        rows = rows.filter(resource=resource)
    if verb:
        rows = rows.filter(verb__icontains=verb)
    if pk:
        rows = rows.filter(record_id=as_uuid(pk) or UUID(int=0))
    for name, edge in (("from", "gte"), ("to", "lt")):
        try:
            day = parsing.date(given.get(name, ""))
        except ValueError:
            continue
        moment = dt.datetime.combine(day, dt.time(), ZoneInfo(ctx.zone)) + dt.timedelta(days=edge == "lt")
        rows = rows.filter(**{f"at__{edge}": moment})
    return rows


def _rows(ctx: Context, events: list[AuditEvent]) -> list[Row]:
    wanted: dict[str, set[Any]] = {}
    for e in events:
        if e.record_id and registry.find(e.resource):
            wanted.setdefault(e.resource, set()).add(e.record_id)
    titles: dict[Any, str] = {}
    for name, pks in wanted.items():
        titles |= titles_of(registry.spec(name), pks)
    out = []
    for e in events:
        known = registry.find(e.resource)
        href = showing.href(e.resource, e.record_id) if e.record_id in titles else ""
        what, deed, source = words.kind(e.resource), words.deed(known, e.verb), words.source(e.source)
        out.append(Row(e, what, deed, href, titles.get(e.record_id, ""), _changes(known, e), source))
    return out


def _changes(spec: Any, event: AuditEvent) -> list[tuple[str, str, str]]:
    """The values that a reader understands: no ids, no frozen snapshots; choices in words."""
    out: list[tuple[str, str, str]] = []
    for name, value in event.changes.items():
        if name == "_said" and isinstance(value, dict):
            out += [(words.name_of(None, name), "", words.value_of(None, "", v)) for v in value.values()]
            continue
        pair = value if isinstance(value, list) and len(value) == 2 else ["", value]
        if any(
            isinstance(v, dict) or as_uuid(v) or (isinstance(v, list) and any(isinstance(x, dict) for x in v))
            for v in pair
        ):
            continue
        old = words.value_of(spec, name, pair[0]) if isinstance(value, list) and len(value) == 2 else ""
        out.append((words.name_of(spec, name), old, words.value_of(spec, name, pair[1])))
    return out[:8]
