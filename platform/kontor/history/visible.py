"""What hangs on a record is seen by those who see the record, and by nobody else."""

from __future__ import annotations

from uuid import UUID

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.errors import NotFound
from kontor.resources import registry
from kontor.resources.spec import Spec


def need_visible(ctx: Context, resource: str, record_id: UUID, verb: str = "view") -> Spec:
    """The spec of the resource; NotFound if the record is missing or out of scope, NotAllowed without the right."""
    spec = registry.spec(resource)
    ctx.rights.need(resource, "view")
    if verb != "view" and not ctx.rights.can(resource, verb) and not _acts(ctx, spec):
        ctx.rights.need(resource, verb)
    if not spec.model._default_manager.filter(predicate(ctx, spec), pk=record_id).exists():
        raise NotFound
    return spec


def names_of(spec: Spec) -> list[str]:
    """The names under which a record's history may stand: a face and the resource behind it."""
    return [spec.name, *([spec.face_of] if spec.face_of else [])]


def _acts(ctx: Context, spec: Spec) -> bool:
    """Who may act on a document may hang papers on it, also where nobody edits it."""
    return any(ctx.rights.can(spec.name, name) for name in spec.actions)
