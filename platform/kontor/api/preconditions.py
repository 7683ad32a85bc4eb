"""ETag, If-Match and If-None-Match.

A record's ETag is ``"<version>.<hash>"``: the version guards a change, the hash of what is shown lets a
reader keep its copy only while nothing in it differs, also values that others' documents have moved.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kontor.api.calls import Call
from kontor.api.problems import Precondition
from kontor.errors import Stale
from kontor.resources.spec import Spec
from kontor.surfaces.plans import VERSION, has_column

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


def version_asked(call: Call, spec: Spec, pk: Any, *, needed: bool) -> int | None:
    """The version in If-Match; 428 if it is needed and missing, 412 if it is none of ours.

    A tag that a proxy weakened (``W/``) counts, ``*`` is any version, and of several tags the present one.
    """
    given = call.header("If-Match").strip()
    if not given:
        if needed:
            raise Precondition(_("Send the ETag you read as If-Match, so that nobody's change is lost."))
        return None
    if given == "*":
        return None
    found = [_TAG.match(part.strip()) for part in given.split(",")]
    versions = [int(match[1]) for match in found if match is not None]
    if not versions:
        refusal = Stale(_("If-Match names no version of this record. Read it again."))
        refusal.facts |= _present(spec, pk)
        raise refusal
    if len(versions) > 1:
        now = _present(spec, pk).get("version")
        return now if now in versions else versions[0]
    return versions[0]


def _present(spec: Spec, pk: Any) -> dict[str, int]:
    """The version now; nothing for a record that is not there."""
    if pk is None or not has_column(spec.model, VERSION):
        return {}
    now = spec.model._default_manager.filter(pk=pk, **spec.where).values_list(VERSION, flat=True).first()
    return {} if now is None else {VERSION: now}
