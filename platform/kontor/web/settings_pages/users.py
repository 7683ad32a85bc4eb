"""People who sign in: invite, roles, reset, deactivate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.access.models import Role, RoleGrant
from kontor.context import Context
from kontor.errors import Invalid, NotAllowed, NotFound, Refused
from kontor.history.recording import Deed, record
from kontor.identity import attempts, sessions
from kontor.identity.api import grant, hire, invite, rename, reset_password
from kontor.identity.changes import changed
from kontor.identity.models import User
from kontor.organization.models import Department, Employee
from kontor.values.parsing import as_uuid
from kontor.web.settings_pages.guard import administer, administer_changes, crumbs
from kontor.web.signing import signed_in


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """All users with their roles; two queries."""
    administer(ctx)
    roles: dict[Any, list[str]] = {}
    for given in RoleGrant.objects.select_related("role").order_by("role__code"):
        roles.setdefault(given.user_id, []).append(given.role.label)
    people = User.objects.select_related("employee").order_by("-is_active", "username")
    secured = set(Authenticator.objects.values_list("user_id", flat=True))
    rows = [(p, roles.get(p.pk, []), p.pk in secured) for p in people]
    return render(request, "kontor/settings/users.html", {"rows": rows, "crumbs": crumbs(_("Users"))})


@signed_in
def new(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Invite somebody: the first password is shown this once."""
    administer_changes(request, ctx)
    error: Refused | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                user, word = _invite(ctx, request.POST)
            return _shown_once(request, user, word)
        except Refused as refusal:
            error = refusal
    context = {
        "given": request.POST,
        "chosen": request.POST.getlist("role"),
        "roles": _grantable(ctx),
        "departments": Department.objects.order_by("path").values_list("code", "name"),
        "tongues": settings.LANGUAGES,
        "error": error,
        "crumbs": crumbs(_("Users"), _("Invite")),
    }
    return render(request, "kontor/settings/user_new.html", context, status=error.status if error else 200)


@signed_in
def edit(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """One user: name, mail, roles; reset, second factor, deactivate."""
    administer_changes(request, ctx)
    user = User.objects.select_related("employee").filter(pk=pk).first()
    if user is None:
        raise NotFound
    held = list(RoleGrant.objects.filter(user=user).values_list("role__code", flat=True))
    error: Refused | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                word = _change(ctx, user, held, request.POST)
            if word:
                return _shown_once(request, user, word)
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(f"/settings/users/{user.pk}/")
        except Refused as refusal:
            error = refusal
    context = {
        "person": user,
        "held": held,
        "roles": _grantable(ctx),
        "has_factor": Authenticator.objects.filter(user_id=user.pk).exists(),
        "locked_until": max(filter(None, map(attempts.locked_until, attempts.names_of(user))), default=None),
        "sessions": sessions.live(user.pk).count(),
        "is_me": user.pk == ctx.user_id,
        "error": error,
        "crumbs": crumbs(_("Users"), user.get_full_name()),
    }
    return render(request, "kontor/settings/user.html", context, status=error.status if error else 200)


def _invite(ctx: Context, given: Any) -> tuple[User, str]:
    username = given.get("username", "").strip()
    if not username or len(username) > 150 or any(c.isspace() for c in username):
        raise Invalid.at("/username", _("A user name without spaces is needed."), "required")
    if User.objects.filter(username__iexact=username).exists():
        raise Invalid.at("/username", _("There is already a user of that name."), "already_exists")
    roles = _checked_roles(ctx, given.getlist("role"))
    name, email = given.get("name", "").strip()[:120] or username, given.get("email", "").strip()[:254]
    chosen = as_uuid(given.get("employee", ""))
    person = Employee.objects.filter(pk=chosen).first() if chosen else None
    if person is not None and User.objects.filter(employee=person).exists():
        raise Invalid.at("/employee", _("This employee has a user already."), "already_exists")
    if person is None:
        person = hire(
            number=f"E-{username}"[:40],
            name=name,
            email=email,
            title=given.get("title", "").strip()[:120],
            department=given.get("department", ""),
        )
    language = given.get("language", "")
    user, word = invite(
        username=username,
        name=name,
        roles=roles,
        email=email,
        language=language if language in dict(settings.LANGUAGES) else "",
        employee=person,
        temporary=True,
    )
    record(
        ctx,
        [Deed("identity.user", user.pk, "invited", {"username": [None, username], "roles": [None, roles]})],
        events=False,
    )
    return user, word


def _change(ctx: Context, user: User, held: list[str], given: Any) -> str:
    do = given.get("do", "save")
    if "admin" in held and not ctx.rights.everything:
        raise NotAllowed(_("Only an administrator may change an administrator."))
    if do == "reset":
        if user.pk == ctx.user_id:
            raise Refused(_("Change your own password under “My account”."))
        word = reset_password(user)
        changed(ctx, user, "password reset")
        return word
    if do == "factor":
        Authenticator.objects.filter(user_id=user.pk).delete()
        attempts.cleared(attempts.factor_of(user))
        changed(ctx, user, "second factor removed")
    elif do in ("deactivate", "activate"):
        if user.pk == ctx.user_id:
            raise Refused(_("You cannot deactivate yourself; another administrator can."))
        user.is_active = do == "activate"
        user.save(update_fields=["is_active"])
        if not user.is_active:
            sessions.live(user.pk).delete()
        changed(ctx, user, f"{do}d", {"is_active": [not user.is_active, user.is_active]})
    else:
        _save(ctx, user, held, given)
    return ""


def _save(ctx: Context, user: User, held: list[str], given: Any) -> None:
    wanted = _checked_roles(ctx, given.getlist("role"))
    if user.pk == ctx.user_id and "admin" in held and "admin" not in wanted:
        raise Refused(_("You cannot take the administrator's role from yourself; another administrator can."))
    rename(ctx, user, given)
    RoleGrant.objects.filter(user=user).exclude(role__code__in=wanted).delete()
    grant(user, wanted)
    if set(wanted) != set(held):
        changed(ctx, user, "roles changed", {"roles": [sorted(held), sorted(wanted)]})


def _checked_roles(ctx: Context, wanted: list[str]) -> list[str]:
    if not wanted:
        raise Invalid.at("/role", _("At least one role is needed."), "required")
    allowed = {r.code for r in _grantable(ctx)}
    if not set(wanted) <= allowed:
        raise NotAllowed(_("Only an administrator may give the administrator's role."))
    return wanted


def _grantable(ctx: Context) -> list[Role]:
    rows = Role.objects.order_by("-builtin", "code")
    return [r for r in rows if r.code != "admin" or ctx.rights.everything]


def _shown_once(request: HttpRequest, user: User, word: str) -> HttpResponse:
    context = {"person": user, "word": word, "crumbs": crumbs(_("Users"), user.get_full_name())}
    return render(request, "kontor/settings/user_password.html", context)
