"""Saved views: the tabs over a list, what is behind them, and the favourites in the sidebar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kontor.access.models import Role
from kontor.context import Context
from kontor.documents.records import Document
from kontor.errors import Invalid, NotAllowed, NotFound
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.query import Ask, select
from kontor.web import lists
from kontor.web.models import SavedView
from kontor.web.shell import Entry
from kontor.web.signing import signed_in, who

_DONE_LOOKS = frozenset({"green", "cancelled"})


@dataclass(frozen=True, slots=True)
class Tab:
    """One view over a list: a built-in one, or one that somebody saved."""

    key: str
    label: str
    state: dict[str, str]
    path: str
    mine: bool = False
    shared: bool = False
    starred: bool = False
    default: bool = False

    @property
    def href(self) -> str:
        return f"/{self.path}/?" + urlencode({"view": self.key, **dict(sorted(self.state.items()))})


def open_states(spec: Spec) -> list[str]:
    """The states in which a document still wants something of somebody; a master record has none.

    What looks done is done, and so is the last step of its course: a posted invoice waits for nobody.
    """
    if not issubclass(spec.model, Document):
        return []
    last = spec.steps[-1] if spec.steps else ""
    return [code for code, _label in spec.states if spec.state_looks.get(code) not in _DONE_LOOKS and code != last]


def tabs(ctx: Context, spec: Spec) -> list[Tab]:
    """All, open, mine, then what was saved: one's own and what others shared."""
    out = [Tab("all", _("All"), {}, spec.path)]
    waiting = open_states(spec)
    if spec.has_state and "state" in spec.fields and 0 < len(waiting) < len(spec.states):
        out.append(Tab("open", _("Open"), {"state__in": ",".join(waiting)}, spec.path))
    if spec.scoped and ctx.employee_id and "owner" in spec.fields:
        extra = {"state__in": ",".join(waiting)} if spec.has_state and waiting else {}
        out.append(Tab("mine", _("Mine, open") if extra else _("Mine"), {"owner": "@me", **extra}, spec.path))
    me = str(ctx.user_id)
    for v in _rows(ctx).filter(resource=spec.name):
        out.append(
            Tab(
                str(v.pk),
                v.name,
                v.state,
                spec.path,
                v.user_id == ctx.user_id,
                v.is_shared or bool(v.roles),
                me in v.starred_by,
                me in v.default_of,
            )
        )
    return out


def favourites(ctx: Context) -> list[Entry]:
    """The starred views, for the sidebar."""
    rows = _rows(ctx).filter(starred_by__contains=[str(ctx.user_id)])
    out = []
    for v in rows:
        spec = registry.find(v.resource)
        if spec is not None and ctx.rights.can(spec.name, "view"):
            out.append(Entry(v.name, Tab(str(v.pk), v.name, v.state, spec.path).href, "star"))
    return out


def counts(ctx: Context, spec: Spec) -> dict[str, str]:
    """The number of rows behind each tab, capped; a view whose filters no longer hold has none."""
    out = {}
    for tab in tabs(ctx, spec):
        kept = {k: v for k, v in tab.state.items() if k not in lists.CONTROLS}
        try:
            ask = Ask(fields=(), filters=lists.resolved(ctx, kept), q=tab.state.get("q", ""), limit=1, count="capped")
            out[tab.key] = select(ctx, spec, ask).count_text
        except Invalid:
            out[tab.key] = ""
    return out


@signed_in
def tell_counts(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """The counts of the tabs, asked for after the page is shown."""
    return JsonResponse(counts(ctx, spec))


@signed_in
@require_POST
def save(request: HttpRequest, ctx: Context, spec: Spec) -> HttpResponse:
    """Keep the present list under a name; the same name again replaces one's own view."""
    ctx.rights.need(spec.name, "view")
    given = request.POST
    name = given.get("view_name", "").strip()[:60]
    if not name:
        raise Invalid.at("/view_name", _("A name is needed."), "required")
    row, _made = SavedView.objects.update_or_create(
        resource=spec.name,
        user_id=who(ctx),
        name=name,
        defaults={"state": _state(spec, given), **_shared(ctx, spec, given)},
    )
    _mark(row, ctx, star=given.get("view_star") == "on", default=given.get("view_default") == "on")
    return HttpResponseRedirect(Tab(str(row.pk), row.name, row.state, spec.path).href)


@signed_in
@require_POST
def change(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """Star, make the default, save the list's present columns and filters to it, or remove it."""
    row = _rows(ctx).filter(pk=pk).first()
    spec = registry.find(row.resource) if row else None
    if row is None or spec is None:
        raise NotFound
    do, me = request.POST.get("view_do", ""), str(ctx.user_id)
    if do in ("star", "default"):
        _mark(row, ctx, **{do: me not in (row.starred_by if do == "star" else row.default_of)})
    elif row.user_id != ctx.user_id and not (do == "remove" and ctx.rights.everything):
        raise NotAllowed(_("This view belongs to somebody else; save it under a name of your own."))
    elif do == "remove":
        row.delete()
        return HttpResponseRedirect(f"/{spec.path}/?view=all")
    elif do == "update":
        row.state = _state(spec, request.POST)
        row.save(update_fields=["state"])
    return HttpResponseRedirect(Tab(str(row.pk), row.name, row.state, spec.path).href)


def _shared(ctx: Context, spec: Spec, given: Any) -> dict[str, Any]:
    """Whom the view is shown to; nobody else where the right is missing."""
    if not may_share(ctx, spec):
        return {"is_shared": False, "roles": []}
    known = {r.code for r in share_roles(ctx, spec)}
    wanted = given.get("view_shared", "")
    return {"is_shared": wanted in ("on", "all"), "roles": [wanted] if wanted in known else []}


def _state(spec: Spec, given: Any) -> dict[str, str]:
    """What a view keeps of the list's parameters."""
    kept = ("q", "sort", "columns", "show", "group")
    names = {k for k in given if k in kept or k in spec.fields or k.partition("__")[0] in spec.fields}
    return {k: str(given[k])[:1000] for k in sorted(names) if given[k]}


def _mark(row: SavedView, ctx: Context, **marks: bool) -> None:
    me = str(ctx.user_id)
    for name, on in marks.items():
        column = {"star": "starred_by", "default": "default_of"}[name]
        kept = [u for u in getattr(row, column) if u != me]
        setattr(row, column, [*kept, me] if on else kept)
        if on and name == "default":
            for other in SavedView.objects.filter(resource=row.resource, default_of__contains=[me]).exclude(pk=row.pk):
                other.default_of = [u for u in other.default_of if u != me]
                other.save(update_fields=["default_of"])
    row.save(update_fields=["starred_by", "default_of"])


def _rows(ctx: Context) -> Any:
    """One's own views, those for everybody, and those for one of one's roles."""
    shown = Q(user_id=who(ctx)) | Q(is_shared=True)
    for role in ctx.rights.roles:
        shown |= Q(roles__contains=[role.code])
    return SavedView.objects.filter(shown).order_by("position", "name")


def may_share(ctx: Context, spec: Spec) -> bool:
    """Whether the user may show a view of this list to others: the right “share” on the resource."""
    return ctx.rights.can(spec.name, "share")


def share_roles(ctx: Context, spec: Spec) -> list[Any]:
    """The roles that a view can be shown to; none for who may not share."""
    return list(Role.objects.order_by("-builtin", "code")) if may_share(ctx, spec) else []
