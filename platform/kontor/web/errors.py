"""Pages for what goes wrong: what happened, what still holds, the way on, and a reference."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kontor.database.faults import has_no_room, is_away
from kontor.errors import NotFound, Refused
from kontor.identity import events

_ICONS = {400: "file-alert", 403: "lock", 404: "map-off", 409: "hand-stop", 412: "refresh-alert", 422: "alert-circle"}


def is_htmx(request: HttpRequest) -> bool:
    """Whether a script of the page asks for a part of it."""
    return request.headers.get("HX-Request") == "true"


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """A refusal as a page, or as a notice in the page that asked for a part."""
    if is_htmx(request):
        return notice(request, error)
    heading = _("Not found") if isinstance(error, NotFound) else _("This was not done")
    return _page(request, error.status, heading, str(error.detail), errors=error.errors)


def notice(request: HttpRequest, error: Refused, status: int = 0) -> HttpResponse:
    """The refusal as one notice that htmx puts into the page's notices, leaving the rest as it is."""
    html = render_to_string("kontor/parts/notice.html", {"look": "bad", "text": error.detail, "errors": error.errors})
    response = HttpResponse(html, status=status or error.status)
    response["HX-Retarget"] = "#notices"
    response["HX-Reswap"] = "innerHTML"
    response["HX-Push-Url"] = "false"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its token: usually an old tab or blocked cookies."""
    events.failure(request, "form refused", ctx=getattr(request, "ctx", None))
    text = _("This page was open for too long, or the browser sends no cookies. Open it again and repeat.")
    if is_htmx(request):
        return notice(request, Refused(text))
    return _page(request, 403, _("Please try again"), text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(request, 400, _("The request was not understood"), _("Go back and try again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    text = _("You lack the right for this page; an administrator can grant it.")
    return _page(request, 403, _("You may not open this page"), text)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; the same whether a record is missing or out of scope."""
    text = _("There is nothing at this address, or you may not see it.")
    return _page(request, 404, _("Not found"), text)


def wrong_way(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Django's bare 405 as a page: an address that a form sends to was opened, say, or the other way round."""
    if response.status_code != 405 or response.content:
        return response
    text = _("This address takes no call of this kind. Go back and use the button or the link of the page.")
    if is_htmx(request):
        told = notice(request, Refused(text), 405)
    else:
        told = _page(request, 405, _("This was not done"), text)
    if "Allow" in response:
        told["Allow"] = response["Allow"]
    return told


def server_error(request: HttpRequest) -> HttpResponse:
    """500, 503 where the database does not answer, 507 where a disk is full; a problem where a program asked."""
    error = sys.exc_info()[1]
    if request.path.startswith("/api/") and isinstance(error, Exception):
        from kontor.api.problems import exception_handler  # the API stands below its own pages

        with translation.override(tongue(request)):
            return exception_handler(error, {"request": request})
    if has_no_room(error):
        full = gettext_lazy("The disk of the server is full. Nothing of this was saved; tell your administrator.")
        return alone(request, 507, gettext_lazy("No room is left"), full)
    if is_away(error):
        again = gettext_lazy("It is being started or maintained. Nothing of this was saved; try again in a minute.")
        return alone(request, 503, gettext_lazy("Kontor is not available for a moment"), again)
    again = gettext_lazy(
        "Nothing of this was saved. Try again; if it happens twice, tell your administrator the reference below."
    )
    return alone(request, 500, gettext_lazy("Something went wrong on our side"), again)


def alone(request: HttpRequest, status: int, heading: Any, text: Any, *, home: bool = True) -> HttpResponse:
    """A page that needs neither a company nor the database; a script gets the sentence as a notice."""
    with translation.override(tongue(request)):
        context = {
            "heading": heading,
            "text": text,
            "home": home,
            "request_id": getattr(request, "request_id", ""),
            "html_lang": {"zh-hant": "zh-Hant", "zh-hans": "zh-Hans"}.get(translation.get_language() or "en", "en"),
        }
        if is_htmx(request):
            return notice(request, Refused(f"{heading}. {text}"), status)
        response = HttpResponse(render_to_string("kontor/errors/alone.html", context), status=status)
    if status == 503:
        response["Retry-After"] = "60"
    return response


def tongue(request: HttpRequest, *, company_first: bool = True) -> str:
    """The language of a page before anybody is known: what was chosen here, the company's, the browser's.

    At the door (``company_first`` off) the browser's wish goes before the company's.
    """
    known = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    company = getattr(getattr(request, "tenant", None), "language", "")
    if not company_first and request.headers.get("Accept-Language"):
        company = ""
    return next((c for c in (chosen, company) if c in known), "") or translation.get_language_from_request(request)


def _page(request: HttpRequest, status: int, heading: str, text: str, **more: Any) -> HttpResponse:
    context = {
        "status": status,
        "icon": _ICONS.get(status, "alert-circle"),
        "heading": heading,
        "text": text,
        "request_id": getattr(request, "request_id", ""),
        "crumbs": [{"label": heading}],
        **more,
    }
    signed_in = getattr(request, "ctx", None) is not None
    template = "kontor/errors/page.html" if signed_in else "kontor/errors/plain.html"
    return HttpResponse(render_to_string(template, context, request=request), status=status)
