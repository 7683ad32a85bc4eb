"""Who may administer, and the crumbs of these pages."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import NotAllowed
from kontor.identity.confirming import need_confirmation

ADMINISTRATORS = frozenset({"admin", "manager"})


def may_administer(ctx: Context) -> bool:
    """Whether the user may see and change users, roles and the company's settings."""
    return ctx.rights.everything or any(r.code in ADMINISTRATORS for r in ctx.rights.roles)


def administer(ctx: Context, *, only_admin: bool = False) -> None:
    """Raise NotAllowed for everybody else; ``only_admin`` leaves managers out (they must not make admins)."""
    if ctx.rights.everything or (may_administer(ctx) and not only_admin):
        return
    raise NotAllowed(_("Only an administrator may open this page."))


def administer_changes(request: HttpRequest, ctx: Context, *, only_admin: bool = False) -> None:
    """The same for pages whose POST changes users, roles or the rules of signing in: who may is asked who is there."""
    administer(ctx, only_admin=only_admin)
    if request.method == "POST":
        need_confirmation(request)


def crumbs(*labels: str) -> list[dict[str, str]]:
    """Settings › …; the last one is the page itself."""
    known = {_("Users"): "/settings/users/", _("Roles and rights"): "/settings/roles/"}
    *above, last = labels
    steps = [{"label": w, "href": known.get(w, "")} for w in above]
    return [{"label": _("Settings"), "href": "/settings/"}, *steps, {"label": last}]
