"""The timeline beside the page: days, who said and did what, files, following."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.history import api as history
from kontor.history.models import Follower
from kontor.values.wording import capital, clauses
from kontor.web import showing
from kontor.web.record.once import new_token
from kontor.web.record.reading import Seen

PAGE = 30
_MENTION = re.compile(r"((?<![\w@])@[\w.+-]{2,150})")
_NUMBER = re.compile(r"-?\d{4,}(\.\d+)?")
_FILE = "paperclip"
_ICONS = {"created": "plus", "updated": "pencil", "deleted": "trash", "file_added": _FILE, "file_removed": _FILE}
_KINDS = {"mail": "mail", "call": "phone", "system": "robot"}
_BREAK = mark_safe("<br>")
COMMENTS, CHANGES, MAILS, FILES = "comment", "change", "mail", "file"


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as the page shows it; ``day`` only where a new day begins."""

    kind: str
    who: str
    what: str
    time: str
    instant: str
    icon: str = ""
    day: str = ""
    said: Any = ""
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class Story:
    """The timeline of a record as far as it is shown."""

    entries: list[Told] = field(default_factory=list)
    older: str = ""  # the instant from which the next page goes on
    followed: bool = False
    followers: int = 0
    files: list[history.FileInfo] = field(default_factory=list)
    may_attach: bool = False
    token: str = field(default_factory=new_token)


def story_of(seen: Seen, *, before: dt.datetime | None = None) -> Story:
    """The newest entries, or those before a moment; the files only with the first page."""
    rows = history.timeline(seen.ctx, seen.spec.name, seen.id, most=PAGE, before=before)
    out = Story(entries=told(seen, rows))
    if len(rows) == PAGE:
        out.older = rows[-1].at.isoformat()
    if before is None:
        out.followed = history.follows(seen.ctx, seen.id)
        out.followers = Follower.objects.filter(record_id=seen.id).count()
        out.files = history.files_of(seen.ctx, seen.spec.name, seen.id)
        out.may_attach = seen.ctx.rights.can(seen.spec.name, "edit")
    return out


def told(seen: Seen, rows: list[history.Entry]) -> list[Told]:
    """Entries in words, days where they change."""
    out, day = [], None
    for row in rows:
        local = timezone.localtime(row.at)
        label = "" if local.date() == day else day_label(local.date(), seen.ctx.today)
        day = local.date()
        out.append(_entry(seen, row, local, label))
    return out


def _entry(seen: Seen, row: history.Entry, local: dt.datetime, day: str) -> Told:
    who = row.user_name or "Kontor"
    changes = tuple((capital(c.label), _grouped(c.old), _grouped(c.new)) for c in _readable(row.changes))
    if row.verb in ("file_added", "file_removed"):
        kind = FILES
    elif row.kind == "comment":
        kind = COMMENTS
    else:
        kind = MAILS if row.kind in ("mail", "call") else CHANGES
    return Told(
        kind=kind,
        who=who,
        what=_what(seen, row),
        time=local.strftime("%H:%M"),
        instant=row.at.isoformat(),
        icon="" if kind == COMMENTS else _icon(seen, row),
        day=day,
        said=said_html(row.text) if row.text else "",
        changes=changes,
    )


def _readable(changes: tuple[history.Change, ...]) -> list[history.Change]:
    """Without structures, which people read where they stand on the page."""
    return [c for c in changes if not any(v[:1] in ("{", "[") for v in (c.old, c.new))]


def _what(seen: Seen, row: history.Entry) -> str:
    """The deed after the name: ``changed 3 fields``, ``Confirm``."""
    if row.kind in ("comment", "mail", "call"):
        return ""
    if row.verb == "created":
        return _("created it")
    if row.verb == "updated":
        n = len(_readable(row.changes))
        return ngettext("changed %(n)d field", "changed %(n)d fields", n) % {"n": n} if n else _("changed it")
    if row.verb == "file_added":
        return _("added a file")
    if row.verb == "file_removed":
        return _("removed a file")
    act = next((a for a in seen.spec.actions.values() if row.verb in (a.event, a.name)), None)
    return str(act.label) if act else row.sentence.removeprefix(row.user_name or "Kontor").lstrip(" :：")


def _icon(seen: Seen, row: history.Entry) -> str:
    if row.kind in _KINDS:
        return _KINDS[row.kind]
    act = next((a for a in seen.spec.actions.values() if row.verb in (a.event, a.name)), None)
    return _ICONS.get(row.verb) or (act.icon if act and act.icon else "bolt")


def _grouped(text: str) -> str:
    return showing.group(text) if _NUMBER.fullmatch(text) and not text.startswith("0") else text


def _as_text(change: history.Change) -> str:
    return f"{capital(change.label)} {_grouped(change.old) or '–'} → {_grouped(change.new) or '–'}"


def said_html(text: str) -> SafeString:
    """What somebody wrote, names in the accent, line breaks kept."""
    parts = _MENTION.split(text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<span class="k-at">{}</span>', part) if i % 2 else _lines(part),)
            for i, part in enumerate(parts)
        ),
    )


def _lines(text: str) -> SafeString:
    return format_html_join(_BREAK, "{}", ((line,) for line in text.split("\n")))


def day_label(day: dt.date, today: dt.date) -> str:
    """``Today``, ``Yesterday``, else the date."""
    if day == today:
        return _("Today")
    if day == today - dt.timedelta(days=1):
        return _("Yesterday")
    return showing.date(day, today)


def changes_since(seen: Seen, version: int) -> list[str]:
    """Who changed what since a version was read, as sentences, newest first."""
    behind = max(0, int(seen.row.get("version") or 0) - version)
    rows = history.timeline(seen.ctx, seen.spec.name, seen.id, most=50)
    deeds = [r for r in rows if r.kind == "change" and r.verb not in ("file_added", "file_removed")][:behind]
    return [
        _("%(who)s, %(when)s: %(what)s")
        % {
            "who": r.user_name or "Kontor",
            "when": showing.instant(r.at, seen.ctx.today),
            "what": clauses(map(_as_text, _readable(r.changes))) or _what(seen, r),
        }
        for r in deeds
    ]
