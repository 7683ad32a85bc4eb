"""ETag, If-Match and If-None-Match.

A record's ETag is ``"<version>.<hash>"``: the version guards a change, the hash of what is shown lets a
reader keep its copy only while nothing in it differs, also values that others' documents have moved.
"""

from __future__ import annotations

import hashlib
import re

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.api.calls import Call
from kontor.api.problems import Precondition
from kontor.errors import Stale

_TAG = re.compile(r'^(?:W/)?"?(\d{1,9})(?:\.[0-9a-f]+)?"?$')


def tagged(call: Call, response: HttpResponse, version: int | None = None) -> HttpResponse:
    """The answer with its ETag; 304 without a body if the reader has just that."""
    digest = hashlib.blake2b(response.content, digest_size=6).hexdigest()
    tag = f'"{version}.{digest}"' if version is not None else f'"{digest}"'
    known = call.header("If-None-Match")
    if known and call.request.method in ("GET", "HEAD"):
        tags = {part.strip().removeprefix("W/") for part in known.split(",")}
        if tag in tags or "*" in tags:
            return HttpResponse(status=304, headers={"ETag": tag})
    response["ETag"] = tag
    return response


def version_asked(call: Call, *, needed: bool) -> int | None:
    """The version in If-Match; 428 if it is needed and missing, 412 if it is none of ours."""
    given = call.header("If-Match").strip()
    if not given:
        if needed:
            raise Precondition(_("Send the ETag you read as If-Match, so that nobody's change is lost."))
        return None
    if given == "*":
        return None
    match = _TAG.match(given)
    if match is None:
        raise Stale(_("If-Match names no version of this record. Read it again."))
    return int(match[1])
