"""The root: what there is for this user, and who this user is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from kontor.api.calls import Call, answer
from kontor.configuration.api import company
from kontor.configuration.api import get as setting
from kontor.context import Context
from kontor.reports.api import reports_for
from kontor.resources import registry
from kontor.resources.spec import Spec

ROOT = "/api/v1"


def visible_specs(ctx: Context) -> list[Spec]:
    """The resources that the user may see, of modules that the company uses."""
    enabled = setting("modules.enabled", ctx)
    known = {m.name for m in registry.modules()}
    return [
        s
        for s in registry.specs()
        if ctx.rights.can(s.name, "view") and (enabled is None or s.module in enabled or s.module not in known)
    ]


def root(call: Call) -> HttpResponse:
    """``GET /api/v1/``."""
    resources = [
        {
            "name": s.name,
            "label": str(s.label_plural),
            "url": call.url(f"{ROOT}/{s.path}/"),
            "verbs": [v for v in s.verbs if call.ctx.rights.can(s.name, v)],
        }
        for s in visible_specs(call.ctx)
    ]
    return answer(
        {
            "resources": resources,
            "reports": reports_of(call),
            "search": call.url(f"{ROOT}/search/"),
            "files": call.url(f"{ROOT}/files/"),
            "events": call.url(f"{ROOT}/events/"),
            "jobs": call.url(f"{ROOT}/jobs/"),
            "me": call.url(f"{ROOT}/me/"),
            "schema": call.url(f"{ROOT}/schema/"),
            "docs": call.url(f"{ROOT}/docs/"),
        }
    )


def reports_of(call: Call) -> list[dict[str, Any]]:
    """Reports the user may run."""

    return [
        {"name": r.name, "label": str(r.label), "url": call.url(f"{ROOT}/reports/{r.name}/")}
        for r in reports_for(call.ctx)
    ]


def me(call: Call) -> HttpResponse:
    """``GET /api/v1/me/``: the acting user, roles, and the company's facts."""
    ctx, firm = call.ctx, company(call.ctx)
    return answer(
        {
            "user": {"id": ctx.user_id, "username": call.request.user.username, "name": ctx.user_name},
            "employee": ctx.employee_id,
            "branch": ctx.branch_id,
            "department_path": ctx.department_path,
            "roles": [r.code for r in ctx.rights.roles],
            "language": ctx.language,
            "source": ctx.source,
            "company": {
                "name": firm.name,
                "country": firm.country,
                "currency": firm.currency,
                "language": firm.language,
                "zone": firm.zone,
            },
        }
    )


def nothing(call: Call, **parts: Any) -> HttpResponse:
    """Every other address."""
    raise Http404
