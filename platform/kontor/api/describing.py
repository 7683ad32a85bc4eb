"""``GET /schema/`` and ``GET /docs/``: the description for programs and for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from kontor.api.calls import Call, answer
from kontor.api.openapi import document
from kontor.api.preconditions import tagged
from kontor.api.problems import MEDIA_TYPE, TITLES
from kontor.api.rendering import dumps
from kontor.api.root import visible_specs
from kontor.surfaces.filters import operators_of

_METHODS = ("get", "post", "put", "patch", "delete")
# The page has its style beside it and runs nothing.
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def schema(call: Call) -> HttpResponse:
    """OpenAPI 3.1 of what the caller may use."""
    return tagged(call, answer(_document(call)))


def docs(call: Call) -> HttpResponse:
    """The same as a page."""
    described = _document(call)
    resources = []
    for spec in visible_specs(call.ctx):
        operations = [
            _operation(method, path, item[method])
            for path, item in described["paths"].items()
            for method in _METHODS
            if method in item and spec.name in item[method].get("tags", ())
        ]
        fields = [
            {"field": f, "operators": ", ".join(operators_of(f)), "relation": f.relation}
            for f in spec.fields.values()
            if not f.guard or call.ctx.rights.sees(f.guard)
        ]
        resources.append({"spec": spec, "operations": operations, "fields": fields})
    platform = [
        _operation(method, path, item[method])
        for path, item in described["paths"].items()
        for method in _METHODS
        if method in item and {"platform", "reports"} & set(item[method].get("tags", ()))
    ]
    html = render_to_string(
        "kontor_api/docs.html",
        {
            "resources": resources,
            "platform": platform,
            "problems": sorted(TITLES.items()),
            "problem_type": MEDIA_TYPE,
            "address": call.url("/api/v1/"),
        },
    )
    return HttpResponse(html, headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"})


def style(call: Call) -> HttpResponse:
    """The page's own style sheet."""
    css = render_to_string("kontor_api/docs.css")
    return HttpResponse(css, content_type="text/css; charset=utf-8", headers={"Cache-Control": "public, max-age=3600"})


def _document(call: Call) -> dict[str, Any]:
    return document(call.ctx, visible_specs(call.ctx), call.url("/api/v1"))


def _operation(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "statuses": ", ".join(operation["responses"]),
        "body": dumps(body).decode() if body else "",
    }
