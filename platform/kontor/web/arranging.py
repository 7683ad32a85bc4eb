"""How people set up lists and the workbench: their own wish, else that of their role."""

from __future__ import annotations

from typing import Any

from kontor.context import Context
from kontor.web.models import Arrangement
from kontor.web.signing import who

WORKBENCH = "workbench"


def list_place(resource: str) -> str:
    """The place of a resource's list."""
    return f"list:{resource}"


def arranged(ctx: Context, place: str) -> dict[str, Any]:
    """What holds for the user at this place: the own arrangement, else the first of the roles that has one."""
    key = ("arranged", place)
    found: dict[str, Any] | None = ctx.cache.get(key)
    if found is None:
        me, roles = str(who(ctx)), [f"role:{r.code}" for r in ctx.rights.roles]
        rows = dict(Arrangement.objects.filter(place=place, who__in=[me, *roles]).values_list("who", "value"))
        found = next((rows[name] for name in (me, *roles) if name in rows), {})
        ctx.cache[key] = found
    return found


def keep(ctx: Context, place: str, value: dict[str, Any], *, role: str = "") -> None:
    """Keep it for the user, or for everybody of a role; an empty value goes back to what was before."""
    name = f"role:{role}" if role else str(who(ctx))
    ctx.cache.pop(("arranged", place), None)
    if not value:
        Arrangement.objects.filter(place=place, who=name).delete()
        return
    Arrangement.objects.update_or_create(place=place, who=name, defaults={"value": value})
