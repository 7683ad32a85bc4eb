"""External references: what other systems call our records, unique per resource and source."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.drafting import Work
from kontor.documents.models import ExternalRef
from kontor.errors import Refused
from kontor.resources.spec import Spec


def refuse_known(ctx: Context, spec: Spec, works: list[Work]) -> None:
    for source, refs in _by_source(ctx, works).items():
        taken = (
            ExternalRef.objects.filter(resource=spec.name, source=source, ref__in=list(refs))
            .exclude(record_id__in=[w.draft.record.pk for w in works])
            .first()
        )
        if taken:
            raise Refused(
                _("A record with this external reference already exists."),
                code="already_exists",
                id=str(taken.record_id),
                external_ref=taken.ref,
            )


def remember(ctx: Context, spec: Spec, works: list[Work]) -> None:
    ExternalRef.objects.bulk_create(
        [
            ExternalRef(
                resource=spec.name, source=w.external[0] or ctx.source, ref=w.external[1], record_id=w.draft.record.pk
            )
            for w in works
            if w.external
        ],
        ignore_conflicts=any(w.draft.before for w in works),
    )


def _by_source(ctx: Context, works: list[Work]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for w in works:
        if w.external:
            out.setdefault(w.external[0] or ctx.source, set()).add(w.external[1])
    return out
