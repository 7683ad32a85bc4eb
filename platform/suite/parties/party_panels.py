"""The people and addresses on the page of a customer or supplier, and what a type-ahead says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.configuration.api import company
from kontor.context import Context
from kontor.web.cards import CardRow
from kontor.web.picking import extra
from kontor.web.record.dossier import SIDE, Person, RecordCard, record_card
from suite.parties import rules
from suite.parties.models import Address, Customer, Supplier

_MOST = 6


@record_card("parties.customer", order=10, column=SIDE)
@record_card("parties.supplier", order=10, column=SIDE)
def people(ctx: Context, row: Mapping[str, Any]) -> RecordCard:
    """The contacts, the main one first; to call or to write to with one touch."""
    found = sorted(row.get("contacts", []), key=lambda c: (not c.get("is_main"), c.get("name") or ""))
    shown = tuple(
        Person(
            str(c.get("name") or ""), str(c.get("title") or ""),
            str(c.get("role") or (_("Main contact") if c.get("is_main") else "")), str(c.get("phone") or ""),
            str(c.get("email") or ""), f"/parties/contacts/{c['id']}/",
        ) for c in found[:_MOST]
    )  # fmt: skip
    href = f"/parties/contacts/?organisation={row['id']}" if len(found) > _MOST else ""
    return RecordCard(
        _("Contacts"),
        count=str(len(found) or ""),
        href=href,
        people=shown,
        empty=_("Nobody is known here yet; add contacts by Edit."),
    )


@record_card("parties.customer", order=30, column=SIDE)
@record_card("parties.supplier", order=30, column=SIDE)
def addresses(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """Where it is, is sent goods and invoices, written as on an envelope."""
    found = row.get("addresses", [])
    home, kinds = company(ctx).country.upper(), dict(Address.Kind.choices)
    shown = tuple(
        CardRow(
            ", ".join(_envelope(a, home, str(row.get("language") or ctx.language))) or str(a.get("name") or "–"),
            note=" · ".join(str(a[k]) for k in ("_kind", "name", "contact", "phone") if a.get(k)), icon="map-pin",
        ) for a in ({**a, "_kind": kinds.get(a.get("kind"), "")} for a in found[:_MOST])
    )  # fmt: skip
    return RecordCard(_("Addresses"), shown, count=str(len(found))) if shown else None


def _envelope(address: Mapping[str, Any], home: str, language: str) -> list[str]:
    filled = {k: str(address.get(k) or "") for k in ("country", "region", "city", "postal_code", "street")}
    return [str(line) for line in rules.address_lines(filled, home=home, language=language)]


@extra("parties.customer")
def customer_facts(ctx: Context, ids: Sequence[UUID], params: Mapping[str, str]) -> dict[UUID, dict[str, Any]]:
    """City, tax number, grade; a customer on hold says so. Two queries for all rows."""
    rows = Customer.objects.filter(pk__in=ids).values_list(
        "pk", "grade", "on_hold", "party__tax_number", "party__phone"
    )
    where = _cities(ids)
    return {
        pk: {
            "extra": " · ".join(x for x in (where.get(pk, ""), tax or phone) if x),
            "mark": grade,
            "warn": _("on hold") if on_hold else "",
        }
        for pk, grade, on_hold, tax, phone in rows
    }


@extra("parties.supplier")
def supplier_facts(ctx: Context, ids: Sequence[UUID], params: Mapping[str, str]) -> dict[UUID, dict[str, Any]]:
    """The same of suppliers."""
    rows = Supplier.objects.filter(pk__in=ids).values_list("pk", "grade", "on_hold", "party__tax_number")
    where = _cities(ids)
    return {
        pk: {
            "extra": " · ".join(x for x in (where.get(pk, ""), tax) if x),
            "mark": grade,
            "warn": _("on hold") if on_hold else "",
        }
        for pk, grade, on_hold, tax in rows
    }


def _cities(ids: Sequence[UUID]) -> dict[UUID, str]:
    """City or region of the first address of each party."""
    rows = Address.objects.filter(party_id__in=ids).order_by("-position").values_list("party_id", "city", "region")
    return {party_id: city or region for party_id, city, region in rows}
