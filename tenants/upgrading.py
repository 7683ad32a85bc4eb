"""The answer while a company's tables are older than the code: come back in a moment (503)."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from tenants.models import Tenant

_WAIT_SECONDS = 15
_PAGE = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Kontor</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta http-equiv="refresh" content="{wait}"></head>'
    "<body><main><h1>{heading}</h1><p>{text}</p></main></body></html>"
)


def being_upgraded(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """For people a page that tries again by itself, for programs a problem; nothing of the company is touched."""
    with translation.override(tenant.language):
        heading = _("This company is being brought to a new version")
        text = _("It takes a few minutes at most and nothing is lost. Try again in a moment.")
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": heading, "status": 503, "detail": text, "code": "being_upgraded"}
        response = HttpResponse(json.dumps(problem, ensure_ascii=False), content_type="application/problem+json")
    else:
        page = _PAGE.format(
            language=escape(tenant.language), wait=_WAIT_SECONDS, heading=escape(heading), text=escape(text)
        )
        response = HttpResponse(page)
    response.status_code = 503
    response["Retry-After"] = str(_WAIT_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
