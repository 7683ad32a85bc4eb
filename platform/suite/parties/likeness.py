"""Who may be the party being entered: looked for by what an index finds, told only within the caller's scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from kontor.access.scope import predicate
from kontor.configuration.api import company
from kontor.context import Context
from kontor.resources import registry
from kontor.surfaces import search
from kontor.values.sorting import sort_key
from suite.parties import names, rules
from suite.parties.models import Customer, Identifier, Party, Relation, Supplier

ROLES = ("parties.customer", "parties.supplier")
_RANK = ("tax_number", "email", "phone", "name", "domain", "name_like")
_MOST = 40  # candidates of one kind; more than that say nothing


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the party being entered; ``but`` is itself where it is stored already."""

    name: str = ""
    phone: str = ""
    tax_number: str = ""
    email: str = ""
    country: str = ""
    but: UUID | None = None


@dataclass(frozen=True, slots=True)
class Like:
    """A party in its first role that the caller sees."""

    resource: str
    id: UUID
    name: str
    code: str
    reasons: tuple[str, ...]


def look(ctx: Context, asked: Asked, *, first: str = ROLES[0], limit: int = 8) -> list[Like]:
    """Customers and suppliers in scope that look alike; ``first`` is the role named where a party has both."""
    seen = [spec for spec in map(registry.spec, ROLES) if ctx.rights.can(spec.name, "view")]
    if not seen:
        return []
    reasons: dict[UUID, set[str]] = {}
    parties = Party.objects.filter(
        Q(*(Q(pk__in=s.model._default_manager.filter(predicate(ctx, s)).values("pk")) for s in seen), _connector=Q.OR)
    )
    for reason, found in _found(ctx, asked, parties).items():
        for pk in found:
            if pk != asked.but:
                reasons.setdefault(pk, set()).add(reason)
    codes = _codes(ctx, reasons, first)
    called = dict(Party.objects.filter(pk__in=list(codes)).values_list("pk", "name"))
    out = [
        Like(resource, pk, called[pk], code, tuple(r for r in _RANK if r in reasons[pk]))
        for pk, (resource, code) in codes.items()
    ]
    out.sort(key=lambda like: ([_RANK.index(r) for r in like.reasons], like.name, like.code))
    return out[:limit]


def _found(ctx: Context, asked: Asked, parties: Any) -> dict[str, set[UUID]]:
    home = asked.country or company(ctx).country.upper()
    out: dict[str, set[UUID]] = {}
    if number := asked.tax_number.strip():
        out["tax_number"] = _ids(parties.filter(tax_number__in={number, rules.tax_number(number, home)[0]}))
    key = rules.phone_key(asked.phone, home)
    if len(key) >= 6:
        out["phone"] = (
            _ids(parties.filter(phone_key=key))
            | _ids(parties.filter(pk__in=Identifier.objects.filter(key=key).values("party_id")))
            | _ids(parties.filter(pk__in=_employers(person__phone_key=key)))
        )
    out |= _by_mail(ctx, asked.email.strip().casefold(), parties)
    bare = names.bare(asked.name)
    if names.enough(bare):
        out |= _by_name(ctx, bare, parties)
    return out


def _by_mail(ctx: Context, address: str, parties: Any) -> dict[str, set[UUID]]:
    """The same address, and another at the firm's own domain; the search index has the words of both."""
    own = names.domain(address) if "@" in address else ""
    if "@" not in address:
        return {}
    hits = search.find(ctx, own or address, _MOST, [*ROLES, "parties.contact"])
    people = [hit.id for hit in hits if hit.resource == "parties.contact"]
    firms = {hit.id for hit in hits if hit.resource != "parties.contact"}
    addresses: dict[UUID, set[str]] = {}
    for pk, email, site in parties.filter(pk__in=firms).values_list("pk", "email", "website"):
        addresses[pk] = {email.casefold(), site.casefold()}
    at = Relation.objects.filter(pk__in=people).values_list("organisation_id", "person__email")
    for pk, email in at:
        if pk is not None:
            addresses.setdefault(pk, set()).add(email.casefold())
    visible = _ids(parties.filter(pk__in=list(addresses)))
    return {
        "email": {pk for pk in visible if address in addresses[pk]},
        "domain": {pk for pk in visible if own and any(names.domain(a) == own for a in addresses[pk])},
    }


def _by_name(ctx: Context, bare: str, parties: Any) -> dict[str, set[UUID]]:
    """By the beginning of the sort key, which is the same for both scripts, and by the words of the search."""
    key = sort_key(bare)
    within = parties.filter(sort_key__gte=key, sort_key__lt=key + "\U0010ffff").order_by("sort_key")
    hits = {hit.id for hit in search.find(ctx, bare, _MOST, ROLES)}
    rows = [
        *within.values_list("pk", "name", "other_names")[:_MOST],
        *parties.filter(pk__in=hits).values_list("pk", "name", "other_names"),
    ]
    same: set[UUID] = set()
    like: set[UUID] = set()
    for pk, name, others in rows:
        known = [names.bare(n) for n in (name, *(others or {}).values())]
        if bare in known:
            same.add(pk)
        elif any(names.enough(k) and (k.startswith(bare) or bare.startswith(k)) for k in known):
            like.add(pk)
    return {"name": same, "name_like": like - same}


def _employers(**person: Any) -> Any:
    rows = Relation.objects.filter(kind=Relation.Kind.CONTACT, organisation__isnull=False, **person)
    return rows.values("organisation_id")


def _ids(rows: Any) -> set[UUID]:
    return set(rows.values_list("pk", flat=True)[:_MOST])


def _codes(ctx: Context, ids: Iterable[UUID], first: str) -> dict[UUID, tuple[str, str]]:
    """Resource and code of each party by a role that the caller sees."""
    out: dict[UUID, tuple[str, str]] = {}
    wanted = list(ids)
    models: dict[str, Any] = {"parties.customer": Customer, "parties.supplier": Supplier}
    for resource in sorted(models, key=lambda name: name == first):  # the one asked for is written last and stays
        if wanted and ctx.rights.can(resource, "view"):
            rows = models[resource].objects.filter(predicate(ctx, registry.spec(resource)), pk__in=wanted)
            out |= {pk: (resource, code) for pk, code in rows.values_list("pk", "code")}
    return out
