"""The cards of the workbench that every company has: one's drafts, documents by state, what is new."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _

import kontor.web.starting  # noqa: F401 - its card
from kontor.context import Context
from kontor.documents.records import Document
from kontor.history.models import AuditEvent, Notification
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.query import Ask, select
from kontor.values.wording import capital
from kontor.web import showing
from kontor.web.cards import Card, CardRow, Counts, Figure
from kontor.web.lists import State
from kontor.web.pages.views import open_states
from kontor.web.signing import who
from kontor.web.workbench import card, figure

_RECENT, _DRAFTS = 7, 6


@card("web.drafts", column="do", order=60)
def drafts(ctx: Context) -> Card | None:
    """My drafts: what I began and did not finish."""
    rows: list[tuple[Any, CardRow]] = []
    total = 0
    specs = [s for s in _documents(ctx) if s.initial and "owner" in s.fields and ctx.rights.can(s.name, "edit")]
    if ctx.employee_id is None or not specs:
        return None
    for spec in specs:
        title, who = _title(spec), _who(spec)
        ask = Ask(
            fields=tuple(dict.fromkeys([title, "created_at", *who])) if "created_at" in spec.fields else (title, *who),
            filters={"state": spec.initial, "owner": str(ctx.employee_id)},
            limit=_DRAFTS,
            count="capped",
            titles=True,
        )
        page = select(ctx, spec, ask)
        total += page.count or 0
        for row in page.rows:
            note = str(row.get(f"{who[0]}__title") or "") if who else ""
            name = str(row.get(title) or capital(spec.label))
            rows.append((row["id"], CardRow(name, f"/{spec.path}/{row['id']}/", note, "", spec.icon)))
    rows.sort(key=lambda pair: str(pair[0]), reverse=True)
    shown = [row for _id, row in rows[:_DRAFTS]]
    return Card(_("My drafts"), shown, count=str(total), empty=_("Nothing begun is left unfinished."))


@card("web.states", column="do", order=40)
def states(ctx: Context) -> Card | None:
    """Open documents by kind: how many there are in the user's scope."""
    rows = []
    for spec in _documents(ctx):
        waiting = open_states(spec)
        if not waiting or not ctx.rights.can(spec.name, "edit"):
            continue
        state = ",".join(waiting)
        page = select(ctx, spec, Ask(fields=(), filters={"state__in": state}, limit=1, count="capped"))
        href = State(spec.path, {"state__in": state}, view="open").url()
        rows.append(CardRow(capital(spec.label_plural), href, fact=page.count_text or "0", icon=spec.icon))
    if not rows:
        return None
    total = sum(int(str(r.fact).rstrip("+")) for r in rows)
    return Counts(_("Open work"), rows, count=showing.group(str(total)))


@card("web.recent", column="know", order=50)
def recent(ctx: Context) -> Card | None:
    """The records that I worked on last, from the audit."""
    if ctx.user_id is None:
        return None
    events = (
        AuditEvent.objects.filter(
            user_id=who(ctx), record_id__isnull=False, resource__in=[s.name for s in registry.specs()]
        )
        .order_by("-at")
        .values_list("resource", "record_id")[:200]
    )
    seen = list(dict.fromkeys(events))[: _RECENT * 3]
    rows = []
    by_resource: dict[str, list[Any]] = {}
    for resource, pk in seen:
        by_resource.setdefault(resource, []).append(pk)
    titles = {resource: _titles(ctx, registry.spec(resource), pks) for resource, pks in by_resource.items()}
    for resource, pk in seen:
        spec = registry.spec(resource)
        if pk in titles[resource]:
            name, note = titles[resource][pk]
            fact = capital(spec.label) if name else ""
            rows.append(CardRow(name or capital(spec.label), f"/{spec.path}/{pk}/", note, fact, spec.icon))
    return Card(_("Recent records"), rows[:_RECENT], empty=_("What you work on will stand here."))


@card("web.notes", column="know", order=60)
def notes(ctx: Context) -> Card | None:
    """What was told to me."""
    rows = Notification.objects.filter(user_id=who(ctx)).order_by("-at")[:5]
    made = [
        CardRow(
            n.text,
            f"/notifications/{n.pk}/",
            fact=showing.instant(n.at, ctx.today),
            icon="bell" if n.read_at else "bell-ringing",
            look="" if n.read_at else "acc",
        )
        for n in rows
    ]
    return Card(_("Notifications"), made, empty=_("Nothing new. Mentions and finished work are told here."))


@figure("web.unread", order=90)
def unread(ctx: Context) -> Figure | None:
    """Unread notifications."""
    told = Notification.objects.filter(user_id=who(ctx), read_at=None).aggregate(n=Count("pk"), at=Max("at"))
    note = _("newest %(when)s") % {"when": showing.instant(told["at"], ctx.today)} if told["at"] else _("all read")
    return Figure(_("Unread notifications"), str(told["n"]), note)


def _documents(ctx: Context) -> list[Spec]:
    return [s for s in registry.specs() if s.menu and issubclass(s.model, Document) and ctx.rights.can(s.name, "view")]


def _title(spec: Spec) -> str:
    return next((n for n in (spec.title, *spec.code, "name") if n in spec.fields), next(iter(spec.fields)))


def _who(spec: Spec) -> tuple[str, ...]:
    """The field that names the other party of a document."""
    return next(((n,) for n in ("customer", "supplier", "party") if n in spec.fields), ())


def _titles(ctx: Context, spec: Spec, pks: list[Any]) -> dict[Any, tuple[str, str]]:
    """Title and the other party of the records that the user may see; one query."""
    if not ctx.rights.can(spec.name, "view"):
        return {}
    title, who = _title(spec), _who(spec)
    page = select(ctx, spec, Ask(fields=tuple(dict.fromkeys([title, *who])), ids=pks, limit=200, titles=True))
    return {
        row["id"]: (
            str(row.get(f"{title}__title") or row.get(title) or ""),
            str(row.get(f"{who[0]}__title") or "") if who else "",
        )
        for row in page.rows
    }
