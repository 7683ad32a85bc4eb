"""What every web request gets: an id, the acting user's context, a strict content policy."""

from __future__ import annotations

import re
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kontor.context import acting
from kontor.errors import Refused
from kontor.identity import sessions
from kontor.identity.addresses import address_of
from kontor.identity.api import context_for
from kontor.surfaces.refusals import note_refusal
from kontor.web.demands import refusal
from kontor.web.errors import refused, tongue, wrong_way

Answer = Callable[[HttpRequest], HttpResponse]
_NO_USE = "/shell/"  # what scripts ask by themselves is no use of the session
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,40}")
# Style comes from our files alone; images also as data: (icons inside the style sheets) and blob: (previews).
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "report-uri /policy-violation/",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self), serial=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class RequestIdMiddleware:
    """Gives the request an id (a proxy's is kept), told back in ``X-Request-ID`` and on error pages."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:20]
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class ContextMiddleware:
    """``request.ctx`` for who is signed in (None otherwise), in the user's language and the company's zone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        bound: Any = request
        bound.ctx = None
        if not request.user.is_authenticated:
            zone = getattr(getattr(request, "tenant", None), "zone", "UTC")
            translation.activate(tongue(request, company_first=False))
            bound.LANGUAGE_CODE = translation.get_language()
            with timezone.override(zoneinfo.ZoneInfo(zone)):
                return self._answered(request)
        ctx = context_for(bound.user, address=address_of(request), request_id=bound.request_id)
        bound.ctx = ctx
        translation.activate(ctx.language)
        bound.LANGUAGE_CODE = translation.get_language()
        if not request.path.startswith(_NO_USE):
            sessions.keep(bound.session, ctx)
        with acting(ctx), timezone.override(zoneinfo.ZoneInfo(ctx.zone)):
            return refusal(request, ctx) or self._answered(request)

    def _answered(self, request: HttpRequest) -> HttpResponse:
        response = wrong_way(request, self.get_response(request))
        if response.status_code < 500:  # else all of it is taken back, the audit too
            note_refusal(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal of a service that a view let through becomes a page or a notice."""
        if isinstance(exception, UnreadablePostError):
            said = _("The body broke off before its announced end. Send it again.")
            return refused(request, Refused(said, code="incomplete", status=400))
        return refused(request, exception) if isinstance(exception, Refused) else None


class SecurityPolicyMiddleware:
    """Sets the headers that keep a page to its own files; a view may have set its own stricter ones."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response["Cache-Control"] = "private, no-store"
        return response
