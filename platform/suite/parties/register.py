"""What every write to the register passes: identity of role and party, normal forms, scope of contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from kontor.configuration.api import company
from kontor.context import Context
from kontor.documents.models import StatusChange
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid
from kontor.resources import registry
from kontor.surfaces import dependents, search
from kontor.values.sorting import sort_key
from suite.parties import rules
from suite.parties.models.party import Party, Relation
from suite.parties.models.roles import Customer, Supplier

PARTY_FIELDS = frozenset({"name", "other_names", "tax_number", "phone", "email", "website"})
_OTHER = {"customer": "parties.supplier", "supplier": "parties.customer"}
_TRACKED = ("grade", "life_stage")  # kept in the history of states


def settle_roles(ctx: Context, model: Any, drafts: list[Draft]) -> None:
    """Fill and check customers or suppliers with all their lines; raises Invalid with every fault."""
    home = company(ctx).country.upper()
    errors: list[FieldError] = []
    _refuse_double(model, drafts, errors)
    _load_parties([d.record for d in drafts if d.is_new])
    for d in drafts:
        r = d.record
        if d.is_new:
            r.id = r.party_id
        r.currency = r.currency or ctx.currency
        touched = "party" in r._state.fields_cache
        if touched:
            errors += _prepare(r.party, d.given, d.at, home)
        base = (r.party.country if touched else "") or home
        errors += _places(d, base)
        errors += _people(d, base)
    if errors:
        raise Invalid(errors)


def settle_contacts(ctx: Context, drafts: list[Draft]) -> None:
    """Contacts written by themselves: their person, and owner and department of the organisation's role."""
    home = company(ctx).country.upper()
    errors: list[FieldError] = []
    roles = _roles_of({d.record.organisation_id for d in drafts if d.record.organisation_id})
    for d in drafts:
        r = d.record
        if "person" in r._state.fields_cache:
            if d.is_new and "person" not in d.given:
                r.person.kind = Party.Kind.PERSON
            errors += _prepare(r.person, d.given, d.at, home)
        if r.person_id == r.organisation_id:
            errors.append(FieldError(f"{d.at}/person", "invalid", _("A party cannot be its own contact.")))
        role = roles.get(r.organisation_id) if r.organisation_id else None
        if role is not None:
            r.owner_id, r.branch_id, r.department_path = role
    if errors:
        raise Invalid(errors)


def _refuse_double(model: Any, drafts: list[Draft], errors: list[FieldError]) -> None:
    wanted = {d.record.party_id: d for d in drafts if d.is_new and "party" in d.given and d.record.party_id}
    if not wanted:
        return
    for pk, code in model.objects.filter(pk__in=list(wanted)).values_list("pk", "code"):
        said = _("This party already is %(code)s; change that record instead.") % {"code": code}
        errors.append(FieldError(f"{wanted[pk].at}/party", "already_exists", said, {"id": str(pk)}))
    if errors:
        raise Invalid(errors)


def _load_parties(records: list[Any]) -> None:
    missing = [r for r in records if r.party_id and "party" not in r._state.fields_cache]
    found = Party.objects.in_bulk([r.party_id for r in missing]) if missing else {}
    for r in missing:
        r.party = found[r.party_id]


def _prepare(party: Party, given: Iterable[str], at: str, home: str) -> list[FieldError]:
    """Normal forms of a party's own values; ``home`` is the company's country."""
    errors: list[FieldError] = []
    errors += _country(party, at)
    country = party.country or home
    names = party.other_names
    if not isinstance(names, dict) or not all(isinstance(v, str) and len(v) <= 200 for v in names.values()):
        errors.append(FieldError(f"{at}/other_names", "invalid", _("Names by language are expected here.")))
    if party.tax_number and party.kind == Party.Kind.ORGANISATION and {"tax_number", "country", "kind"} & set(given):
        party.tax_number, what = rules.tax_number(party.tax_number, country)
        if what:
            said = _("“%(number)s” is not a valid number (%(what)s, %(country)s). Check the digits or the country.")
            facts = {"number": party.tax_number, "what": what, "country": country}
            errors.append(FieldError(f"{at}/tax_number", "invalid_tax_number", said % facts))
    party.sort_key = sort_key(party.name or "")
    party.phone_key = rules.phone_key(party.phone, country)
    return errors


def _country(holder: Any, at: str) -> list[FieldError]:
    if not holder.country:
        return []
    code = rules.country_code(holder.country)
    if code is None:
        said = _("“%(word)s” is not a country that Kontor knows; write its two letters, such as TW.")
        return [FieldError(f"{at}/country", "unknown_country", said % {"word": holder.country})]
    holder.country = code
    return []


def _places(d: Draft, country: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for i, line in enumerate(d.lines.get("addresses", [])):
        if "country" in d.lines_given.get(line.pk, ()):
            errors += _country(line, d.line_at.get(line.pk, f"{d.at}/addresses/{i}"))
    for line in d.lines.get("identifiers", []):
        if line.kind in ("phone", "fax"):
            line.key = rules.phone_key(line.value, country)
        else:
            line.key = line.value.strip().casefold()
    return errors


def _people(d: Draft, country: str) -> list[FieldError]:
    errors: list[FieldError] = []
    contacts = d.lines.get("contacts", [])
    for i, line in enumerate(contacts):
        line.owner_id, line.branch_id = d.record.owner_id, d.record.branch_id
        line.department_path = d.record.department_path
        if "person" in line._state.fields_cache:
            line.person.kind = Party.Kind.PERSON
            errors += _prepare(
                line.person, d.lines_given.get(line.pk, ()), d.line_at.get(line.pk, f"{d.at}/contacts/{i}"), country
            )
    if "contacts" in d.given and contacts and not any(c.is_main for c in contacts):
        contacts[0].is_main = True
    return errors


def _roles_of(organisations: set[UUID]) -> dict[UUID, tuple[Any, Any, str]]:
    out: dict[UUID, tuple[Any, Any, str]] = {}
    for model in (Supplier, Customer):  # the customer's owner wins where a party is both
        rows = model.objects.filter(pk__in=organisations)
        for pk, owner_id, branch_id, path in rows.values_list("pk", "owner_id", "branch_id", "department_path"):
            out[pk] = (owner_id, branch_id, path)
    return out


def remember_changes(ctx: Context, model: Any, drafts: list[Draft]) -> None:
    """History rows for grade and life stage where they changed."""
    rows = [
        StatusChange(
            resource=f"parties.{model._meta.model_name}",
            record_id=d.record.pk,
            field=name,
            old=d.before[name],
            new=getattr(d.record, name),
            user_id=ctx.user_id,
            user_name=ctx.user_name,
        )
        for d in drafts
        for name in _TRACKED
        if d.before and name in d.before and d.before[name] != getattr(d.record, name)
    ]
    if rows:
        StatusChange.objects.bulk_create(rows)


def index_others(ctx: Context, model: Any, drafts: list[Draft]) -> None:
    """Search entries of contacts that came as lines, and of the other role of a party that was changed here."""
    ids = [c.pk for d in drafts if "contacts" in d.given for c in d.lines.get("contacts", [])]
    if ids:
        search.index(registry.spec("parties.contact"), ids)
    changed = [d.record.pk for d in drafts if "party" in d.record._state.fields_cache and PARTY_FIELDS & d.given]
    other = registry.spec(_OTHER[model._meta.model_name])
    shared = list(other.model._default_manager.filter(pk__in=changed).values_list("pk", flat=True)) if changed else []
    if shared:
        search.index(other, shared)
        if any("name" in d.given for d in drafts):
            dependents.refresh(ctx, other.model, shared)


def forget_party(party_id: UUID) -> None:
    """Remove a party that plays no role any more, with its contacts, unless something refers to it."""
    if any(model.objects.filter(pk=party_id).exists() for model in (Customer, Supplier)):
        return
    mine = Relation.objects.filter(organisation_id=party_id)
    people = list(mine.values_list("person_id", flat=True))
    try:
        with transaction.atomic():
            mine.delete()
            Party.objects.filter(pk=party_id).delete()  # addresses and identifiers go with it
    except (ProtectedError, IntegrityError):
        return
    for person in people:
        try:
            with transaction.atomic():
                Party.objects.filter(pk=person, kind=Party.Kind.PERSON).delete()
        except (ProtectedError, IntegrityError):
            continue


def contacts_of(party_ids: Iterable[UUID]) -> dict[UUID, Relation]:
    """The main contact of each organisation, the first where none is marked."""
    rows = Relation.objects.filter(organisation_id__in=list(party_ids), kind=Relation.Kind.CONTACT)
    out: dict[UUID, Relation] = {}
    for row in rows.select_related("person").order_by("-is_main", "position", "created_at"):
        if row.organisation_id is not None:
            out.setdefault(row.organisation_id, row)
    return out
