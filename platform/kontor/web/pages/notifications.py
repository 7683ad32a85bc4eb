"""The bell: what a user should see; and the small counts of the menu."""

from __future__ import annotations

from uuid import UUID

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from kontor.context import Context
from kontor.errors import NotFound
from kontor.history.models import Notification
from kontor.resources import registry
from kontor.surfaces.query import Ask, select
from kontor.web import showing
from kontor.web.pages.views import open_states
from kontor.web.signing import page_of, signed_in, who

_COUNTS_LIVE = 30  # seconds; a count in the menu may be that old


@signed_in
def panel(request: HttpRequest, ctx: Context) -> HttpResponse:
    """The newest thirty, unread ones marked."""
    rows = list(Notification.objects.filter(user_id=who(ctx)).order_by("-at")[:30])
    return render(request, "kontor/me/notifications.html", {"notes": rows})


@signed_in
@require_POST
def read(request: HttpRequest, ctx: Context) -> HttpResponse:
    """All are read."""
    Notification.objects.filter(user_id=who(ctx), read_at=None).update(read_at=timezone.now())
    return HttpResponseRedirect(page_of(request))


@signed_in
def follow(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """Go to what it is about; it counts as read."""
    note = Notification.objects.filter(pk=pk, user_id=who(ctx)).first()
    if note is None:
        raise NotFound
    if note.read_at is None:
        note.read_at = timezone.now()
        note.save(update_fields=["read_at"])
    link = note.link if note.link.startswith("/") and not note.link.startswith("//") else ""
    return HttpResponseRedirect(link or showing.href(note.resource, note.record_id) or "/")


@signed_in
def counts(request: HttpRequest, ctx: Context) -> HttpResponse:
    """How many documents of each kind are open for the user, capped: the small figures in the menu."""
    names = [n for n in request.GET.get("of", "").split(",") if registry.find(n)][:20]
    out: dict[str, str] = {}
    for name in names:
        spec = registry.spec(name)
        waiting = open_states(spec)
        if not spec.has_state or not waiting or not ctx.rights.can(name, "view"):
            continue
        key = f"menu-count:{ctx.user_id}:{name}"
        known = cache.get(key)
        if known is None:
            page = select(ctx, spec, Ask(fields=(), filters={"state__in": ",".join(waiting)}, limit=1, count="capped"))
            known = page.count_text if page.count else ""
            cache.set(key, known, _COUNTS_LIVE)
        out[name] = known
    return JsonResponse(out)
