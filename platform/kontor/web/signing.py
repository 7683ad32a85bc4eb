"""Views for people who are signed in: they get the request and the context.

Who is not goes to the sign-in page and comes back to the page asked for. A script of a page that was open too long is
told so (``X-Kontor: signed-out``), and the page stays as it is: ``shell.js`` offers to sign in beside it and fetches
a new token, so nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import NotAllowed

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Decorator: ``view(request, ctx, …)``; others go to the sign-in page and come back afterwards.

    What a form's view wrote before it was refused is taken back.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        ctx = getattr(request, "ctx", None)
        if ctx is not None:
            if request.method != "POST":
                return view(request, ctx, *args, **kwargs)
            with transaction.atomic():
                return view(request, ctx, *args, **kwargs)
        if _by_script(request):
            response = HttpResponse(_("You are signed out."), status=401, content_type="text/plain; charset=utf-8")
            response["X-Kontor"] = "signed-out"
            response["HX-Reswap"] = "none"
            response["HX-Push-Url"] = "false"
            return response
        told = {"next": page_of(request)}
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            told["ended"] = "1"
        return redirect(f"{settings.LOGIN_URL}?{urlencode(told)}")

    return wrapped


def _by_script(request: HttpRequest) -> bool:
    """Whether a script asks, not somebody who goes to a page."""
    return request.headers.get("HX-Request") == "true" or request.headers.get("Sec-Fetch-Mode") in (
        "cors",
        "same-origin",
    )


def page_of(request: HttpRequest) -> str:
    """The page to come back to: the one asked for, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came = urlsplit(request.headers.get("Referer", ""))
    same = came.netloc == request.get_host()
    return (f"{came.path}?{came.query}" if came.query else came.path) if same and came.path else "/"


def who(ctx: Context) -> UUID:
    """The id of who is signed in; the company's own context has none and no business on a screen."""
    if ctx.user_id is None:
        raise NotAllowed(_("Nobody is signed in."))
    return ctx.user_id
