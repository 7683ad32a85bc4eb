"""What the company demands of an account before anything else: a password of one's own, a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kontor.api.problems import body_of, problem
from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.errors import NotAllowed
from kontor.identity.module import ADMINISTRATORS, EVERYBODY
from kontor.web.errors import is_htmx, notice
from kontor.web.settings_pages.guard import may_administer

_OPEN = ("/accounts/", "/me/preference/", "/shell/session/", "/shell/token/")


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing to be done first, and where."""

    code: str
    text: str
    page: str


def open_demand(request: Any, ctx: Context) -> Demand | None:
    """What the signed-in person must do before going on."""
    if request.user.password_until is not None:
        text = _("Your password was made by somebody else. Choose one of your own first.")
        return Demand("password_change_needed", text, reverse("account_change_password"))
    if needs_factor(ctx) and not has_factor(request.user):
        text = _("Your company demands a second factor. Set it up first.")
        return Demand("second_factor_needed", text, reverse("mfa_activate_totp"))
    return None


def needs_factor(ctx: Context) -> bool:
    """Whether the company demands a second factor of the user."""
    who = configuration.get("security.second_factor", ctx)
    return who == EVERYBODY or (who == ADMINISTRATORS and may_administer(ctx))


def has_factor(user: Any) -> bool:
    """Codes of an app; recovery codes alone are none."""
    return get_adapter().is_mfa_enabled(user, [Authenticator.Type.TOTP])


def refusal(request: HttpRequest, ctx: Context) -> HttpResponse | None:
    """The answer of every page but those that meet the demand; None where nothing is demanded."""
    by_api = request.path.startswith("/api/")
    if request.path.startswith(_OPEN) or (by_api and request.headers.get("Authorization", "").strip()):
        return None  # a key acts there, not the session
    demand = open_demand(request, ctx)
    if demand is None:
        return None
    if by_api:
        return problem(body_of(NotAllowed(demand.text, code=demand.code), getattr(request, "request_id", "")))
    if is_htmx(request):
        return notice(request, NotAllowed(demand.text))
    return HttpResponseRedirect(demand.page)
