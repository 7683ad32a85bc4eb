"""The workbench: greeting, key figures, cards by role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.web import workbench as bench
from kontor.web.shell import creatable
from kontor.web.signing import signed_in


@signed_in
def workbench(request: HttpRequest, ctx: Context) -> HttpResponse:
    """What is to do, to decide and to know today."""
    now = timezone.localtime()
    cards = bench.cards_for(ctx)
    context = {
        "greeting": greeting(now.hour, ctx.user_name),
        "day": _("%(date)s · week %(week)d")
        % {"date": date_format(now.date(), _("l j F")), "week": now.isocalendar().week},
        "figures": bench.figures_for(ctx),
        "columns": [cards[c] for c in bench.COLUMNS if cards[c]],
        "make": creatable(ctx)[:4],
        "crumbs": [{"label": _("Workbench")}],
    }
    return render(request, "kontor/home/workbench.html", context)


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
