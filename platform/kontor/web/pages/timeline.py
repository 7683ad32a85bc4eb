"""What happens beside the record: comments, following, files, older entries, names to mention."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Invalid, NotFound
from kontor.history import api as history
from kontor.history.visible import need_visible
from kontor.identity.models import User
from kontor.resources.spec import Spec
from kontor.web.errors import is_htmx
from kontor.web.record.once import once
from kontor.web.record.reading import see
from kontor.web.record.story import story_of
from kontor.web.signing import signed_in

_SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})


@signed_in
def entries(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Entries before a moment, to be put under the others; without one the whole side."""
    before = parse_datetime(request.GET.get("before", ""))
    seen = see(ctx, spec, pk)
    if before is None:
        return render(request, "kontor/record/timeline.html", {"seen": seen, "spec": spec, "story": story_of(seen)})
    context = {"seen": seen, "spec": spec, "story": story_of(seen, before=before)}
    return render(request, "kontor/record/entries.html", context)


@signed_in
def comment(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Say something about the record."""
    href = f"/{spec.path}/{pk}/"
    if request.method != "POST":
        return redirect(href)

    def work() -> str:
        history.comment(ctx, spec.name, pk, request.POST.get("text", ""))
        return href

    once(ctx, request.POST.get("token", ""), work)
    return _side(request, ctx, spec, pk)


@signed_in
def follow(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Follow the record, or stop."""
    if request.method == "POST":
        history.follow(ctx, spec.name, pk, on=request.POST.get("on") == "1")
    return _side(request, ctx, spec, pk)


@signed_in
def attach(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Put files on the record."""
    if request.method == "POST":
        files = request.FILES.getlist("file")
        if not files:
            raise Invalid.at("/file", _("Choose a file."))
        for sent in files:
            history.keep(ctx, sent.name or "file", sent.chunks(), spec.name, pk)
    return _side(request, ctx, spec, pk)


@signed_in
def detach(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID, file: UUID) -> HttpResponse:
    """Take a file off; its bytes stay for the audit."""
    if request.method == "POST":
        _need_here(ctx, spec, pk, file)
        history.drop(ctx, file)
    return _side(request, ctx, spec, pk)


@signed_in
def download(
    request: HttpRequest, ctx: Context, spec: Spec, pk: UUID, file: UUID
) -> StreamingHttpResponse | HttpResponse:
    """A file of the record: pictures and PDF are shown, everything else is saved, nothing is run."""
    _need_here(ctx, spec, pk, file)
    info, blocks = history.content(ctx, file)
    response = StreamingHttpResponse(blocks, content_type=info.media_type)
    kind = "inline" if info.media_type in _SHOWN and not request.GET.get("save") else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(info.name)}"
    response["Content-Length"] = str(info.size)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@signed_in
def people(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """Colleagues whose name begins like the word after an @."""
    need_visible(ctx, spec.name, pk)
    word = request.GET.get("q", "").strip()[:60]
    rows = User.objects.filter(Q(username__istartswith=word) | Q(name__icontains=word), is_active=True)
    found = rows.order_by("name").values_list("username", "name")[:8]
    return JsonResponse({"results": [{"username": u, "name": n or u} for u, n in found]})


def _need_here(ctx: Context, spec: Spec, pk: UUID, file: UUID) -> None:
    info = history.file(ctx, file)
    if (info.resource, info.record_id) != (spec.name, pk):
        raise NotFound


def _side(request: HttpRequest, ctx: Context, spec: Spec, pk: UUID) -> HttpResponse:
    """The timeline anew for a script, else the page."""
    if not is_htmx(request):
        return redirect(f"/{spec.path}/{pk}/")
    seen = see(ctx, spec, pk)
    return render(request, "kontor/record/timeline.html", {"seen": seen, "spec": spec, "story": story_of(seen)})
