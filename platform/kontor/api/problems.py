"""Errors as RFC 9457 problems: type, title, status, detail, code, errors by pointer, request id."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.core.exceptions import PermissionDenied as DjangoDenied
from django.db import DatabaseError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions as drf

from kontor.api.rendering import dumps
from kontor.database.constraints import explain
from kontor.database.faults import has_no_room, is_away
from kontor.errors import Refused, Stale

log = logging.getLogger(__name__)

TITLES: dict[int, Any] = {
    400: gettext_lazy("The request was not understood"),
    401: gettext_lazy("Sign in first"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("This cannot be done here"),
    406: gettext_lazy("No such format"),
    409: gettext_lazy("The present state forbids this"),
    412: gettext_lazy("Changed in the meantime"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Wrong kind of content"),
    422: gettext_lazy("Some values are not right"),
    424: gettext_lazy("Not done"),
    428: gettext_lazy("Say which version you change"),
    429: gettext_lazy("Too fast"),
    500: gettext_lazy("Something went wrong on our side"),
    503: gettext_lazy("Kontor is not available for a moment"),
    507: gettext_lazy("No room is left"),
}
MEDIA_TYPE = "application/problem+json"
_CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_fast",
    500: "fault",
}
_FIRM = frozenset({"type", "title", "status", "detail", "code", "errors", "request_id"})


class Precondition(Refused):
    """A change without If-Match (428)."""

    status = 428
    code = "if_match_required"


class TooFast(Refused):
    """More calls than allowed (429)."""

    status = 429
    code = "too_fast"


def body_of(error: Refused, request_id: str) -> dict[str, Any]:
    """The problem of a refusal; its facts stand beside as members of their own."""
    facts = {k: v for k, v in error.facts.items() if k not in _FIRM}
    errors = [{"pointer": e.pointer, "code": e.code, "detail": str(e.detail), **e.facts} for e in error.errors]
    return _body(error.status, error.code, str(error.detail), errors, request_id) | facts


def _body(status: int, code: str, detail: str, errors: list[dict[str, Any]], request_id: str) -> dict[str, Any]:
    return {
        "type": f"/api/v1/docs/#{code}",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors,
        "request_id": request_id,
    }


def problem(body: dict[str, Any], headers: dict[str, str] | None = None) -> HttpResponse:
    """The answer that carries a problem."""
    response = HttpResponse(dumps(body), status=body["status"], content_type=MEDIA_TYPE, headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # refusals are no news; faults are logged here
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's hook: every exception becomes a problem; faults are logged and tell nothing of themselves."""
    request = context.get("request")
    request_id = request_id_of(request)
    if isinstance(error, DatabaseError):
        refusal = explain(error)
        if refusal is None and type(error).__name__ == "DataError":
            said = _("A value is outside of what can be stored or compared.")
            refusal = Refused(said, code="out_of_range", status=422)
        error = refusal or error
    if isinstance(error, Refused):
        headers = (
            {"ETag": f'"{error.facts["version"]}"'} if isinstance(error, Stale) and "version" in error.facts else {}
        )
        if "retry_after" in error.facts:
            headers["Retry-After"] = str(error.facts["retry_after"])
        return problem(body_of(error, request_id), headers)
    status, code, detail, headers = _foreign(error, context)
    if status >= 500:
        log.error("request %s failed", request_id, exc_info=error)
    return problem(_body(status, code, detail, [], request_id), headers)


def _foreign(error: Exception, context: dict[str, Any]) -> tuple[int, str, str, dict[str, str]]:
    """Errors of Django and of DRF."""
    headers: dict[str, str] = {}
    if isinstance(error, drf.APIException):
        status = error.status_code
        if header := getattr(error, "auth_header", ""):
            headers["WWW-Authenticate"] = header
        if isinstance(error, drf.MethodNotAllowed):
            view: Any = context.get("view")
            headers["Allow"] = ", ".join(view.allowed_methods) if view else ""
        detail = error.detail if isinstance(error.detail, str) else _("The request was not understood.")
        return status, _CODES.get(status, str(error.default_code)), str(detail), headers
    if isinstance(error, Http404):
        return 404, "not_found", _("There is nothing at this address."), headers
    if isinstance(error, DjangoDenied):
        return 403, "not_allowed", str(error) or _("This is not allowed."), headers
    if isinstance(error, UnreadablePostError):
        return 400, "incomplete", _("The body broke off before its announced end. Send it again."), headers
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        return 413, "too_large", _("The body is too large."), headers
    if isinstance(error, SuspiciousOperation | DisallowedHost):
        return 400, "bad_request", _("The request was not understood."), headers
    if has_no_room(error):
        full = _("The disk of the server is full. Nothing of this was saved; tell your administrator.")
        return 507, "no_room", full, headers
    if is_away(error):  # as on pages
        sentence = _("It is being started or maintained. Nothing of this was saved; try again in a minute.")
        return 503, "unavailable", sentence, {"Retry-After": "60"}
    sentence = _("This is a fault of Kontor, nothing was written. Tell us the request id if it comes again.")
    return 500, "fault", sentence, headers


def request_id_of(request: Any) -> str:
    """The id that the middleware gave the request."""
    return str(getattr(getattr(request, "_request", request), "request_id", "") or "")
