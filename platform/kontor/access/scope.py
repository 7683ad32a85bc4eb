"""The data scope as a predicate in the query, and the sentence that explains it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.utils.translation import gettext as _

from kontor.access.models import Share
from kontor.access.roles import ALL, BELOW, BRANCH, DEPARTMENT, SCOPES
from kontor.context import Context
from kontor.database.lookups import AnyOf
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.values.wording import listed


@dataclass(frozen=True, slots=True)
class Sight:
    """All that decides which rows of a resource a user may see: equal sights see the same rows."""

    hidden: tuple[str, ...] = ()  # the missing rights to guarded rows
    scope: str = ALL
    employee_id: Any = None
    department_path: str = ""
    branch_id: Any = None
    within: tuple[tuple[str, Sight], ...] | None = None  # seen as one of these; None: needs not be


def predicate(ctx: Context, spec: Spec) -> Q:
    """The rows of the resource that the user may see: in scope or shared, a face's own, none behind a field right."""
    return rows_seen(spec, sight(ctx, spec))


def sight(ctx: Context, spec: Spec) -> Sight:
    """What the user may see of the resource."""
    hidden = tuple(right for right in spec.guarded_rows if not ctx.rights.sees(right))
    if spec.within:
        return Sight(hidden, within=_within(ctx, spec))
    scope = ctx.rights.scope(spec.name) if spec.scoped else ALL
    if scope == ALL:
        return Sight(hidden)
    branch = ctx.branch_id if scope == BRANCH else None
    return Sight(hidden, scope, ctx.employee_id, ctx.department_path, branch)


def rows_seen(spec: Spec, seen: Sight) -> Q:
    """The rows of that sight. It asks nothing else, so that what is made of it may be kept for equal sights."""
    rows = Q(**spec.where) if spec.where else Q()
    for right in seen.hidden:
        rows &= ~Q(**spec.guarded_rows[right])
    if seen.within is not None:
        found = Q(pk__in=[])
        for name, inner in seen.within:
            other = registry.spec(name)
            found |= Q(pk__in=other.model._default_manager.filter(rows_seen(other, inner)).values("pk"))
        return rows & found
    if seen.scope == ALL:
        return rows
    if seen.employee_id is None:
        return rows & Q(pk__in=[])
    mine, path = Q(owner_id=seen.employee_id), seen.department_path
    if seen.scope == DEPARTMENT and path:
        mine |= Q(department_path=path)
    elif seen.scope == BELOW and path:
        mine |= Q(department_path__startswith=path)
    elif seen.scope == BRANCH and seen.branch_id:
        mine |= Q(branch_id=seen.branch_id)
    departments = [p for p in path.strip("/").split("/") if p]
    shared = Share.objects.filter(
        Q(employee_id=seen.employee_id) | Q(department__code__in=departments), resource=spec.name
    ).values("record_id")
    return rows & (mine | Q(AnyOf(F("pk"), ArraySubquery(shared))))


def reachable(ctx: Context, spec: Spec) -> Q:
    """The rows that the user may refer to: those in scope, whether or not a list of them may be opened.

    What has no data scope (products, terms, warehouses) is open to whoever may write the referring record.
    """
    if not spec.scoped or ctx.rights.can(spec.name, "view"):
        return predicate(ctx, spec)
    return Q(pk__in=[])


def _within(ctx: Context, spec: Spec) -> tuple[tuple[str, Sight], ...] | None:
    """Seen as one of the other resources; no condition where all of those are seen whole."""
    others = [registry.spec(name) for name in spec.within]
    seen = [s for s in others if ctx.rights.can(s.name, "view")]
    if len(seen) == len(others) and all(not s.scoped or ctx.rights.scope(s.name) == ALL for s in seen):
        return None
    return tuple((s.name, sight(ctx, s)) for s in seen)


def explain(ctx: Context, spec: Spec, pk: Any) -> list[str]:
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
    visible = spec.model._default_manager.filter(predicate(ctx, spec), pk=pk).exists()
    if Share.objects.filter(resource=spec.name, record_id=pk).exists():
        said.append(_("The record is shared by hand with somebody."))
    said.append(_("So the record is shown.") if visible else _("The record is outside the scope, so it is not shown."))
    return said
