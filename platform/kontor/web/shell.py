"""What the frame around every page shows: modules, favourites, company, user, and what may be made new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents.records import Document
from kontor.history.models import Notification
from kontor.identity import sessions
from kontor.reports.api import reports_for
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.wording import capital, noun
from kontor.web.signing import who

THEMES = (("light", gettext_lazy("Light")), ("dark", gettext_lazy("Dark")), ("auto", gettext_lazy("As the system")))
DENSITIES = (("compact", gettext_lazy("Compact")), ("comfortable", gettext_lazy("Comfortable")))
SHORT_LANGUAGES = {"en": "EN", "zh-hant": "繁", "zh-hans": "简"}
_PHONE_TABS = 3  # beside the workbench and "more"


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the menu."""

    label: Any
    href: str
    icon: str = "file"
    resource: str = ""


@dataclass(slots=True)
class Group:
    """One module of the menu with its entries."""

    name: str
    label: Any
    icon: str
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Shell:
    """All of the frame; built once a page, and only if the page has a frame."""

    groups: list[Group]
    settings: bool
    reports: bool
    make: list[Entry]
    tabs: list[Entry]
    favourites: list[Entry]
    unread: int
    company: str


def shell_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor: cheap values at once, ``shell`` when a template asks for it."""
    ctx: Context | None = getattr(request, "ctx", None)
    cookies = request.COOKIES
    theme, density = cookies.get("kontor_theme", "auto"), cookies.get("kontor_density", "compact")
    language = get_language() or "en"
    context: dict[str, Any] = {
        "ctx": ctx,
        "theme": theme if theme in dict(THEMES) else "auto",
        "density": density if density in dict(DENSITIES) else "compact",
        "is_narrow": cookies.get("kontor_side") == "narrow",
        "themes": THEMES,
        "densities": DENSITIES,
        "languages": [(code, name, SHORT_LANGUAGES.get(code, code)) for code, name in settings.LANGUAGES],
        "language_short": SHORT_LANGUAGES.get(language, language),
        "html_lang": {"zh-hant": "zh-Hant", "zh-hans": "zh-Hans"}.get(language, language),
        "company_name": getattr(getattr(request, "tenant", None), "title", "Kontor"),
        "is_part": request.headers.get("HX-Request") == "true",
    }
    if ctx is not None:
        context["session_left"] = sessions.seconds_left(request.session)
        context["shell"] = SimpleLazyObject(lambda: build(ctx))
    return context


def build(ctx: Context) -> Shell:
    """The frame for a user: only modules and resources whose view right he has."""
    from kontor.web.pages.views import favourites  # pages stand above their frame

    groups = menu(ctx)
    return Shell(
        groups=groups,
        settings=bool(settings_entries(ctx)),
        reports=bool(reports_for(ctx)),
        make=creatable(ctx),
        tabs=phone_tabs(groups, ctx),
        favourites=favourites(ctx),
        unread=Notification.objects.filter(user_id=who(ctx), read_at=None).aggregate(n=Count("pk"))["n"],
        company=configuration.company(ctx).name,
    )


def menu(ctx: Context) -> list[Group]:
    """Modules that are switched on, with the resources in their menu."""
    enabled = configuration.get("modules.enabled", ctx)
    groups = [
        Group(m.name, m.label, m.icon)
        for m in registry.modules()
        if m.name != "settings" and (enabled is None or m.name in enabled)
    ]
    for group in groups:
        group.entries = [entry_of(s) for s in in_order([s for s in _shown(ctx) if s.menu == group.name])]
    return [g for g in groups if g.entries]


def in_order(specs: list[Spec]) -> list[Spec]:
    """Resources as work flows: what an action makes stands after what it is made of (quotation, order, invoice)."""
    makes = {s.name: {a.makes for a in s.actions.values() if a.makes and a.makes != s.name} for s in specs}
    waiting, out = list(specs), []
    while waiting:
        names = {s.name for s in waiting}
        free = [s for s in waiting if not any(s.name in makes[other] for other in names - {s.name})]
        # documents go first among equals, then in the order of declaration; a circle is cut at its first
        nearest = min(free or waiting[:1], key=lambda s: (not issubclass(s.model, Document), specs.index(s)))
        waiting.remove(nearest)
        out.append(nearest)
    return out


def settings_entries(ctx: Context) -> list[Entry]:
    """Resources that stand in no module's menu but in the settings, for who may change them."""
    mine = [s for s in _shown(ctx) if s.menu == "settings"]
    return [entry_of(s) for s in mine if ctx.rights.verbs(s.name) & {"create", "edit"}]


def creatable(ctx: Context) -> list[Entry]:
    """What the user may make from anywhere: documents first, then the rest, as in the menu."""
    may = [registry.spec(e.resource) for g in menu(ctx) for e in g.entries]
    may = [s for s in may if s.creatable and ctx.rights.can(s.name, "create")]
    may.sort(key=lambda s: not issubclass(s.model, Document))
    return [Entry(_("New %(what)s") % {"what": noun(s.label)}, f"/{s.path}/new/", s.icon, s.name) for s in may]


def phone_tabs(groups: list[Group], ctx: Context) -> list[Entry]:
    """The three lists at the thumb: what the user works on, else the first he sees; documents before masters."""
    entries = [e for g in groups for e in g.entries]

    def rank(entry: Entry) -> tuple[bool, bool]:
        spec = registry.spec(entry.resource)
        return not ctx.rights.can(spec.name, "edit"), not issubclass(spec.model, Document)

    return sorted(entries, key=rank)[:_PHONE_TABS]


def entry_of(spec: Spec) -> Entry:
    """The link to a resource's list."""
    return Entry(capital(spec.label_plural), f"/{spec.path}/", spec.icon, spec.name)


def _shown(ctx: Context) -> list[Spec]:
    return [s for s in registry.specs() if s.menu and ctx.rights.can(s.name, "view")]
