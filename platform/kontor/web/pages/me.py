"""One's own things: look and language, password and second factor, open sessions."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kontor.access.models import Role
from kontor.context import Context
from kontor.errors import NotFound
from kontor.history.recording import Deed, record
from kontor.identity import sessions
from kontor.identity.api import rename
from kontor.identity.confirming import need_confirmation
from kontor.identity.models import Session, User
from kontor.web import agents
from kontor.web.shell import DENSITIES, THEMES
from kontor.web.signing import signed_in, who

_YEAR = 60 * 60 * 24 * 365


@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Language, theme, row height: kept in the browser; the language also with the user."""
    response = HttpResponseRedirect(_next(request))
    for name, choices in (("theme", dict(THEMES)), ("density", dict(DENSITIES))):
        value = request.POST.get(name, "")
        if value in choices:
            response.set_cookie(f"kontor_{name}", value, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR, samesite="Lax", secure=request.is_secure()
        )
        ctx: Context | None = getattr(request, "ctx", None)
        if ctx is not None:
            User.objects.filter(pk=who(ctx)).update(language=language)
            translation.activate(language)
    return response


def _next(request: HttpRequest) -> str:
    asked = request.POST.get("next", "") or "/"
    if url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}):
        return asked
    return "/"


@signed_in
def profile(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Name, mail, roles, password, second factor."""
    user = User.objects.get(pk=who(ctx))
    if request.method == "POST":
        if request.POST.get("email", "").strip() != user.email:
            need_confirmation(request)
        rename(ctx, user, request.POST)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect("/me/")
    factors = set(Authenticator.objects.filter(user_id=who(ctx)).values_list("type", flat=True))
    context = {
        "person": user,
        "roles": [r.label for r in Role.objects.filter(code__in=[r.code for r in ctx.rights.roles])],
        "has_totp": Authenticator.Type.TOTP in factors,
        "devices": _devices(request, ctx),
        "has_codes": Authenticator.Type.RECOVERY_CODES in factors,
        "crumbs": [{"label": _("My account")}],
    }
    return render(request, "kontor/me/profile.html", context)


@signed_in
def token(request: HttpRequest, ctx: Context) -> HttpResponse:
    """A fresh token for the forms of a page that was open while somebody signed in again."""
    return JsonResponse({"token": get_token(request), "user": str(who(ctx))})


@signed_in
def session(request: HttpRequest, ctx: Context) -> HttpResponse:
    """How long the session still lasts without use (asking is none); POST: somebody is there."""
    if request.method == "POST":
        sessions.keep(request.session, ctx, at_once=True)
    return JsonResponse({"left": sessions.seconds_left(request.session)})


@signed_in
@require_POST
def end_session(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Sign out one other browser, or all others."""
    mine = Session.objects.filter(user_id=who(ctx)).exclude(session_key=request.session.session_key or "")
    wanted = request.POST.get("device", "")
    ended = [s for s in mine if wanted == "all" or _handle(s) == wanted]
    if not ended:
        raise NotFound
    Session.objects.filter(pk__in=[s.pk for s in ended]).delete()
    record(ctx, [Deed("identity.user", who(ctx), "signed out elsewhere", {"sessions": [len(ended), 0]})], events=False)
    messages.success(
        request, ngettext("%(n)d device signed out.", "%(n)d devices signed out.", len(ended)) % {"n": len(ended)}
    )
    return HttpResponseRedirect("/me/")


def _handle(session: Session) -> str:
    """A name of the session for forms that is of no use to whoever reads it."""
    return hashlib.sha256(session.session_key.encode()).hexdigest()[:24]


def _devices(request: HttpRequest, ctx: Context) -> list[dict[str, Any]]:
    rows = sessions.live(who(ctx)).order_by("-seen_at")
    return [
        {
            "handle": _handle(s),
            "name": agents.name(s.agent),
            "address": s.address,
            "seen": s.seen_at,
            "ends": s.expire_date,
            "here": s.session_key == request.session.session_key,
        }
        for s in rows
    ]
