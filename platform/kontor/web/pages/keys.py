"""One's API keys: made for all of one's rights or a part, for a time; shown once; revoked."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kontor.context import Context
from kontor.errors import Invalid, NotFound, Refused
from kontor.history.recording import Deed, record
from kontor.identity.api import issue_key
from kontor.identity.changes import tell
from kontor.identity.confirming import confirmed_changes
from kontor.identity.models import ApiKey, User
from kontor.reports.api import reports_for
from kontor.resources import registry
from kontor.values.wording import capital
from kontor.web.signing import signed_in, who

LIVES = (30, 90, 365)  # days; the last is the suggestion


@signed_in
@confirmed_changes
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """One's API keys; a new one is shown this once."""
    fresh, error = "", None
    if request.method == "POST":
        try:
            fresh = _issue(ctx, request.POST)
        except Refused as refusal:
            error = refusal
    known = _kinds(ctx)
    rows = ApiKey.objects.filter(user_id=who(ctx)).order_by("-created_at")
    context = {
        "keys": [(row, [known.get(name, name) for name in row.resources]) for row in rows],
        "fresh": fresh,
        "error": error,
        "kinds": sorted(known.items(), key=lambda pair: pair[1]),
        "lives": [(n, ngettext("%(n)d day", "%(n)d days", n) % {"n": n}) for n in LIVES],
        "suggested": LIVES[-1],
        "now": timezone.now(),
        "crumbs": [{"label": _("My account"), "href": "/me/"}, {"label": _("My API keys")}],
    }
    return render(request, "kontor/me/keys.html", context, status=error.status if error else 200)


@signed_in
@require_POST
def revoke(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """The key works no more, at once."""
    row = ApiKey.objects.filter(pk=pk, user_id=who(ctx), revoked_at=None).first()
    if row is None:
        raise NotFound
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    record(ctx, [Deed("identity.apikey", row.pk, "revoked", {"name": [row.name, None]})], events=False)
    messages.success(request, _("The key “%(name)s” no longer works.") % {"name": row.name})
    return HttpResponseRedirect("/me/keys/")


def _issue(ctx: Context, given: QueryDict) -> str:
    name = given.get("name", "").strip()[:120] or _("Key of %(day)s") % {"day": ctx.today}
    days = given.get("days", str(LIVES[-1]))
    if days not in ("", *map(str, LIVES)):
        raise Invalid.at("/days", _("This is not one of the choices."))
    named = given.getlist("resource")
    if not set(named) <= set(_kinds(ctx)):
        raise Invalid.at("/resource", _("This is not one of the choices."))
    user, read_only = User.objects.get(pk=who(ctx)), bool(given.get("read_only"))
    fresh = issue_key(
        user,
        name=name,
        source=given.get("source", "").strip()[:60] or "api",
        read_only=read_only,
        resources=named,
        expires_at=timezone.now() + dt.timedelta(days=int(days)) if days else None,
    )
    told = {"name": [None, name], "read_only": [None, read_only], "kinds": [None, sorted(named)], "days": [None, days]}
    record(ctx, [Deed("identity.apikey", None, "issued", told)], events=False)
    tell(ctx, user, "key issued")
    return fresh


def _kinds(ctx: Context) -> dict[str, str]:
    """What a key can be limited to: the resources and reports that the user may see."""
    kinds = {s.name: capital(s.label_plural) for s in registry.specs() if ctx.rights.can(s.name, "view")}
    return kinds | {r.right: capital(r.label) for r in reports_for(ctx)}
