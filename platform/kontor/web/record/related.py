"""Smart counts: how many rows of other resources belong to this record; each opens the list it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from kontor.documents.models import Conversion
from kontor.resources import registry
from kontor.resources.layout import Related
from kontor.resources.spec import Spec
from kontor.surfaces.plans import related_model
from kontor.surfaces.query import CAP, Ask, matching_rows
from kontor.values.wording import capital
from kontor.web.record.reading import Seen


@dataclass(frozen=True, slots=True)
class Smart:
    """A count with the list behind it."""

    label: str
    icon: str
    count: str
    href: str
    make: str = ""


def related_of(seen: Seen, parts: list[Related]) -> list[Smart]:
    """Counts in the reader's scope; one query each."""
    pairs: dict[str, str] = {}
    for part in parts:
        for name in part.resources.split():
            pairs.setdefault(name, "")
    for name, by in registry.related(seen.spec.name):
        pairs[name] = by
    out = []
    for name, by in pairs.items():
        spec = registry.find(name)
        if spec is None or not seen.ctx.rights.can(name, "view"):
            continue
        filters = _filters(seen, spec, by)
        if filters is not None:
            out.append(_count(seen, spec, filters))
    return out


def _filters(seen: Seen, spec: Spec, by: str) -> dict[str, Any] | None:
    """The filter of the other list: as declared, by a reference to this record, or by conversion links."""
    if by:
        return {by: str(seen.id)}
    for f in spec.fields.values():
        if f.kind == "reference" and f.relation == seen.spec.name and not f.is_computed:
            return {f.name: str(seen.id)}
    shared = _shared(seen, spec)
    if shared:
        return shared
    if "id" not in spec.fields:
        return None
    ids = _converted(seen, spec.name)
    return {"id__in": ",".join(ids)} if ids else {"id__in": "00000000-0000-0000-0000-000000000000"}


def _shared(seen: Seen, spec: Spec) -> dict[str, Any] | None:
    """By what the record is a role of: the contacts of a customer belong to its party."""
    for relation in seen.spec.flat:
        target = related_model(seen.spec.model, relation)
        for f in spec.fields.values():
            known = registry.find(f.relation) if f.kind == "reference" else None
            if known is not None and known.model is target and not f.is_computed:
                rows = seen.spec.model._default_manager.filter(pk=seen.id)
                return {f.name: str(rows.values_list(f"{relation}_id", flat=True).get())}
    return None


def _converted(seen: Seen, resource: str) -> list[str]:
    """Documents of a kind linked with this one directly, in either direction."""
    made = Conversion.objects.filter(source_id=seen.id, target_resource=resource).values_list("target_id", flat=True)
    came = Conversion.objects.filter(target_id=seen.id, source_resource=resource).values_list("source_id", flat=True)
    return sorted({str(pk) for pk in [*made.distinct(), *came.distinct()]})


def _count(seen: Seen, spec: Spec, filters: dict[str, Any]) -> Smart:
    n = matching_rows(seen.ctx, spec, Ask(filters=filters)).order_by().values("pk")[: CAP + 1].count()
    text = f"{CAP}+" if n > CAP else str(n)
    return Smart(capital(spec.label_plural), spec.icon, text, f"/{spec.path}/?{urlencode(filters)}")
