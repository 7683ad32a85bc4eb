"""The workbench: greeting, key figures, cards by role."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kontor.access.models import Role
from kontor.context import Context
from kontor.errors import Invalid, NotAllowed
from kontor.web import workbench as bench
from kontor.web.arranging import WORKBENCH, arranged, keep
from kontor.web.shell import creatable
from kontor.web.signing import signed_in


@signed_in
def workbench(request: HttpRequest, ctx: Context) -> HttpResponse:
    """What is to do, to decide and to know today; with ``arrange`` the cards can be moved and put away."""
    if request.method == "POST":
        return _arrange(request, ctx)
    now = timezone.localtime()
    editing = "arrange" in request.GET
    cards = bench.cards_for(ctx, hidden=editing)
    shown = [c for c in bench.COLUMNS if editing or cards[c]]
    context = {
        "greeting": greeting(now.hour, ctx.user_name),
        "day": _("%(date)s · week %(week)d")
        % {"date": date_format(now.date(), _("l j F")), "week": now.isocalendar().week},
        "figures": bench.figures_for(ctx),
        "wide": cards["wide"],
        "columns": [(c, cards[c]) for c in shown],
        "editing": editing,
        "roles": Role.objects.order_by("-builtin", "code") if editing and ctx.rights.everything else [],
        "is_arranged": bool(arranged(ctx, WORKBENCH)),
        "make": creatable(ctx)[:4],
        "crumbs": [{"label": _("Workbench")}],
    }
    return render(request, "kontor/home/workbench.html", context)


def _arrange(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Keep the arrangement for oneself, or as what a role begins with; ``reset`` goes back to that."""
    role = request.POST.get("role", "")
    if role and not ctx.rights.everything:
        raise NotAllowed(_("Only an administrator may arrange the workbench of a role."))
    if request.POST.get("reset"):
        keep(ctx, WORKBENCH, {}, role=role)
        return HttpResponseRedirect("/?arrange=1")
    try:
        value = bench.arrangement(json.loads(request.POST.get("value", "")))
    except ValueError:
        raise Invalid.at("/value", _("The arrangement could not be read.")) from None
    keep(ctx, WORKBENCH, value, role=role)
    if role:
        messages.success(request, _("People of this role who arranged nothing begin with this."))
        return HttpResponseRedirect("/?arrange=1")
    return HttpResponse(status=204)


def greeting(hour: int, name: str) -> str:
    """Good morning, afternoon or evening; Chinese names by the given name."""
    short = name[1:] if 2 <= len(name) <= 3 and "\u4e00" <= name[0] <= "\u9fff" else name.split()[0] if name else ""
    if hour < 11:
        text = _("Good morning, %(name)s")
    elif hour < 18:
        text = _("Good afternoon, %(name)s")
    else:
        text = _("Good evening, %(name)s")
    return text % {"name": short}
