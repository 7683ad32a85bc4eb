"""From an API key to its context in one statement: a list must not pay for six.

What the statement reads is what kontor.identity.api.context_for reads; a test compares the two. Rights
are compiled once for equal contents, so a change of roles counts from the next request on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils import timezone

from kontor.access.rights import Limit, Rights, RoleRights
from kontor.configuration.api import company
from kontor.context import Context
from kontor.identity.api import hash_key
from kontor.identity.models import User
from kontor.organization.api import Place, known_place

_TOUCH = dt.timedelta(minutes=1)
_SQL = """
SELECT u.id, u.username, u.name, u.language, u.employee_id, u.is_active, k.id, k.source, k.used_at, k.expires_at,
  k.read_only, k.resources::text,
  (SELECT coalesce(json_agg(json_build_array(r.code, r.scope,
      (SELECT json_agg(json_build_array(x.resource, x.verbs, x.scope) ORDER BY x.resource)
         FROM access_roleright x WHERE x.role_id = r.id),
      (SELECT json_agg(json_build_array(f.guard, f.visible) ORDER BY f.guard)
         FROM access_fieldright f WHERE f.role_id = r.id)) ORDER BY r.code), '[]')::text
     FROM access_rolegrant g JOIN access_role r ON r.id = g.role_id WHERE g.user_id = u.id),
  (SELECT coalesce(json_object_agg(s.name, s.value), '{}')::text FROM configuration_setting s),
  (SELECT json_build_array(d.path, d.branch_id)::text FROM organization_assignment a
     JOIN organization_department d ON d.id = a.department_id WHERE a.employee_id = u.employee_id AND a.is_main),
  (SELECT b.id FROM organization_branch b WHERE b.parent_id IS NULL ORDER BY b.created_at LIMIT 1)
FROM identity_apikey k JOIN identity_user u ON u.id = k.user_id
WHERE k.key_hash = %s AND k.revoked_at IS NULL
"""


def user_and_context(key: str, **changes: Any) -> tuple[User, Context, UUID] | None:
    """The user, the context and the key's id; None if the key opens nothing (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [hash_key(key)])
        row = cursor.fetchone()
    if row is None:
        return None
    user_id, username, name, language, employee_id, active, key_id, source, used_at, expires_at = row[:10]
    read_only, resources, rights, settings, place, root = row[10:]
    now = timezone.now()
    if not active or (expires_at and expires_at < now):
        return None
    if used_at is None or now - used_at > _TOUCH:
        _touch(key_id, now)
    user = User(id=user_id, username=username, name=name, language=language, employee_id=employee_id)
    user._state.adding = False
    user._state.db = "default"
    ctx = Context(
        user_id=user_id, user_name=name or username, rights=_rights(rights, read_only, resources), source=source
    )
    ctx.cache["settings"] = dict(_settings(settings))
    firm = company(ctx)
    path, branch = orjson.loads(place) if place else ("", None)
    here = Place(path, UUID(branch) if branch else root)
    known_place(ctx, employee_id, here)
    ctx.employee_id, ctx.department_path, ctx.branch_id = employee_id, here.path, here.branch_id
    ctx.language, ctx.zone, ctx.currency = language or firm.language, firm.zone, firm.currency
    for attribute, value in changes.items():
        setattr(ctx, attribute, value)
    return user, ctx, key_id


def _touch(key_id: UUID, now: dt.datetime) -> None:
    """Once a minute, and never waiting for another request with the same key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE identity_apikey SET used_at = %s WHERE id = "
            "(SELECT id FROM identity_apikey WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)",
            [now, key_id],
        )


@lru_cache(maxsize=512)
def _rights(text: str, read_only: bool, resources: str) -> Rights:
    roles, named = orjson.loads(text), frozenset(orjson.loads(resources))
    whole = Rights(
        roles=tuple(
            RoleRights(
                code,
                scope,
                {resource: (frozenset(verbs), own) for resource, verbs, own in changed or ()},
                dict(guards or ()),
            )
            for code, scope, changed, guards in roles
        ),
        everything=any(role[0] == "admin" for role in roles),
    )
    return whole.narrowed(Limit(read_only, named)) if read_only or named else whole


@lru_cache(maxsize=512)
def _settings(text: str) -> Mapping[str, Any]:
    found: dict[str, Any] = orjson.loads(text)
    return found
