"""The index of the settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import NotAllowed
from kontor.web.settings_pages.guard import may_administer
from kontor.web.shell import settings_entries
from kontor.web.signing import signed_in


@dataclass(frozen=True, slots=True)
class Tile:
    """One page of the settings."""

    label: str
    text: str
    href: str
    icon: str


def tiles(ctx: Context) -> list[Tile]:
    """The fixed pages, for who may administer."""
    if not may_administer(ctx):
        return []
    said = _("How long sessions last, who needs a second factor")
    return [
        Tile(_("Company"), _("Name, language, time zone, tax number, modules"), "/settings/company/", "building"),
        Tile(
            _("Ways of working"),
            _("What may be invoiced, how tax is rounded, limits"),
            "/settings/ways/",
            "adjustments",
        ),
        Tile(_("Users"), _("Invite, roles, reset a password, deactivate"), "/settings/users/", "users"),
        Tile(_("Roles and rights"), _("What each role may do, see and which rows"), "/settings/roles/", "shield-lock"),
        *([Tile(_("Security"), said, "/settings/security/", "shield")] if ctx.rights.everything else []),
        Tile(
            _("Why can somebody see this?"), _("Which rule shows or hides a record"), "/settings/why/", "eye-question"
        ),
        Tile(_("Numbers"), _("How documents are numbered"), "/settings/numbers/", "hash"),
        Tile(_("Audit"), _("Who did what, when, from where"), "/settings/audit/", "history"),
    ]


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Fixed pages and the resources that stand in the settings' menu."""
    fixed, entries = tiles(ctx), settings_entries(ctx)
    if not fixed and not entries:
        raise NotAllowed(_("There are no settings that you may change."))
    context = {"tiles": fixed, "entries": entries, "crumbs": [{"label": _("Settings")}]}
    return render(request, "kontor/settings/index.html", context)
