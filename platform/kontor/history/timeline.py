"""What happened to a record in one order: changes, actions, comments, files."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.errors import Invalid
from kontor.history.models import AuditEvent, Follower, Notification, TimelineEntry
from kontor.history.recording import Deed, record
from kontor.history.visible import names_of, need_visible
from kontor.identity.api import context_for
from kontor.identity.models import User
from kontor.resources import registry
from kontor.resources.spec import Field, Spec
from kontor.resources.titles import titles_of
from kontor.values.parsing import text as clean_text
from kontor.values.wording import labelled, row_of

_MENTION = re.compile(r"(?<![\w@])@([\w.+-]{2,150})")
_LONGEST = 10_000
_QUIET = frozenset({"version", "updated_at", "department_path", "sort_key"})


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, as people read it."""

    field: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: kind is comment, mail, call, system or change."""

    id: UUID
    at: dt.datetime
    kind: str
    verb: str
    user_id: UUID | None
    user_name: str
    sentence: str
    text: str = ""
    source: str = ""
    changes: tuple[Change, ...] = field(default=())


def timeline(
    ctx: Context, resource: str, record_id: UUID, *, most: int = 50, before: dt.datetime | None = None
) -> list[Entry]:
    """The newest entries of a record in the user's scope; guarded fields are left out."""
    spec = need_visible(ctx, resource, record_id)
    span: dict[str, Any] = {"record_id": record_id, "resource__in": names_of(spec)}
    if before is not None:
        span["at__lt"] = before
    said = [_comment(row) for row in TimelineEntry.objects.filter(**span).order_by("-at", "-id")[:most]]
    rows = list(AuditEvent.objects.filter(**span).order_by("-at", "-id")[:most])
    names = _names_in(ctx, spec, rows)
    happened = [_event(ctx, spec, row, names) for row in rows if row.verb != "commented"]
    return sorted(said + happened, key=lambda e: (e.at, e.id), reverse=True)[:most]


def comment(ctx: Context, resource: str, record_id: UUID, text: str) -> Entry:
    """Say something about a record; ``@name`` tells that user, followers hear of it too."""
    spec = need_visible(ctx, resource, record_id)
    try:
        said = clean_text(text)
    except ValueError as error:
        raise Invalid.at("/text", str(error)) from None
    if not said or len(said) > _LONGEST:
        raise Invalid.at("/text", _("A text of 1 to %(n)d characters is expected.") % {"n": _LONGEST})
    names = {name.lower().rstrip(".") for name in _MENTION.findall(said)}
    named = _users(names)
    row = TimelineEntry.objects.create(
        resource=resource,
        record_id=record_id,
        text=said,
        mentions=[str(user.pk) for user in named],
        user_id=ctx.user_id,
        user_name=ctx.user_name,
    )
    _tell(ctx, spec, record_id, said, {user.pk for user in named})
    record(ctx, [Deed(resource, record_id, "commented", {}, payload={"text": said})])
    return _comment(row)


def follow(ctx: Context, resource: str, record_id: UUID, *, on: bool = True) -> bool:
    """Follow a record or stop; whether the user follows it now."""
    need_visible(ctx, resource, record_id)
    if ctx.user_id is None:
        return False
    if not on:
        Follower.objects.filter(record_id=record_id, user_id=ctx.user_id).delete()
    else:
        Follower.objects.bulk_create(
            [Follower(resource=resource, record_id=record_id, user_id=ctx.user_id)], ignore_conflicts=True
        )
    return on


def follows(ctx: Context, record_id: UUID) -> bool:
    """Whether the user follows the record."""
    return ctx.user_id is not None and Follower.objects.filter(record_id=record_id, user_id=ctx.user_id).exists()


def _users(names: set[str]) -> list[User]:
    if not names:
        return []
    return list(User.objects.annotate(low=Lower("username")).filter(low__in=names, is_active=True))


def _tell(ctx: Context, spec: Spec, record_id: UUID, said: str, named: set[Any]) -> None:
    """Tell those named and those who follow, but only who may see the record."""
    followers = set(Follower.objects.filter(record_id=record_id).values_list("user_id", flat=True))
    users = User.objects.filter(pk__in=(named | followers) - {ctx.user_id}, is_active=True)
    rows = []
    for user in users:
        theirs = context_for(user)
        if not theirs.rights.can(spec.name, "view"):
            continue
        if not spec.model._default_manager.filter(predicate(theirs, spec), pk=record_id).exists():
            continue
        mark = _("%(who)s mentioned you") if user.pk in named else _("%(who)s commented")
        text = labelled(mark % {"who": ctx.user_name}, said)[:300]
        rows.append(
            Notification(
                user=user, text=text, resource=spec.name, record_id=record_id, link=f"/{spec.path}/{record_id}/"
            )
        )
    Notification.objects.bulk_create(rows)


def _comment(row: TimelineEntry) -> Entry:
    sentence = _("%(who)s wrote") % {"who": row.user_name or "Kontor"}
    return Entry(row.pk, row.at, row.kind, "commented", row.user_id, row.user_name, sentence, row.text)


def _event(ctx: Context, spec: Spec, row: AuditEvent, names: Mapping[str, str]) -> Entry:
    changes = () if row.verb in ("created", "deleted") else tuple(_changes(ctx, spec, row.changes, names))
    who = row.user_name or "Kontor"
    return Entry(
        row.pk, row.at, "change", row.verb, row.user_id, who, _sentence(spec, row, who), "", row.source, changes
    )


def _sentence(spec: Spec, row: AuditEvent, who: str) -> str:
    told = {
        "created": _("%(who)s created it"),
        "updated": _("%(who)s changed it"),
        "deleted": _("%(who)s deleted it"),
        "file_added": _("%(who)s added a file"),
        "file_removed": _("%(who)s removed a file"),
    }
    if row.verb in told:
        return told[row.verb] % {"who": who}
    act = next((a for a in spec.actions.values() if row.verb in (a.event, a.name)), None)
    return _("%(who)s: %(what)s") % {"who": who, "what": act.label if act else row.verb}


def _changes(ctx: Context, spec: Spec, raw: Mapping[str, Any], names: Mapping[str, str]) -> list[Change]:
    out: list[Change] = []
    for name, pair in raw.items():
        if name == "file" and isinstance(pair, list):
            out.append(Change("file", _("File"), str(pair[0] or ""), str(pair[1] or "")))
            continue
        if name in spec.lines and isinstance(pair, dict):
            out.append(_line_change(spec, name, pair))
            continue
        f = _field(spec, name)
        if f is None or name in _QUIET or not isinstance(pair, list) or len(pair) != 2:
            continue
        if f.guard and not ctx.rights.sees(f.guard):
            continue
        old, new = (_shown(f, value, names) for value in pair)
        if old != new:
            out.append(Change(f.name, str(f.label), old, new))
    return out


def _line_change(spec: Spec, name: str, told: Mapping[str, Any]) -> Change:
    parts = [
        (told.get("added", 0), _("%(n)d added")),
        (told.get("removed", 0), _("%(n)d removed")),
        (len(told.get("changed", ())), _("%(n)d changed")),
    ]
    said = row_of(text % {"n": n} for n, text in parts if n)
    return Change(name, str(spec.lines[name].label), "", said)


def _field(spec: Spec, name: str) -> Field | None:
    return spec.fields.get(name) or spec.fields.get(name.removesuffix("_id"))


def _shown(f: Field, value: Any, names: Mapping[str, str]) -> str:
    if value is None or value == "":
        return ""
    if f.choices:
        return str(dict(f.choices).get(value, value))
    if f.kind == "boolean":
        return _("yes") if value else _("no")
    if f.kind == "reference":
        return names.get(str(value), str(value))
    return str(value)


def _names_in(ctx: Context, spec: Spec, rows: list[AuditEvent]) -> dict[str, str]:
    """What referred records are called: one query a resource."""
    wanted: dict[str, set[str]] = {}
    for row in rows:
        for name, pair in row.changes.items():
            f = _field(spec, name)
            if f is not None and f.kind == "reference" and isinstance(pair, list):
                wanted.setdefault(f.relation, set()).update(str(v) for v in pair if v)
    out: dict[str, str] = {}
    for relation, ids in wanted.items():
        target = registry.find(relation)
        if target is not None and ids:
            out |= {str(pk): title for pk, title in titles_of(target, ids).items()}
    return out
