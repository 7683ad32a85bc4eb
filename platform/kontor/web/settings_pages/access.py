"""Roles and what they may: the matrix of verbs, data scope, guarded fields; and why somebody sees a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.access.models import FieldRight, Role, RoleGrant, RoleRight
from kontor.access.rights import RoleRights, role_verbs
from kontor.access.roles import BUILT_IN, COST, CREDIT, SCOPES
from kontor.access.scope import explain
from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import Invalid, NotFound, Refused
from kontor.history.recording import Deed, record
from kontor.identity.api import context_for
from kontor.identity.models import User
from kontor.reports.api import Report, reports
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.parsing import as_uuid
from kontor.values.wording import capital
from kontor.web.settings_pages.guard import administer, administer_changes, crumbs
from kontor.web.signing import signed_in

_VERBS = {
    "view": lazy("view"),
    "create": lazy("create"),
    "edit": lazy("edit"),
    "delete": lazy("delete"),
    "export": lazy("export"),
    "import": lazy("import"),
    "share": lazy("share"),
}
GUARDS = ((COST, lazy("Cost and margin")), (CREDIT, lazy("Credit limits and balances")))


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One resource of the matrix: verbs held, data scope, and whether the company changed it."""

    spec: Spec
    label: str
    general: list[tuple[str, Any, bool, bool]]  # verb, label, exists, held
    actions: list[tuple[str, Any, bool]]
    scope: str
    changed: bool


@signed_in
def roles(request: HttpRequest, ctx: Context) -> HttpResponse:
    """All roles with how many have them; a new one begins as a copy of nothing."""
    administer_changes(request, ctx)
    if request.method == "POST":
        administer(ctx, only_admin=True)
        role = _new_role(ctx, request.POST)
        return HttpResponseRedirect(f"/settings/roles/{role.pk}/")
    counts: dict[Any, int] = {}
    for role_id in RoleGrant.objects.filter(user__is_active=True).values_list("role_id", flat=True):
        counts[role_id] = counts.get(role_id, 0) + 1
    rows = [(r, counts.get(r.pk, 0), _scope_label(r.scope)) for r in Role.objects.order_by("-builtin", "code")]
    context = {"rows": rows, "scopes": SCOPES, "crumbs": crumbs(_("Roles and rights"))}
    return render(request, "kontor/settings/roles.html", context)


@signed_in
def role(request: HttpRequest, ctx: Context, pk: UUID) -> HttpResponse:
    """One role's matrix."""
    administer_changes(request, ctx)
    found = Role.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    if request.method == "POST":
        administer(ctx, only_admin=True)
        if found.code == "admin":
            raise Refused(_("The administrator's role has every right and cannot be changed."))
        with transaction.atomic():
            _save(ctx, found, request.POST)
        messages.success(request, _("Saved. It counts from each user's next click."))
        return HttpResponseRedirect(f"/settings/roles/{found.pk}/")
    context = {
        "role": found,
        "groups": _matrix(found),
        "reports": _report_rows(found),
        "general": list(_VERBS.values()),
        "scopes": SCOPES,
        "guards": [(code, label, _sees(found, code)) for code, label in GUARDS],
        "locked": found.code == "admin" or not ctx.rights.everything,
        "crumbs": crumbs(_("Roles and rights"), found.label),
    }
    return render(request, "kontor/settings/role.html", context)


@signed_in
def why(request: HttpRequest, ctx: Context) -> HttpResponse:
    """Which rule shows or hides a record for a person, rule by rule."""
    administer(ctx)
    given = request.GET
    said: list[str] = []
    error = ""
    user_id = as_uuid(given.get("user", ""))
    person = User.objects.filter(pk=user_id).first() if user_id else None
    spec = registry.find(given.get("resource", ""))
    word = given.get("record", "").strip()
    if person is not None and spec is not None and word:
        pk = find_many(ctx.as_system(), spec.name, [word]).get(word)
        row = spec.model._default_manager.filter(pk=pk).first() if isinstance(pk, UUID) else None
        if row is None:
            error = str(pk) if isinstance(pk, str) else _("There is no such record.")
        else:
            said = explain(context_for(person), spec, row.pk)
    context = {
        "people": User.objects.filter(is_active=True).order_by("username"),
        "specs": [(s.name, capital(s.label_plural)) for s in registry.specs() if s.menu],
        "given": given,
        "said": said,
        "error": error,
        "crumbs": crumbs(_("Why can somebody see this?")),
    }
    return render(request, "kontor/settings/why.html", context)


def _matrix(found: Role) -> list[tuple[str, list[MatrixRow]]]:
    changed = {r.resource: (frozenset(r.verbs), r.scope) for r in RoleRight.objects.filter(role=found)}
    rights = RoleRights(found.code, found.scope, changed)
    by_module: dict[str, list[MatrixRow]] = {}
    labels = {m.name: str(m.label) for m in registry.modules()}
    for spec in registry.specs():
        held = frozenset(spec.verbs) if found.code == "admin" else role_verbs(rights, spec)
        row = MatrixRow(
            spec,
            capital(spec.label_plural),
            [(v, label, _exists(spec, v), v in held) for v, label in _VERBS.items()],
            [(a.name, a.label, a.name in held) for a in spec.actions.values()],
            changed.get(spec.name, (frozenset(), ""))[1],
            spec.name in changed,
        )
        place = labels.get(spec.menu) or labels.get(spec.module) or _("Settings")
        by_module.setdefault(place, []).append(row)
    return list(by_module.items())


def _report_rows(found: Role) -> list[tuple[str, str, bool, bool]]:
    """Each report: its right, label, and whether the role may view and export it."""
    changed = {r.resource: frozenset(r.verbs) for r in RoleRight.objects.filter(role=found)}
    out = []
    for r in reports():
        verbs = changed.get(r.right, _report_verbs(found, r))
        out.append((r.right, capital(r.label), "view" in verbs, "export" in verbs))
    return out


def _report_verbs(found: Role, r: Report) -> frozenset[str]:
    """What is declared: by the report for the role, or by the role for everything."""
    everywhere = BUILT_IN[found.code].everywhere if found.code in BUILT_IN else frozenset()
    if "**" in everywhere:
        return frozenset({"view", "export"})
    return frozenset(r.roles.get(found.code, "").split()) | (everywhere & {"view", "export"})


def _exists(spec: Spec, verb: str) -> bool:
    """Verbs that can never be used on a resource are not offered."""
    return {
        "create": spec.creatable,
        "edit": spec.editable,
        "delete": spec.deletable,
        "import": bool(spec.imports),
    }.get(verb, True)


def _sees(found: Role, guard: str) -> bool:
    row = FieldRight.objects.filter(role=found, guard=guard).first()
    if row is not None:
        return row.visible
    return found.code in BUILT_IN and guard in BUILT_IN[found.code].sees


def _save(ctx: Context, found: Role, given: Any) -> None:
    """Keep a row only where the choice differs from what is declared, so that declarations may grow."""
    changes: dict[str, Any] = {}
    scope = given.get("scope", found.scope)
    if scope in dict(SCOPES) and scope != found.scope:
        changes["scope"] = [found.scope, scope]
        found.scope = scope
        found.save(update_fields=["scope"])
    declared = RoleRights(found.code, found.scope)
    kept = {r.resource: r for r in RoleRight.objects.filter(role=found)}
    for spec in registry.specs():
        if f"shown:{spec.name}" not in given:
            continue
        wanted = frozenset(v for v in given.getlist(f"verbs:{spec.name}") if v in spec.verbs)
        own = given.get(f"scope:{spec.name}", "")
        own = own if own in dict(SCOPES) else ""
        row = kept.get(spec.name)
        before = (frozenset(row.verbs), row.scope) if row else (role_verbs(declared, spec), "")
        if before == (wanted, own):
            continue
        if (wanted, own) == (role_verbs(declared, spec), ""):
            RoleRight.objects.filter(role=found, resource=spec.name).delete()
        else:
            values = {"verbs": sorted(wanted), "scope": own}
            RoleRight.objects.update_or_create(role=found, resource=spec.name, defaults=values)
        changes[spec.name] = [sorted(before[0]), sorted(wanted)]
    for r in reports():
        if f"shown:{r.right}" not in given:
            continue
        chosen = frozenset(v for v in given.getlist(f"verbs:{r.right}") if v in ("view", "export"))
        own_verbs = _report_verbs(found, r)
        held = frozenset(kept[r.right].verbs) if r.right in kept else own_verbs
        if chosen == held:
            continue
        if chosen == own_verbs:
            RoleRight.objects.filter(role=found, resource=r.right).delete()
        else:
            RoleRight.objects.update_or_create(
                role=found, resource=r.right, defaults={"verbs": sorted(chosen), "scope": ""}
            )
        changes[r.right] = [sorted(held), sorted(chosen)]
    for code, _label in GUARDS:
        visible = given.get(f"guard:{code}") == "on"
        if visible != _sees(found, code):
            FieldRight.objects.update_or_create(role=found, guard=code, defaults={"visible": visible})
            changes[code] = [not visible, visible]
    if changes:
        record(ctx, [Deed("access.role", found.pk, "updated", changes)], events=False)


def _new_role(ctx: Context, given: Any) -> Role:
    code = given.get("code", "").strip().lower()
    if not code.isidentifier() or len(code) > 40:
        raise Invalid.at("/code", _("A code of letters, digits and underscores is needed, such as “sales_asia”."))
    if Role.objects.filter(code=code).exists():
        raise Invalid.at("/code", _("There is already a role of that code."), "already_exists")
    scope = given.get("scope", "own")
    scope = scope if scope in dict(SCOPES) else "own"
    role_row = Role.objects.create(code=code, name=given.get("name", "").strip()[:120] or code, scope=scope)
    record(ctx, [Deed("access.role", role_row.pk, "created", {"code": [None, code]})], events=False)
    return role_row


def _scope_label(scope: str) -> Any:
    return dict(SCOPES).get(scope, scope)
