"""What a user may: function rights, data scope, guarded fields; compiled once a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.access.models import FieldRight, RoleGrant, RoleRight
from kontor.access.roles import ALL, BUILT_IN, OWN, WIDTH
from kontor.errors import NotAllowed
from kontor.resources import registry
from kontor.resources.spec import Spec


@dataclass(frozen=True, slots=True)
class RoleRights:
    """One role of a user with what the company changed about it."""

    code: str
    scope: str
    verbs: Mapping[str, tuple[frozenset[str], str]] = field(default_factory=dict)  # resource → (verbs, scope)
    sees: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """What an API key leaves of its user's rights: reading alone, and the named resources alone (none: all)."""

    read_only: bool = False
    resources: frozenset[str] = frozenset()

    def lets(self, resource: str, verb: str) -> bool:
        """Whether the verb is left."""
        return (not self.read_only or verb in READING) and (not self.resources or resource in self.resources)


READING = frozenset({"view", "export"})


@dataclass(frozen=True, slots=True)
class Rights:
    """The sum of a user's roles; several add up, the widest scope wins. A key's ``limit`` leaves a part of them."""

    roles: tuple[RoleRights, ...] = ()
    everything: bool = False
    limit: Limit | None = None
    _verbs: dict[str, frozenset[str]] = field(default_factory=dict, compare=False)

    def verbs(self, resource: str) -> frozenset[str]:
        """All the user may do with the resource."""
        found = self._verbs.get(resource)
        if found is None:
            spec = registry.spec(resource)
            found = frozenset(v for role in self.roles for v in role_verbs(role, spec))
            if self.everything:
                found = frozenset(spec.verbs)
            if self.limit is not None:
                found = frozenset(v for v in found if self.limit.lets(resource, v))
            self._verbs[resource] = found
        return found

    def can(self, resource: str, verb: str) -> bool:
        """Whether the user has the function right."""
        return self.everything or verb in self.verbs(resource)

    def need(self, resource: str, verb: str) -> None:
        """Raise NotAllowed with the name of the right that is missing."""
        if not self.can(resource, verb):
            raise NotAllowed(
                _("You need the right “%(right)s”; an administrator can grant it.") % {"right": f"{resource}.{verb}"},
                right=f"{resource}.{verb}",
            )

    def scope(self, resource: str) -> str:
        """The widest data scope among the roles that may view the resource."""
        if self.everything:
            return ALL
        spec, widest = registry.spec(resource), OWN
        for role in self.roles:
            if "view" not in role_verbs(role, spec):
                continue
            own = role.verbs.get(resource, (frozenset(), ""))[1]
            scope = own or spec.scopes.get(role.code) or role.scope
            if WIDTH[scope] > WIDTH[widest]:
                widest = scope
        return widest

    def sees(self, guard: str) -> bool:
        """Whether fields under the guard are shown: any role that grants, unless none does."""
        if self.everything or not guard:
            return True
        for role in self.roles:
            default = role.code in BUILT_IN and guard in BUILT_IN[role.code].sees
            if role.sees.get(guard, default):
                return True
        return False

    def narrowed(self, limit: Limit) -> Rights:
        """The part that ``limit`` leaves; who had everything has what the role of the administrator has."""
        return Rights(self.roles, everything=False, limit=limit)


ALL_RIGHTS = Rights(everything=True)


def rights_of(user_id: UUID) -> Rights:
    """Compile the rights of a user from role grants and what the company changed; three queries."""
    grants = list(RoleGrant.objects.filter(user_id=user_id).values_list("role_id", "role__code", "role__scope"))
    ids = [row[0] for row in grants]
    changed: dict[Any, dict[str, tuple[frozenset[str], str]]] = {}
    for role_id, resource, verbs, scope in RoleRight.objects.filter(role_id__in=ids).values_list(
        "role_id", "resource", "verbs", "scope"
    ):
        changed.setdefault(role_id, {})[resource] = (frozenset(verbs), scope)
    seen: dict[Any, dict[str, bool]] = {}
    for role_id, guard, visible in FieldRight.objects.filter(role_id__in=ids).values_list(
        "role_id", "guard", "visible"
    ):
        seen.setdefault(role_id, {})[guard] = visible
    return Rights(
        roles=tuple(
            RoleRights(code, scope, changed.get(role_id, {}), seen.get(role_id, {})) for role_id, code, scope in grants
        ),
        everything=any(code == "admin" for _role_id, code, _scope in grants),
    )


def role_verbs(role: RoleRights, spec: Spec) -> frozenset[str]:
    """What one role may do with a resource: as the company changed it, else as declared."""
    changed = role.verbs.get(spec.name)
    if changed is not None:
        return changed[0]
    declared = set(spec.roles.get(role.code, "").split())
    everywhere = BUILT_IN[role.code].everywhere if role.code in BUILT_IN else frozenset()
    if "**" in everywhere:
        return frozenset(spec.verbs)
    if "*" in declared:
        declared |= {v for v in spec.verbs if v != "delete" and not (v in spec.actions and spec.actions[v].sensitive)}
    return frozenset((declared | everywhere) - {"*"})
