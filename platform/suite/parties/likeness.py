"""Who may be the party being entered: looked for by what an index finds, told only within the caller's scope.

The scope is asked of the few candidates, not put into the search for them: among a million parties
that would be a look at all roles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

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
_HITS = 40  # of the search, which keeps the scope itself
_MOST = 200  # candidates of one kind before the scope is asked


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
    if not any(ctx.rights.can(name, "view") for name in ROLES):
        return []
    reasons: dict[UUID, set[str]] = {}
    for reason, found in _found(ctx, asked).items():
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


def _found(ctx: Context, asked: Asked) -> dict[str, set[UUID]]:
    home = asked.country or company(ctx).country.upper()
    parties = Party.objects.all()  # seen or not: _codes() leaves what is in scope
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
    out |= _by_mail(ctx, asked.email.strip().casefold())
    bare = names.bare(asked.name)
    if names.enough(bare):
        out |= _by_name(ctx, bare)
    return out


def _by_mail(ctx: Context, address: str) -> dict[str, set[UUID]]:
    """The same address, and another at the firm's own domain; the search index has the words of both."""
    own = names.domain(address) if "@" in address else ""
    if "@" not in address:
        return {}
    hits = search.find(ctx, own or address, _HITS, [*ROLES, "parties.contact"])
    people = [hit.id for hit in hits if hit.resource == "parties.contact"]
    firms = {hit.id for hit in hits if hit.resource != "parties.contact"}
    addresses: dict[UUID, set[str]] = {}
    for pk, email, site in Party.objects.filter(pk__in=firms).values_list("pk", "email", "website"):
        addresses[pk] = {email.casefold(), site.casefold()}
    at = Relation.objects.filter(pk__in=people).values_list("organisation_id", "person__email")
    for pk, email in at:
        if pk is not None:
            addresses.setdefault(pk, set()).add(email.casefold())
    return {
        "email": {pk for pk, known in addresses.items() if address in known},
        "domain": {pk for pk, known in addresses.items() if own and any(names.domain(a) == own for a in known)},
    }


def _by_name(ctx: Context, bare: str) -> dict[str, set[UUID]]:
    """By the beginning of the sort key, which is the same for both scripts, and by the words of the search."""
    key = sort_key(bare)
    within = Party.objects.filter(sort_key__gte=key, sort_key__lt=key + "\U0010ffff").order_by("sort_key")
    hits = {hit.id for hit in search.find(ctx, bare, _HITS, ROLES)}
    rows = [
        *within.values_list("pk", "name", "other_names")[:_MOST],
        *Party.objects.filter(pk__in=hits).values_list("pk", "name", "other_names"),
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
