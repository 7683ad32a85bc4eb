"""Security of the company: how long sessions last, who must have a second factor; where the security events are."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid
from kontor.identity import sessions
from kontor.identity.models import User
from kontor.resources import registry
from kontor.web.settings_pages import ways
from kontor.web.settings_pages.guard import administer_changes, crumbs
from kontor.web.signing import signed_in


@signed_in
def edit(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show and save; shorter limits end open sessions at once."""
    administer_changes(request, ctx, only_admin=True)
    modules = [m for m in registry.modules() if m.name == "security"]
    error: Invalid | None = None
    if request.method == "POST":
        try:
            ways.save(ctx, modules, request.POST)
            sessions.shorten()
            messages.success(request, _("Saved."))
            return HttpResponseRedirect("/settings/security/")
        except Invalid as refusal:
            error = refusal
    context: dict[str, Any] = {
        "groups": ways.groups(ctx, modules, request.POST if error else {}),
        "error": error,
        "currency": ctx.currency,
        "title": _("Security"),
        "without_factor": _without_factor(),
        "crumbs": crumbs(_("Security")),
    }
    return render(request, "kontor/settings/security.html", context, status=error.status if error else 200)


def _without_factor() -> int:
    """Active users who would be asked to set one up."""
    secured = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).values("user_id")
    return User.objects.filter(is_active=True).exclude(pk__in=secured).count()
