"""Views for people who are signed in: they get the request and the context."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import NotAllowed

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Decorator: ``view(request, ctx, …)``; others go to the sign-in page and come back afterwards."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        ctx = getattr(request, "ctx", None)
        if ctx is not None:
            return view(request, ctx, *args, **kwargs)
        if request.headers.get("HX-Request") == "true":
            response = HttpResponse(status=401)
            response["HX-Redirect"] = settings.LOGIN_URL
            return response
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")

    return wrapped


def who(ctx: Context) -> UUID:
    """The id of who is signed in; the company's own context has none and no business on a screen."""
    if ctx.user_id is None:
        raise NotAllowed(_("Nobody is signed in."))
    return ctx.user_id
