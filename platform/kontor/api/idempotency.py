"""``Idempotency-Key``: the first answer is kept with the work, in its transaction, and replayed for a day.

The key's row is inserted before the work and committed with it, so a crash leaves neither. A second call
waits on that row for a moment: if the first commits it gets the same answer, if it rolls back the second
does the work, and if it takes long the second is told to come back (409 ``in_progress``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from kontor.api.calls import Call
from kontor.api.problems import exception_handler
from kontor.documents.models import IdempotencyKey
from kontor.errors import Invalid, Refused
from kontor.values.columns import new_id

LONGEST = 255
WAIT_MS = 3_000
_KEPT = ("Content-Type", "Location", "ETag")


def once(call: Call, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Do the work, or give the answer that the same key got before."""
    key = call.header("Idempotency-Key")
    user = call.ctx.user_id
    if not key or user is None or call.flag("dry_run"):
        return work()
    if len(key) > LONGEST or not key.isprintable():
        raise Invalid.at("/Idempotency-Key", _("A key has at most %(n)d printable characters.") % {"n": LONGEST})
    row = _claim(call, key, user)
    if row is not None:
        return _replayed(call, row)
    with transaction.atomic():
        response = _answered(call, work)
    mine = IdempotencyKey.objects.filter(user_id=user, key=key)
    if response.status_code >= 500 or _is_busy(response):
        mine.delete()  # nothing was done: the next call may try
    else:
        headers = {name: response[name] for name in _KEPT if name in response}
        body = orjson.dumps({"headers": headers, "body": response.content.decode()}).decode()
        mine.update(status=response.status_code, body=body)
    return response


def fingerprint(call: Call) -> str:
    """What must be the same for a key to be the same call."""
    request = call.request._request
    data = {**call.data.dict(), **_digests(request)} if isinstance(call.data, QueryDict) else call.data
    body = orjson.dumps(data, default=str, option=orjson.OPT_SORT_KEYS)
    parts = (request.method or "", request.get_full_path(), hashlib.sha256(body).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _digests(request: HttpRequest) -> dict[str, str]:
    """The files of a form by their content."""
    out = {}
    upload: Any
    for name, upload in request.FILES.items():
        digest = hashlib.sha256()
        for block in upload.chunks():
            digest.update(block)
        upload.seek(0)
        out[name] = f"{upload.name}:{digest.hexdigest()}"
    return out


def _claim(call: Call, key: str, user: UUID) -> IdempotencyKey | None:
    """None if the key is ours now, else the row of the call that had it first."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
            cursor.execute(
                "INSERT INTO documents_idempotencykey (id, user_id, key, fingerprint, body, created_at) "
                "VALUES (%s, %s, %s, %s, '', now()) ON CONFLICT (user_id, key) DO NOTHING",
                [new_id(), user, key, fingerprint(call)],
            )
            mine = cursor.rowcount == 1
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":
            raise
        raise _in_progress() from None
    if mine:
        return None
    row = IdempotencyKey.objects.filter(user_id=user, key=key).first()
    if row is None or row.status is None:
        raise _in_progress()
    return row


def _replayed(call: Call, row: IdempotencyKey) -> HttpResponse:
    if row.fingerprint != fingerprint(call):
        code, said = "idempotency_key_reused", _("This key was used for another request. Take a new key for each.")
        refusal = Invalid.at("/Idempotency-Key", said, code)
        refusal.code = code
        raise refusal
    kept = orjson.loads(row.body)
    response = HttpResponse(kept["body"].encode(), status=row.status)
    for name, value in kept["headers"].items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response


def _answered(call: Call, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The work's answer; a refusal is an answer too, kept and replayed like any other."""
    try:
        with transaction.atomic():
            return work()
    except Refused as refusal:
        response: HttpResponse = exception_handler(refusal, {"request": call.request})
        response["Content-Type"] = "application/problem+json"
        return response


def _is_busy(response: HttpResponse) -> bool:
    return response.status_code == 409 and orjson.loads(response.content).get("code") in ("busy", "in_progress")


def _in_progress() -> Refused:
    return Refused(_("The first call with this key is still running. Ask again in a moment."), code="in_progress")
