"""The page of one record: head, notices, facts, counts, trace, lines, totals, timeline."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kontor.access.scope import explain
from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Refused
from kontor.resources.layout import Tab, Timeline
from kontor.resources.spec import Spec
from kontor.surfaces import query
from kontor.surfaces.printing import paper
from kontor.values.parsing import counted
from kontor.values.wording import capital
from kontor.web.record.dossier import dossier_of
from kontor.web.record.head import head_of
from kontor.web.record.once import new_token, once
from kontor.web.record.parts import has_timeline, layout_of, panel_of, parts_of, tabs_of
from kontor.web.record.reading import Seen, see
from kontor.web.record.story import story_of
from kontor.web.signing import signed_in


@signed_in
def detail(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """The record as its reader may see it."""
    return page(request, see(ctx, spec, pk))


def page(request: HttpRequest, seen: Seen, *, refusal: Refused | None = None) -> HttpResponse:
    """The detail page; with a refusal in its place after a deed that was not done."""
    spec = seen.spec
    tabs = tabs_of(spec)
    wanted = counted(request.GET.get("tab", "")) or 0
    tab = wanted if wanted <= len(tabs) else 0
    own = [p for p in layout_of(spec) if not isinstance(p, Tab | Timeline)]
    dossier = dossier_of(seen.ctx, spec.name, seen.row)
    head = head_of(seen)
    context = {
        "seen": seen,
        "spec": spec,
        "head": head,
        "dossier": dossier,
        "round": bool(dossier and head.is_party and not tab),
        "notice_panel": panel_of(seen, f"{spec.name}.notices"),
        "tabs": [(0, _("Overview")), *((i + 1, t.title) for i, t in enumerate(tabs))] if tabs else [],
        "tab": tab,
        "tab_titles": {str(t.title) for t in tabs},
        "parts": parts_of(seen, tabs[tab - 1].parts if tab else own),
        "story": story_of(seen) if has_timeline(spec) else None,
        "refusal": refusal,
        "may_copy": may_copy(seen),
        "token": new_token(),
        "crumbs": crumbs(spec, seen.crumb),
    }
    return render(request, "kontor/record/detail.html", context, status=refusal.status if refusal else 200)


def may_copy(seen: Seen) -> bool:
    """Whether a new record may begin as a copy of this one."""
    return seen.spec.creatable and seen.ctx.rights.can(seen.spec.name, "create")


def crumbs(spec: Spec, *labels: Any) -> list[dict[str, Any]]:
    """Where the page stands: its list, then itself."""
    return [
        {"label": capital(spec.label_plural), "href": f"/{spec.path}/"},
        *({"label": label, "href": ""} for label in labels),
    ]


@signed_in
def remove(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Delete a record that nothing refers to; back to the list."""
    if request.method != "POST":
        return redirect(f"/{spec.path}/{pk}/")

    def work() -> str:
        gate.delete(ctx, spec.name, pk)
        return f"/{spec.path}/"

    try:
        return redirect(once(ctx, request.POST.get("token", ""), work))
    except Refused as refusal:
        if refusal.status == 404:
            raise
        return page(request, see(ctx, spec, pk), refusal=refusal)


@signed_in
def why(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Why the reader sees this record: every rule that was looked at."""
    row = query.one(ctx, spec, pk, [spec.title] if spec.title in spec.fields else [])
    context = {
        "title": str(row.get(spec.title) or capital(spec.label)),
        "said": explain(ctx, spec, row["id"]),
        "href": f"/{spec.path}/{pk}/",
    }
    return render(request, "kontor/record/why.html", context)


@signed_in
def printed(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID, name: str) -> HttpResponse:
    """The record on paper, shown in the browser; ``?save=1`` keeps it as a file."""
    made = paper(ctx, spec, pk, name)
    response = HttpResponse(made.content, content_type="application/pdf")
    kind = "attachment" if request.GET.get("save") else "inline"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(made.file_name)}"
    return response
