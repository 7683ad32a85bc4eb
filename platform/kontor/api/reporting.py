"""Reports: the list, and each as JSON, XLSX or CSV."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.api.calls import Call, answer
from kontor.api.preconditions import tagged
from kontor.api.shape import names
from kontor.errors import Invalid
from kontor.history.recording import Deed, record
from kontor.reports import api as reports
from kontor.reports.api import reports_for
from kontor.values.wording import either

ROOT = "/api/v1"

__all__ = ["listing", "reports_for", "run"]


def listing(call: Call) -> HttpResponse:
    """``GET /reports/``: those the caller may run, with what each asks for."""
    return answer({"results": [_body(call, r) for r in reports_for(call.ctx)], "next": None})


def run(call: Call, name: str) -> HttpResponse:
    """``GET /reports/{name}/``: columns, rows and totals, and what ``expand=`` asks for beside them.

    ``format=xlsx|csv`` gives a file, which is logged.
    """
    kind = call.parameter("format") or "json"
    if kind != "json" and kind not in reports.FORMATS:
        known = either(("json", *reports.FORMATS))
        raise Invalid.at("/format", _("One of these is expected: %(choices)s.") % {"choices": known})
    extras = names(call, "expand") or []
    if unknown := [name for name in extras if name not in reports.EXTRAS]:
        said = _("There is nothing to expand named “%(name)s”.") % {"name": unknown[0][:80]}
        raise Invalid.at("/expand", f"{said} {', '.join(reports.EXTRAS)}")
    given = {key: call.parameter(key) for key in call.request.query_params if key not in ("format", "expand")}
    result = reports.run(call.ctx, name, given, verb="view" if kind == "json" else "export")
    if kind == "json":
        return tagged(call, answer(result.as_json(extras)))
    deed = Deed(f"reports.{name}", None, "exported", {"parameters": [None, result.as_json()["parameters"]]})
    record(call.ctx, [deed], events=False)
    response = HttpResponse(reports.write(result, kind), content_type=reports.FORMATS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _body(call: Call, report: reports.Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "label": str(report.label),
        "description": str(report.description),
        "url": call.url(f"{ROOT}/reports/{report.name}/"),
        "parameters": [
            {
                "name": p.name,
                "label": str(p.label),
                "kind": p.kind,
                "required": p.required,
                **({"relation": p.relation} if p.relation else {}),
                **({"choices": [key for key, _label in p.choices]} if p.choices else {}),
            }
            for p in report.parameters
        ],
    }
