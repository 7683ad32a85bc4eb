"""Whether what is being entered is there already: ``/parties/customers/similar/?name=…&phone=…``.

A fragment for beside the form (empty where nothing looks alike), or JSON for who asks for it.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.lookalikes import alike, compared
from kontor.values.parsing import as_uuid
from kontor.web.signing import signed_in


@signed_in
def similar(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The look-alikes in scope of the values in the query; ``but`` is the record being edited."""
    if not compared(spec):
        raise Http404
    ctx.rights.need(spec.name, "view")
    but = as_uuid(request.GET.get("but", ""))
    found = alike(ctx, spec, {name: request.GET.get(name, "") for name in compared(spec)}, but)
    rows = [
        {
            "resource": like.resource,
            "what": str(registry.spec(like.resource).label),
            "id": str(like.id),
            "code": like.code,
            "name": like.name,
            "reasons": [str(reason) for reason in like.reasons],
            "url": f"/{registry.spec(like.resource).path}/{like.id}/",
        }
        for like in found
    ]
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"results": rows})
    return render(request, "kontor/record/similar.html", {"similar": rows})
