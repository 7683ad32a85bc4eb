"""The company's own data: name, language, zone, what stands on papers; and its modules."""

from __future__ import annotations

import base64
import zoneinfo
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, Refused
from kontor.history.recording import Deed, record
from kontor.organization.models import Branch
from kontor.resources import registry
from kontor.web.settings_pages.guard import administer, crumbs
from kontor.web.signing import signed_in

_LOGOS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"))
_MOST_LOGO = 200_000
_BRANCH_FIELDS = ("name", "legal_name", "tax_number", "address", "phone")


@signed_in
def edit(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show and save; the book currency and country stay as founded."""
    administer(ctx)
    root = Branch.objects.filter(parent=None).order_by("created_at").first()
    error: Refused | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                _save(ctx, request.POST, request.FILES, root)
            messages.success(request, _("Saved."))
            return HttpResponseRedirect("/settings/company/")
        except Refused as refusal:
            error = refusal
    enabled = configuration.get("modules.enabled", ctx)
    context = {
        "firm": configuration.company(ctx),
        "root": root,
        "logo": configuration.get("company.logo", ctx) or "",
        "error": error,
        "zones": sorted(z for z in zoneinfo.available_timezones() if "/" in z or z == "UTC"),
        "tongues": settings.LANGUAGES,
        "modules": [(m, enabled is None or m.name in enabled) for m in registry.modules() if not m.fixed],
        "crumbs": crumbs(_("Company")),
    }
    return render(request, "kontor/settings/company.html", context, status=error.status if error else 200)


def _logo(files: Any, given: Any) -> dict[str, Any]:
    """The logo as a ``data:`` address, as papers want it; nothing where it stays."""
    if given.get("logo_remove"):
        return {"company.logo": ""}
    file = files.get("logo")
    if file is None:
        return {}
    data = file.read(_MOST_LOGO + 1)
    kind = next((k for head, k in _LOGOS if data.startswith(head)), "")
    if not kind or len(data) > _MOST_LOGO:
        raise Invalid.at("/logo", _("The logo must be a PNG or JPEG picture of at most 200 kB."), "invalid")
    return {"company.logo": f"data:image/{kind};base64,{base64.b64encode(data).decode()}"}


def _save(ctx: Context, given: Any, request_files: Any, root: Branch | None) -> None:
    values: dict[str, Any] = {}
    name, zone, language = given.get("company_name", "").strip(), given.get("zone", ""), given.get("language", "")
    if not name:
        raise Invalid.at("/name", _("The company needs a name."), "required")
    if zone not in zoneinfo.available_timezones():
        raise Invalid.at("/zone", _("There is no such time zone."))
    if language not in dict(settings.LANGUAGES):
        raise Invalid.at("/language", _("There is no such language."))
    values = {"company.name": name[:200], "company.zone": zone, "company.language": language}
    chosen = set(given.getlist("module"))
    known = {m.name: m for m in registry.modules() if not m.fixed}
    for module in known.values():
        lacking = [d for d in module.depends if module.name in chosen and d in known and d not in chosen]
        if lacking:
            raise Invalid.at(
                "/module",
                _("%(module)s needs %(other)s; switch both on, or neither.")
                % {"module": module.label, "other": known[lacking[0]].label},
            )
    values |= _logo(request_files, given)
    values["modules.enabled"] = None if chosen >= set(known) else sorted(chosen & set(known))
    before = {k: configuration.get(k, ctx) for k in values}
    configuration.put(values)
    changes = {k: [before[k], v] for k, v in values.items() if before[k] != v}
    if "company.logo" in changes:
        changes["company.logo"] = [bool(before["company.logo"]), bool(values["company.logo"])]
    if changes:
        record(ctx, [Deed("configuration.setting", None, "updated", changes)], events=False)
    if root is not None:
        data = {n: given.get(n, "").strip() for n in _BRANCH_FIELDS if n in given}
        gate.update(ctx, "organization.branch", root.pk, data)
