"""The data scope as a predicate in the query, and the sentence that explains it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.access.models import Share
from kontor.access.roles import ALL, BELOW, BRANCH, DEPARTMENT, SCOPES
from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.wording import listed


def predicate(ctx: Context, spec: Spec) -> Q:
    """The rows of the resource that the user may see: in scope or shared, a face's own, none behind a field right."""
    rows = Q(**spec.where) if spec.where else Q()
    for right, where in spec.guarded_rows.items():
        if not ctx.rights.sees(right):
            rows &= ~Q(**where)
    if spec.within:
        return rows & _within(ctx, spec)
    if not spec.scoped:
        return rows
    scope = ctx.rights.scope(spec.name)
    if scope == ALL:
        return rows
    if ctx.employee_id is None:
        return rows & Q(pk__in=[])
    mine = Q(owner_id=ctx.employee_id)
    if scope == DEPARTMENT and ctx.department_path:
        mine |= Q(department_path=ctx.department_path)
    elif scope == BELOW and ctx.department_path:
        mine |= Q(department_path__startswith=ctx.department_path)
    elif scope == BRANCH and ctx.branch_id:
        mine |= Q(branch_id=ctx.branch_id)
    departments = [p for p in ctx.department_path.strip("/").split("/") if p]
    shared = Share.objects.filter(
        Q(employee_id=ctx.employee_id) | Q(department__code__in=departments), resource=spec.name
    ).values("record_id")
    return rows & (mine | Q(pk__in=shared))


def reachable(ctx: Context, spec: Spec) -> Q:
    """The rows that the user may refer to: those in scope, whether or not a list of them may be opened.

    What has no data scope (products, terms, warehouses) is open to whoever may write the referring record.
    """
    if not spec.scoped or ctx.rights.can(spec.name, "view"):
        return predicate(ctx, spec)
    return Q(pk__in=[])


def _within(ctx: Context, spec: Spec) -> Q:
    """Seen as one of the other resources; no condition where all of those are seen whole."""
    others = [registry.spec(name) for name in spec.within]
    seen = [s for s in others if ctx.rights.can(s.name, "view")]
    if len(seen) == len(others) and all(not s.scoped or ctx.rights.scope(s.name) == ALL for s in seen):
        return Q()
    found = Q(pk__in=[])
    for s in seen:
        found |= Q(pk__in=s.model._default_manager.filter(predicate(ctx, s)).values("pk"))
    return found


def explain(ctx: Context, spec: Spec, record: Any) -> list[str]:
    """Why the user of ``ctx`` sees the record or does not: every rule that was looked at."""
    said: list[str] = []
    roles = listed(r.code for r in ctx.rights.roles) or "–"
    if not ctx.rights.can(spec.name, "view"):
        return [_("No role of this user (%(roles)s) may view %(resource)s.") % {"roles": roles, "resource": spec.name}]
    said.append(_("May view %(resource)s through: %(roles)s.") % {"roles": roles, "resource": spec.name})
    if not spec.scoped and not spec.within:
        return [*said, _("This kind of record has no data scope: everybody with the right sees all of them.")]
    for name in spec.within or (spec.name,):
        said.append(_("Widest data scope: %(scope)s.") % {"scope": dict(SCOPES)[ctx.rights.scope(name)]})
    visible = spec.model._default_manager.filter(predicate(ctx, spec), pk=record.pk).exists()
    if Share.objects.filter(resource=spec.name, record_id=record.pk).exists():
        said.append(_("The record is shared by hand with somebody."))
    said.append(_("So the record is shown.") if visible else _("The record is outside the scope, so it is not shown."))
    return said
