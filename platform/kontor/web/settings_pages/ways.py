"""Ways of working: what each module lets the company choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.errors import FieldError, Invalid
from kontor.history.recording import Deed, record
from kontor.resources import registry
from kontor.resources.declaration import Module, Preference
from kontor.values import parsing
from kontor.values.money import plain, round_amount
from kontor.web.settings_pages.guard import administer, crumbs
from kontor.web.signing import signed_in


@dataclass(frozen=True, slots=True)
class Way:
    """One preference as an input."""

    preference: Preference
    value: Any


@signed_in
def edit(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Show and save; a value that is the default again is no longer kept."""
    administer(ctx)
    error: Invalid | None = None
    if request.method == "POST":
        try:
            save(ctx, _modules(ctx), request.POST)
            messages.success(request, _("Saved."))
            return HttpResponseRedirect("/settings/ways/")
        except Invalid as refusal:
            error = refusal
    context = {
        "groups": groups(ctx, _modules(ctx), request.POST if error else {}),
        "error": error,
        "currency": ctx.currency,
        "title": _("Ways of working"),
        "crumbs": crumbs(_("Ways of working")),
    }
    return render(request, "kontor/settings/ways.html", context, status=error.status if error else 200)


def _modules(ctx: Context) -> list[Module]:
    enabled = configuration.get("modules.enabled", ctx)
    found = [m for m in registry.modules() if m.preferences and not m.fixed]
    return [m for m in found if enabled is None or m.name in enabled]


def groups(ctx: Context, modules: list[Module], given: Mapping[str, str]) -> list[tuple[Module, list[Way]]]:
    """Each module with its preferences as inputs, filled with what was ``given`` where it was refused."""
    return [(m, [_way(ctx, p, given) for p in m.preferences]) for m in modules]


def _way(ctx: Context, p: Preference, given: Mapping[str, str]) -> Way:
    value = given.get(p.name) if given else configuration.get(p.name, ctx)
    if p.kind == "amount" and value not in (None, "") and not given:
        value = plain(Decimal(str(value)))
    return Way(p, value)


def save(ctx: Context, modules: list[Module], given: Mapping[str, str]) -> None:
    """All or nothing; raises Invalid with a sentence for each wrong value."""
    errors: list[FieldError] = []
    changes: dict[str, list[Any]] = {}
    for p in (p for m in modules for p in m.preferences):
        try:
            value = _read(ctx, p, given.get(p.name, ""))
        except ValueError as wrong:
            errors.append(FieldError(f"/{p.name}", "invalid", f"{p.label}: {wrong}"))
            continue
        before = configuration.get(p.name, ctx)
        if value != before:
            changes[p.name] = [before, value]
    if errors:
        raise Invalid(errors)
    if changes:
        declared = {name: registry.preference(name) for name in changes}
        configuration.put({name: None if (d := declared[name]) and new == d.default else new
                           for name, (_before, new) in changes.items()})  # fmt: skip
        record(ctx, [Deed("configuration.setting", None, "updated", changes)], events=False)


def _read(ctx: Context, p: Preference, raw: str) -> Any:
    """The value as it is stored (amounts as text); raises ValueError with a sentence."""
    if p.kind == "boolean":
        return bool(raw)
    if p.kind == "choice":
        if raw not in dict(p.choices):
            raise ValueError(_("This is not one of the choices."))
        return raw
    if not raw.strip():
        return p.default
    number = parsing.integer(raw) if p.kind == "integer" else round_amount(parsing.decimal(raw), ctx.currency)
    if number < p.least:
        raise ValueError(_("At least %(least)s is expected.") % {"least": p.least})
    if p.most is not None and number > p.most:
        raise ValueError(_("At most %(most)s is expected.") % {"most": p.most})
    return number if isinstance(number, int) else plain(number)
