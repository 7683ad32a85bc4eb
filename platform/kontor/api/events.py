"""``GET /events/``: what happened, in order, for who keeps a copy or mends one."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.api.calls import Call, answer
from kontor.api.preconditions import tagged
from kontor.api.root import visible_specs
from kontor.api.shape import limit_of, names, records_shown
from kontor.errors import FieldError, Invalid
from kontor.history import api as history
from kontor.resources import registry
from kontor.values import parsing
from kontor.values.parsing import as_uuid
from kontor.values.wording import either, listed

ROOT = "/api/v1"
KNOWN = ("after", "before", "name", "resource", "record", "at__gte", "at__lt", "order", "limit", "expand")
ORDERS = ("at", "-at")
_MOST_NAMES = 50


def listing(call: Call) -> HttpResponse:
    """Oldest first, after the event named by ``after``; ``order=-at`` newest first, before the one named by ``before``.

    ``next`` is there while there is more; who wants to go on later keeps the id of the last event.
    """
    ask, expand = _asked(call), names(call, "expand") or []
    if unknown := [name for name in expand if name != "record"]:
        raise Invalid.at("/expand", _("“%(name)s” cannot be expanded.") % {"name": unknown[0][:80]})
    specs = visible_specs(call.ctx)
    if wanted := names(call, "resource"):
        by_name = {s.name: s for s in specs}
        if strange := [name for name in wanted if name not in by_name]:
            said = _("There is no resource “%(name)s” for you.") % {"name": strange[0][:80]}
            raise Invalid.at("/resource", said, "not_found")
        specs = [by_name[name] for name in wanted]
    found = history.events(call.ctx, specs, ask)
    more, found = len(found) > ask.limit, found[: ask.limit]
    bodies = [_body(call, event) for event in found]
    if expand:
        _expand(call, bodies)
    return tagged(call, answer({"results": bodies, "next": _next(call, ask, found[-1].id) if more else None}))


def _asked(call: Call) -> history.EventAsk:
    errors = [
        FieldError(f"/{name}", "unknown_parameter", _("Events take: %(names)s.") % {"names": listed(KNOWN)})
        for name in call.request.query_params
        if name not in KNOWN
    ]
    order = call.parameter("order") or ORDERS[0]
    if order not in ORDERS:
        said = _("One of these is expected: %(choices)s.") % {"choices": either(ORDERS)}
        errors.append(FieldError("/order", "invalid", said))
    ids = {name: _id(call, name, errors) for name in ("after", "before", "record")}
    times = {name: _instant(call, name, errors) for name in ("at__gte", "at__lt")}
    wanted = names(call, "name") or []
    if len(wanted) > _MOST_NAMES:
        said = _("At most %(n)d names can be given.") % {"n": _MOST_NAMES}
        errors.append(FieldError("/name", "invalid", said))
    if errors:
        raise Invalid(errors)
    return history.EventAsk(
        names=wanted,
        record=ids["record"],
        since=times["at__gte"],
        until=times["at__lt"],
        after=ids["after"],
        before=ids["before"],
        newest_first=order == "-at",
        limit=limit_of(call),
    )


def _id(call: Call, name: str, errors: list[FieldError]) -> UUID | None:
    text = call.parameter(name)
    found = as_uuid(text) if text else None
    if text and found is None:
        errors.append(FieldError(f"/{name}", "invalid", _("An id is expected here.")))
    return found


def _instant(call: Call, name: str, errors: list[FieldError]) -> dt.datetime | None:
    text = call.parameter(name)
    if not text:
        return None
    try:
        moment = parsing.instant(text)
        if not 1970 < moment.year < 9999:
            raise ValueError(_("The date is too far away."))
    except ValueError as error:
        errors.append(FieldError(f"/{name}", "invalid", str(error)))
        return None
    return moment


def _body(call: Call, event: history.EventInfo) -> dict[str, Any]:
    path = registry.spec(event.resource).path
    return {
        "id": event.id,
        "name": event.name,
        "at": event.at,
        "resource": event.resource,
        "record": event.record,
        "version": event.version,
        "url": call.url(f"{ROOT}/{path}/{event.record}/"),
        "data": event.data,
    }


def _expand(call: Call, bodies: list[dict[str, Any]]) -> None:
    """The records as they are now in the place of their ids; one that is gone or out of sight stays an id."""
    by_resource: dict[str, set[UUID]] = {}
    for body in bodies:
        by_resource.setdefault(body["resource"], set()).add(body["record"])
    for name, ids in by_resource.items():
        shown = records_shown(call.ctx, registry.spec(name), list(ids))
        for body in bodies:
            if body["resource"] == name:
                body["record"] = shown.get(body["record"], body["record"])


def _next(call: Call, ask: history.EventAsk, last: UUID) -> str:
    place = "before" if ask.newest_first else "after"
    pairs = [(k, v) for k, values in call.request.query_params.lists() for v in values if k != place]
    return call.url(f"{ROOT}/events/?{urlencode([*pairs, (place, str(last))])}")
