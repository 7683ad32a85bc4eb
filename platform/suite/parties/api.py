"""What other modules may ask of the register: frozen facts by id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from kontor.configuration.api import company
from kontor.context import Context
from kontor.documents import gate
from kontor.fields import api as fields
from suite.parties import rules
from suite.parties.likeness import Asked, look
from suite.parties.models import Address, Customer, Party, Supplier
from suite.parties.register import contacts_of

_STAGES = [str(stage) for stage in Customer.Stage.values if stage != "lapsed"]


@dataclass(frozen=True, slots=True)
class PartyInfo:
    """A party whatever its roles; ``code`` is the customer's, else the supplier's."""

    id: UUID
    code: str
    name: str
    tax_number: str
    country: str
    language: str
    email: str


@dataclass(frozen=True, slots=True)
class CustomerInfo:
    """What a document needs to know of its customer; a ``credit_limit`` of None is no limit."""

    id: UUID
    code: str
    name: str
    currency: str
    payment_term_id: UUID | None
    price_grade: str
    tax_class: str
    credit_limit: Decimal | None
    on_hold: bool
    language: str
    owner_id: UUID | None
    country: str = ""
    life_stage: str = ""


@dataclass(frozen=True, slots=True)
class SupplierInfo:
    """What a purchase needs to know of its supplier."""

    id: UUID
    code: str
    name: str
    currency: str
    payment_term_id: UUID | None
    tax_class: str
    on_hold: bool
    language: str
    lead_days: int | None


@dataclass(frozen=True, slots=True)
class Similar:
    """A party that may be the one being entered, and why."""

    id: UUID
    name: str
    code: str
    reasons: tuple[str, ...]  # tax_number, phone, email, domain, name, name_like


def customers(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, CustomerInfo]:
    """The customers of these ids in one query, kept for the call; ids that are none are left out."""
    cache: dict[UUID, CustomerInfo] = ctx.cache.setdefault("parties.customers", {})
    wanted = set(ids)
    missing = wanted - cache.keys()
    if missing:
        for c in Customer.objects.filter(pk__in=missing).select_related("party"):
            cache[c.pk] = CustomerInfo(
                id=c.pk,
                code=c.code,
                name=c.party.name,
                currency=c.currency,
                payment_term_id=c.payment_term_id,
                price_grade=c.price_grade or c.grade,
                tax_class=c.tax_class,
                credit_limit=c.credit_limit,
                on_hold=c.on_hold,
                language=c.party.language,
                owner_id=c.owner_id,
                country=c.party.country,
                life_stage=c.life_stage,
            )
    return {pk: cache[pk] for pk in wanted if pk in cache}


def suppliers(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, SupplierInfo]:
    """The suppliers of these ids in one query."""
    rows = Supplier.objects.filter(pk__in=set(ids)).select_related("party")
    return {
        s.pk: SupplierInfo(
            s.pk,
            s.code,
            s.party.name,
            s.currency,
            s.payment_term_id,
            s.tax_class,
            s.on_hold,
            s.party.language,
            s.lead_days,
        )
        for s in rows
    }


def parties(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, PartyInfo]:
    """Parties of any role: statements, receipts and vouchers name them."""
    wanted = list(set(ids))
    codes = dict(Supplier.objects.filter(pk__in=wanted).values_list("pk", "code"))
    codes.update(Customer.objects.filter(pk__in=wanted).values_list("pk", "code"))
    return {
        p.pk: PartyInfo(p.pk, codes.get(p.pk, ""), p.name, p.tax_number, p.country, p.language, p.email)
        for p in Party.objects.filter(pk__in=wanted)
    }


def snapshot(ctx: Context, party_id: UUID, purpose: str = "main") -> dict[str, Any]:
    """What a document freezes of a party; ``purpose`` is main, delivery or invoice.

    The address of that kind, else the main one, else any; ``lines`` is the address for printing.
    """
    party, rows, contact = _whereabouts(ctx, [party_id])[party_id]
    rank = {purpose: 0, "main": 1}
    address = min(rows, key=lambda a: (rank.get(a.kind, 2), a.position), default=None)
    out: dict[str, Any] = {
        "name": (address.name if address else "") or party.name,
        "tax_number": party.tax_number,
        "contact": (address.contact if address else "") or (contact.person.name if contact else ""),
        "phone": (address.phone if address else "") or party.phone or (contact.person.phone if contact else ""),
        "email": party.email or (contact.person.email if contact else ""),
        "country": (address.country if address else "") or party.country,
        "region": "",
        "city": "",
        "postal_code": "",
        "street": "",
    }
    if address:
        out |= {name: getattr(address, name) for name in ("region", "city", "postal_code", "street")}
    home = company(ctx).country.upper()
    language = party.language or ctx.language
    out["lines"] = rules.address_lines(out, home=home, language=language)
    return out


def snapshots(ctx: Context, party_ids: Collection[UUID]) -> None:
    """Read at once what ``snapshot`` is going to be asked of these parties; three queries."""
    _whereabouts(ctx, party_ids)


def _whereabouts(ctx: Context, party_ids: Collection[UUID]) -> dict[UUID, tuple[Any, list[Any], Any]]:
    """Party, addresses and main contact, read once a call: an order freezes two purposes."""
    cache: dict[UUID, tuple[Any, list[Any], Any]] = ctx.cache.setdefault("parties.whereabouts", {})
    missing = set(party_ids) - cache.keys()
    if missing:
        addresses: dict[UUID, list[Any]] = {}
        for row in Address.objects.filter(party_id__in=missing).order_by("party_id", "position"):
            addresses.setdefault(row.party_id, []).append(row)
        contacts = contacts_of(missing)
        for party in Party.objects.filter(pk__in=missing):
            cache[party.pk] = (party, addresses.get(party.pk, []), contacts.get(party.pk))
    return cache


def due_on(ctx: Context, payment_term_id: UUID | None, date: dt.date) -> dt.date:
    """When an invoice of ``date`` is due; at once where no term is agreed."""
    return rules.due_date(date, _term(ctx, payment_term_id))


def deposit_share(ctx: Context, payment_term_id: UUID | None) -> Decimal:
    """The share to be paid in advance by the term, 0 to 1."""
    return Decimal(str(_term(ctx, payment_term_id).get("deposit") or 0))


def _term(ctx: Context, payment_term_id: UUID | None) -> dict[str, Any]:
    if payment_term_id is None:
        return {}
    cache: dict[UUID, dict[str, Any]] = ctx.cache.setdefault("parties.terms", {})
    if payment_term_id not in cache:
        item = fields.item(payment_term_id)
        cache[payment_term_id] = item.payload if item else {}
    return cache[payment_term_id]


def reach_stage(ctx: Context, customer_ids: Iterable[UUID], stage: str) -> None:
    """Move customers on to a life stage (a confirmed order makes a prospect a deal); never back."""
    before = [*_STAGES[: _STAGES.index(stage)], "lapsed"]
    found = Customer.objects.filter(pk__in=list(customer_ids), life_stage__in=before).values_list("pk", flat=True)
    for pk in list(found):
        gate.update(ctx.as_system(), "parties.customer", pk, {"life_stage": stage})


def similar(
    ctx: Context, name: str = "", phone: str = "", tax_number: str = "", *, email: str = "", limit: int = 8
) -> list[Similar]:
    """Customers and suppliers in the caller's scope that may be the same, the best reason first.

    The hint while somebody types a new one; ``reasons`` are tax_number, phone, email, domain, name
    (the same but for script and legal form) and name_like (one begins with the other).
    """
    asked = Asked(name=name, phone=phone, tax_number=tax_number, email=email)
    return [Similar(s.id, s.name, s.code, s.reasons) for s in look(ctx, asked, limit=limit)]
