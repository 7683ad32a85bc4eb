"""Files: sent, listed on a record, described, handed out by the caller's right or by a signed link."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated

from kontor.api.calls import Call, answer
from kontor.api.rendering import TooLarge
from kontor.errors import Invalid
from kontor.history import api as history
from kontor.history.storage import LARGEST
from kontor.resources.spec import Spec
from kontor.values.parsing import as_uuid, counted

ROOT = "/api/v1"


def send(call: Call) -> HttpResponse:
    """``POST /files/`` as multipart with ``file``: the caller's own until it is put on a record."""
    upload = _to_keep(call)
    info = history.keep(call.ctx, upload.name or "", upload.chunks())
    return answer(file_body(call, info), 201, Location=call.url(f"{ROOT}/files/{info.id}/"))


def describe(call: Call, pk: UUID) -> HttpResponse:
    """``GET /files/{id}/``: name, size, hash and a link that holds for an hour."""
    return answer(file_body(call, history.file(call.ctx, pk)))


def remove(call: Call, pk: UUID) -> HttpResponse:
    """``DELETE /files/{id}/``."""
    history.drop(call.ctx, pk)
    return answer(None, 204)


def content(call: Call, pk: UUID) -> StreamingHttpResponse:
    """``GET /files/{id}/content/``: the bytes, for who may see the record or has a link that holds."""
    if signature := call.parameter("signature"):
        info, blocks = history.content_by_link(pk, call.parameter("expires"), signature)
    else:
        if call.ctx is None:
            raise NotAuthenticated
        info, blocks = history.content(call.ctx, pk)
    # Read now: the company's files are found by the schema of this request, which ends before streaming does.
    first = next(blocks, b"")
    response = StreamingHttpResponse(_chain(first, blocks), content_type=info.media_type)
    name = quote(info.name, safe="")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Content-Length"] = str(info.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def on_record(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``GET …/{id}/attachments/``."""
    found = [file_body(call, info) for info in history.files_of(call.ctx, spec.name, pk)]
    return answer({"results": found, "next": None})


def put_on_record(call: Call, spec: Spec, pk: UUID) -> HttpResponse:
    """``POST …/{id}/attachments/``: multipart with ``file``, or JSON ``{"file": id}`` of one sent before."""
    if call.request.FILES:
        upload = _to_keep(call)
        info = history.keep(call.ctx, upload.name or "", upload.chunks(), spec.name, pk)
    else:
        given = call.data.get("file") if isinstance(call.data, dict) else None
        file_id = as_uuid(given)
        if file_id is None:
            raise Invalid.at("/file", _("Send a file, or the id of one that was sent before."), "required")
        info = history.attach(call.ctx, file_id, spec.name, pk)
    return answer(file_body(call, info), 201, Location=call.url(f"{ROOT}/files/{info.id}/"))


def file_body(call: Call, info: history.FileInfo) -> dict[str, Any]:
    """A file as JSON, with its download link."""
    body = asdict(info)
    body.pop("user_name")
    body["by"] = info.user_name
    if info.resource == "identity.user":
        body["resource"] = body["record_id"] = None
    link = urlencode(history.link_parts(info.id))
    return {**body, "download": call.url(f"{ROOT}/files/{info.id}/content/?{link}")}


def uploaded(call: Call) -> Any:
    """The part ``file`` of a form; refused if it is missing or too large."""
    length = counted(call.request.META.get("CONTENT_LENGTH") or "0")
    if length is None or length > LARGEST + 2**20:
        raise TooLarge(_("The file is larger than %(n)d MB.") % {"n": LARGEST // 2**20})
    upload = call.request.FILES.get("file")
    if upload is None:
        raise Invalid.at("/file", _("Send the file as the part “file” of multipart/form-data."), "required")
    return upload


def _to_keep(call: Call) -> Any:
    """An upload whose bytes will stay, which no trial takes back."""
    if call.flag("dry_run"):
        raise Invalid.at("/dry_run", _("A file cannot be sent on trial: its bytes would stay."))
    return uploaded(call)


def _chain(first: bytes, blocks: Any) -> Any:
    yield first
    yield from blocks
