"""Reports: the index and one page each."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import NotFound
from kontor.reports.api import reports_for
from kontor.web.signing import signed_in


@signed_in
def index(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The reports that the user may open."""
    return render(
        request, "kontor/report/index.html", {"reports": reports_for(ctx), "crumbs": [{"label": _("Reports")}]}
    )


@signed_in
def show(request: HttpRequest, ctx: Context, name: str) -> HttpResponse:
    """One report."""
    raise NotFound
