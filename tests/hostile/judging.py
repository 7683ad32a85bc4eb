"""What is wrong with an answer, and whether anything was written that should not have been."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass

from django.apps import apps
from django.db import connection

from kontor.identity.events import FAILURES
from tests.hostile.shot import SAFE, Shot
from tests.hostile.values import MARK

# What a call may write though it was refused, or only reads, with the reason.
KEPT_ANYWAY = {
    "identity_session": "when the browser was seen, and what it is told next",
    "identity_apikey": "when the key was used",
    "identity_loginattempt": "a wrong password counts",
    "documents_idempotencykey": "the refusal is replayed to whoever repeats the call",
}
READ_MARKS = {"/notifications/": "history_notification", "/export/": "history_auditevent"}  # opened, taken out
SECURITY = "history_auditevent"  # a refused access (401, 403, 404) is an event for whoever watches
_INNARDS = re.compile(
    rb"Traceback \(most recent|psycopg|django\.(db|core|utils)|File &quot;/|File \"/|site-packages|DataError|"
    rb"IntegrityError|KeyError|TypeError|ValueError:|relation \\?\"|(?:SELECT|UPDATE|INSERT INTO) \\?\"|"
    rb"\bt_(?:alpha|beta|gamma|hostile)\b"
)
_TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", re.DOTALL)
_SENTENCE = re.compile(r"\w{2,}|[\u3400-\u9fff]")


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float = 0.0
    fault: str = ""  # the exception's own words, where it is known


def complaints(shot: Shot, answer: Answer) -> list[str]:
    """What the answer lacks or tells that it must not."""
    out = []
    if answer.status >= 500:
        out.append(f"{answer.status} {answer.fault}")
    if found := _INNARDS.search(answer.body) if answer.status >= 400 or "html" in _kind(answer) else None:
        out.append(f"tells of its innards: {found.group()!r}")
    if "html" in _kind(answer) and MARK.encode() in answer.body:
        out.append("a page repeats a script as it was sent")
    if any(name.lower() == "x-evil" for name in answer.headers):
        out.append("a header was put in")
    if answer.status >= 400 and shot.method != "HEAD":
        out += _told(shot, answer)
    elif "json" in _kind(answer) and answer.body:
        out += _is_json(answer)
    return out


def _told(shot: Shot, answer: Answer) -> list[str]:
    """A refusal is a sentence, as a problem or as a page."""
    if "json" in _kind(answer):
        wrong = _is_json(answer)
        if wrong:
            return wrong
        body = json.loads(answer.body)
        if not isinstance(body, dict) or not shot.door.is_api:
            return [] if _SENTENCE.search(answer.body.decode()) else ["says nothing"]
        lacking = [n for n in ("type", "title", "detail", "code") if not _is_said(body.get(n))]
        if body.get("status") != answer.status:
            lacking.append("status")
        for error in body.get("errors", []):
            lacking += [f"errors.{n}" for n in ("pointer", "code", "detail") if not _is_said(error.get(n))]
        return [f"a problem without {', '.join(lacking)}: {answer.body[:300]!r}"] if lacking else []
    text = answer.body.decode("utf-8", "replace")
    if "html" in _kind(answer):
        text = html.unescape(_TAGS.sub(" ", text))
    return [] if _SENTENCE.search(text) else [f"{answer.status} without a sentence ({_kind(answer)})"]


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_json(answer: Answer) -> list[str]:
    try:
        json.loads(answer.body.decode("utf-8"), parse_constant=_constant)
    except ValueError as error:
        return [f"no JSON: {error}"]
    return []


def _constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _kind(answer: Answer) -> str:
    return next((v for k, v in answer.headers.items() if k.lower() == "content-type"), "")


def may_write(shot: Shot, answer: Answer) -> bool:
    """Whether the call was a write that was taken."""
    return shot.method not in SAFE and answer.status < 400 and not (shot.dry and shot.door.is_api)


class Ledger:
    """How many rows each table has and which write was its last; two looks tell what came between."""

    def __init__(self) -> None:
        tables = sorted({m._meta.db_table for m in apps.get_models() if not m.__module__.startswith("tenants")})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ANY(%s)", [tables]
            )
            self.tables = sorted(row[0] for row in cursor.fetchall())
        noted = ", ".join(f"'{verb}'" for verb in FAILURES)  # that it was refused is written down: no other audit
        but = {"history_auditevent": f" WHERE verb NOT IN ({noted})"}
        parts = (f"SELECT '{t}', count(*), max(xmin::text::bigint) FROM \"{t}\"{but.get(t, '')}" for t in self.tables)
        self.query = " UNION ALL ".join(parts)

    def look(self) -> dict[str, tuple[int, int]]:
        """Rows and the newest write by table."""
        with connection.cursor() as cursor:
            cursor.execute(self.query)
            return {name: (count, last or 0) for name, count, last in cursor.fetchall()}

    @staticmethod
    def changed(
        before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]], shot: Shot, status: int
    ) -> list[str]:
        """The tables that were written though the call was refused or only asked."""
        allowed = set(KEPT_ANYWAY)
        if status in (401, 403, 404):
            allowed.add(SECURITY)
        if shot.method in SAFE:
            allowed |= {table for part, table in READ_MARKS.items() if part in shot.path}
        return [
            f"{t}: {before[t][0]} → {after[t][0]} rows" for t in after if after[t] != before[t] and t not in allowed
        ]
