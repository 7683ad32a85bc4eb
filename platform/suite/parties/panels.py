"""What the register hangs on forms and imports: look-alikes of the party being entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kontor.access.scope import predicate
from kontor.configuration.api import company
from kontor.context import Context
from kontor.resources.spec import Spec
from kontor.surfaces.lookalikes import Lookalike, lookalikes
from kontor.values.sorting import sort_key
from suite.parties import (
    names,
    party_panels,  # noqa: F401 - what it hangs on the pages of customers and suppliers
    rules,
)
from suite.parties.likeness import Asked, look
from suite.parties.models import Relation

WORDS: dict[str, Any] = {
    "tax_number": _("same tax number"),
    "phone": _("same phone"),
    "email": _("same email"),
    "domain": _("same mail domain"),
    "name": _("same name"),
    "name_like": _("similar name"),
}
_MOST = 8


@lookalikes("parties.customer", fields="name phone tax_number email country")
@lookalikes("parties.supplier", fields="name phone tax_number email country")
def _parties(ctx: Context, spec: Spec, values: Mapping[str, str], but: UUID | None) -> list[Lookalike]:
    country = rules.country_code(values.get("country", "")) or ""
    asked = Asked(**{n: values.get(n, "") for n in ("name", "phone", "tax_number", "email")}, country=country, but=but)
    return [
        Lookalike(like.resource, like.id, like.name, like.code, tuple(WORDS[r] for r in like.reasons))
        for like in look(ctx, asked, first=spec.name, limit=_MOST)
    ]


@lookalikes("parties.contact", fields="name phone email country")
def _contacts(ctx: Context, spec: Spec, values: Mapping[str, str], but: UUID | None) -> list[Lookalike]:
    """Contacts in scope with the same telephone, or of the same name."""
    home = rules.country_code(values.get("country", "")) or company(ctx).country.upper()
    rows = Relation.objects.filter(predicate(ctx, spec)).order_by("pk")
    if but is not None:
        rows = rows.exclude(pk=but)
    found: dict[UUID, list[Any]] = {}
    wanted: list[tuple[str, dict[str, str]]] = []
    if len(key := rules.phone_key(values.get("phone", ""), home)) >= 6:
        wanted.append(("phone", {"person__phone_key": key}))
    if name := values.get("name", ""):
        wanted.append(("name", {"person__sort_key": sort_key(name)}))
    shown: dict[UUID, tuple[str, str]] = {}
    for reason, condition in wanted:
        columns = ("pk", "person__name", "organisation__name")
        for pk, called, firm in rows.filter(**condition).values_list(*columns)[:_MOST]:
            if reason != "name" or names.bare(called) == names.bare(name):
                found.setdefault(pk, []).append(WORDS[reason])
                shown[pk] = called, firm or ""
    return [Lookalike(spec.name, pk, *shown[pk], tuple(said)) for pk, said in found.items()][:_MOST]
