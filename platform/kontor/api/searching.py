"""``GET /search/?q=``: across all resources that the caller may see."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse

from kontor.api.calls import Call, answer
from kontor.api.shape import limit_of, names
from kontor.resources import registry
from kontor.surfaces.search import find

ROOT = "/api/v1"


def search(call: Call) -> HttpResponse:
    """What a word, number, phone or initials find, best first."""
    hits = find(call.ctx, call.parameter("q"), limit=limit_of(call, 20, 50), resources=names(call, "resource"))
    results = [{**asdict(hit), "url": call.url(f"{ROOT}/{registry.spec(hit.resource).path}/{hit.id}/")} for hit in hits]
    return answer({"results": results, "next": None})
