"""Files on records: kept, listed, taken off, and handed out by links that expire."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import mimetypes
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.tenancy import current_schema
from kontor.errors import NotFound, Refused
from kontor.history import storage
from kontor.history.models import Attachment
from kontor.history.recording import Deed, record
from kontor.history.visible import need_visible

LINK_SECONDS = 3600
PERSONAL = "identity.user"  # where a file stands until it is put on a record
_BAD = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file as surfaces see it."""

    id: UUID
    resource: str
    record_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    user_name: str
    at: dt.datetime


def keep(
    ctx: Context,
    name: str,
    blocks: Iterable[bytes],
    resource: str = "",
    record_id: UUID | None = None,
    *,
    largest: int = 0,
) -> FileInfo:
    """Store a file on a record in the user's scope, or for the user alone until it is put on one."""
    holder = record_id if resource else ctx.user_id
    if holder is None:
        raise Refused(_("A file needs a record to stand on."))
    if resource:
        need_visible(ctx, resource, holder, "edit")
    stored = storage.put(blocks, largest=largest)
    clean = file_name(name)
    row = Attachment.objects.create(
        resource=resource or PERSONAL,
        record_id=holder,
        name=clean,
        media_type=media_type_of(clean),
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
        user_id=ctx.user_id,
        user_name=ctx.user_name,
    )
    if resource:
        record(ctx, [Deed(resource, row.record_id, "file_added", {"file": [None, clean]})])
    return _info(row)


def attach(ctx: Context, file_id: UUID, resource: str, record_id: UUID) -> FileInfo:
    """Put a file that was sent before on a record."""
    need_visible(ctx, resource, record_id, "edit")
    row = _living().filter(pk=file_id, resource=PERSONAL).first()
    if row is None or row.record_id != ctx.user_id:
        raise NotFound(_("There is no such file of yours."))
    row.resource, row.record_id = resource, record_id
    row.save(update_fields=["resource", "record_id"])
    record(ctx, [Deed(resource, record_id, "file_added", {"file": [None, row.name]})])
    return _info(row)


def files_of(ctx: Context, resource: str, record_id: UUID) -> list[FileInfo]:
    """The files of a record, oldest first."""
    need_visible(ctx, resource, record_id)
    return [_info(row) for row in _living().filter(resource=resource, record_id=record_id).order_by("id")]


def file(ctx: Context, file_id: UUID) -> FileInfo:
    """One file whose record the user may see."""
    return _info(_visible(ctx, file_id))


def drop(ctx: Context, file_id: UUID) -> None:
    """Take a file off its record; its bytes stay for the audit."""
    row = _visible(ctx, file_id, "edit")
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    if row.resource != PERSONAL:
        record(ctx, [Deed(row.resource, row.record_id, "file_removed", {"file": [row.name, None]})])


def content(ctx: Context, file_id: UUID) -> tuple[FileInfo, Iterator[bytes]]:
    """A file with its bytes."""
    row = _visible(ctx, file_id)
    return _info(row), storage.get(row.storage_key)


def content_by_link(file_id: UUID, expires: str, signature: str) -> tuple[FileInfo, Iterator[bytes]]:
    """A file by a signed link; NotFound if the link is forged, expired or another company's."""
    good = expires.isascii() and expires.isdigit() and len(expires) < 12
    if not good or not hmac.compare_digest(_sign(file_id, expires), signature) or int(expires) < time.time():
        raise NotFound(_("This link is not valid any more. Ask for a new one."))
    row = _living().filter(pk=file_id).first()
    if row is None:
        raise NotFound
    return _info(row), storage.get(row.storage_key)


def link_parts(file_id: UUID) -> dict[str, str]:
    """What a download link carries: until when it holds, and the signature."""
    expires = str(int(time.time()) + LINK_SECONDS)
    return {"expires": expires, "signature": _sign(file_id, expires)}


def file_name(name: str) -> str:
    """A name without folders and characters that mislead; never empty."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode()).replace("\\", "/").rpartition("/")[2]
    text = _BAD.sub("", text).strip(" .")
    stem, dot, ending = text.rpartition(".")
    if len(text) > 200:
        text = f"{(stem or text)[:180]}{dot}{ending[:19]}" if stem else text[:200]
    return text or "file"


def media_type_of(name: str) -> str:
    """From the name alone; what browsers would run is handed out as bytes."""
    guess = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if guess in _RUNS or guess.startswith(("text/html", "application/xhtml", "image/svg")):
        return "application/octet-stream"
    return guess


_RUNS = frozenset({"text/javascript", "application/javascript", "text/xml", "application/xml", "text/css"})


def _visible(ctx: Context, file_id: UUID, verb: str = "view") -> Attachment:
    row: Attachment | None = _living().filter(pk=file_id).first()
    if row is None:
        raise NotFound
    if row.resource == PERSONAL:
        if row.record_id != ctx.user_id:
            raise NotFound
    else:
        need_visible(ctx, row.resource, row.record_id, verb)
    return row


def _living() -> QuerySet[Attachment]:
    return Attachment.objects.filter(deleted_at=None)


def _sign(file_id: UUID, expires: str) -> str:
    key = hashlib.sha256(f"file:{settings.SECRET_KEY}:{current_schema()}".encode()).digest()
    return hmac.new(key, f"{file_id}:{expires}".encode(), hashlib.sha256).hexdigest()


def _info(row: Attachment) -> FileInfo:
    return FileInfo(
        row.pk, row.resource, row.record_id, row.name, row.media_type, row.size, row.sha256, row.user_name, row.at
    )
