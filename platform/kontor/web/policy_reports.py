"""What browsers report that the content policy forbade: one line each in the log, so that an attempt is seen."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kontor.identity.addresses import address_of
from kontor.identity.events import log

_MOST = 8_192  # bytes of a report


@csrf_exempt
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Browsers send no token here. Kept are the rule and the foreign host, nothing of the page's own contents."""
    answer = HttpResponse(status=204)
    try:
        told: Any = json.loads(request.read(_MOST))["csp-report"]  # cut off where it is longer, so no JSON
        rule, blocked, page = (str(told.get(k, "")) for k in ("effective-directive", "blocked-uri", "document-uri"))
        source = urlsplit(blocked).netloc or blocked.partition(":")[0]
        page = urlsplit(page).path
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return answer
    log.warning(
        "policy violated address=%s rule=%s blocked=%s page=%s",
        address_of(request),
        quote(rule[:60]),
        quote(source[:100]),
        quote(page[:200]),
    )
    return answer
