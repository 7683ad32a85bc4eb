"""Answers given before Django is asked: a problem for programs, a page for people, in their language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils import translation
from django.utils.translation import gettext as _

Environ = dict[str, Any]
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Refusal:
    """Status, the code for programs, and the sentence for people; ``retry_after`` in seconds where it will pass."""

    status: int
    code: str
    retry_after: int = 0
    facts: tuple[tuple[str, Any], ...] = ()

    def sentence(self) -> str:
        """What happened and what to do, in the language that is active."""
        said = {
            "length_required": _("Send the length of the body in Content-Length; a body in chunks is not read here."),
            "too_large": _("The body is larger than %(n)d MB."),
            "too_slow": _("The body did not arrive in time. Send it again."),
            "busy": _("Too many requests wait already. Nothing of this was done; try again in a moment."),
            "no_room": _("The disk of the server is full. Nothing of this was saved; tell your administrator."),
        }[self.code]
        return said % dict(self.facts) if self.facts else said


def answer(environ: Environ, refusal: Refusal) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body; a page where the caller is a browser, else a problem."""
    with translation.override(_language(environ)):
        page = "text/html" in environ.get("HTTP_ACCEPT", "") and not environ["PATH_INFO"].startswith("/api/")
        kind, said = _page(environ, refusal) if page else _problem(refusal)
    headers = [("Content-Type", kind), ("Content-Length", str(len(said))), ("X-Content-Type-Options", "nosniff")]
    if refusal.retry_after:
        headers.append(("Retry-After", str(refusal.retry_after)))
    return refusal.status, headers, said


def _problem(refusal: Refusal) -> tuple[str, bytes]:
    from kontor.api.problems import MEDIA_TYPE, TITLES  # loaded with Django, after the door

    body = {
        "type": f"/api/v1/docs/#{refusal.code}",
        "title": str(TITLES.get(refusal.status, TITLES[400])),
        "status": refusal.status,
        "detail": refusal.sentence(),
        "code": refusal.code,
        "errors": [],
        "request_id": "",
    }
    return MEDIA_TYPE, json.dumps(body, ensure_ascii=False).encode()


def _page(environ: Environ, refusal: Refusal) -> tuple[str, bytes]:
    from kontor.api.problems import TITLES  # loaded with Django, after the door
    from kontor.web.errors import alone  # loaded with Django, after the door

    request = WSGIRequest({**environ, "wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"})
    heading = str(TITLES.get(refusal.status, TITLES[400]))
    response = alone(request, refusal.status, heading, refusal.sentence(), home=False)
    return response["Content-Type"], response.content


def _language(environ: Environ) -> str:
    wanted = str(environ.get("HTTP_ACCEPT_LANGUAGE", "en")).split(",")[0].split(";")[0].strip()
    try:
        return translation.get_supported_language_variant(wanted)
    except LookupError:
        return "en"
