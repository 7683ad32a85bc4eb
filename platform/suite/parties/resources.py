"""Customers, suppliers, contacts and payment terms as people see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Board, Facts, Lines, Related, Row, Tab, Timeline
from kontor.resources.registry import register
from suite.parties.models import Customer, Party, Relation, Supplier

_PARTY = "name kind other_names language country tax_number phone email website birthday notes"
_LINES = {
    "addresses": Rows(
        "parties.Address",
        "party",
        "kind name country region city postal_code street contact phone",
        _("Addresses"),
        shared=True,
    ),
    "contacts": Rows(
        "parties.Relation",
        "organisation",
        "name title role phone email is_main",
        _("Contacts"),
        flat={"person": "name phone email birthday"},
        hidden="person kind version created_at updated_at owner branch custom",
        where={"kind": "contact"},
        shared=True,
    ),
    "identifiers": Rows("parties.Identifier", "party", "kind value", _("Other numbers"), hidden="key", shared=True),
}
_SEARCH = {
    "code": "A",
    "party__name": "A",
    "party__other_names": "A",
    "party__tax_number": "A",
    "party__phone": "B",
    "party__email": "C",
    "party__website": "D",
}
_ADDRESSES = Lines("addresses", "kind name country region city postal_code street contact phone")
_CONTACTS = Lines("contacts", "name title role phone email is_main")
_IDENTIFIERS = Lines("identifiers", "kind value")


@register
class PartyResource(Resource):
    """The register itself: receipts, vouchers and contacts refer to it by any role's code."""

    model = Party
    path = "parties/parties"
    label, label_plural, icon = _("Party"), _("Parties"), "users"
    columns = "name kind country tax_number phone email"
    detail = [Facts("name kind country language tax_number phone email website notes"), Timeline()]
    filters = "kind country"
    search = {"name": "A", "tax_number": "A", "phone": "B", "email": "C"}
    search_as = within = "parties.customer parties.supplier"
    phone = "name phone country kind"
    order = "name"
    hidden = "phone_key"
    creatable = editable = deletable = False
    roles = {"accountant": "view", "purchasing": "view"}

    @classmethod
    def resolve(cls, values: list[str]) -> Mapping[str, Any]:
        """A party by its code as customer or supplier."""
        found: dict[str, set[Any]] = {}
        for model in (Customer, Supplier):
            for code, pk in model.objects.filter(code__in=values).values_list("code", "pk"):
                found.setdefault(code, set()).add(pk)
        return {code: next(iter(pks)) if len(pks) == 1 else None for code, pks in found.items()}


_WHO = (Row("name code kind"), Row("tax_number country language"), Row("phone email website"))
_AROUND = (_CONTACTS, _ADDRESSES, _IDENTIFIERS, Row("notes"))
_BELOW = (Tab(_("Contacts"), (_CONTACTS, _ADDRESSES, _IDENTIFIERS)), Related("parties.contact"), Timeline())


class RoleResource(Resource):
    """What customers and suppliers have in common: a party with its lines, named by its name."""

    search = _SEARCH
    title = "name"
    mark = "grade"
    flat = {"party": _PARTY}
    rows = _LINES
    relations = {"payment_term": "parties.payment_term"}


@register
class CustomerResource(RoleResource):
    model = Customer
    menu = "parties"
    label, label_plural, icon = _("Customer"), _("Customers"), "users"
    columns = "code name grade life_stage phone tax_number owner region"
    form = [
        *_WHO,
        Row("owner branch region source"),
        Row("grade price_grade life_stage tags"),
        Row("currency payment_term credit_limit tax_class on_hold", _("Terms")),
        *_AROUND,
    ]
    detail = [
        Facts("name tax_number phone email owner grade life_stage payment_term currency credit_limit on_hold region"),
        *_BELOW,
    ]
    filters = "grade life_stage owner region source on_hold currency payment_term tax_class country kind"
    phone = "name grade phone life_stage"
    imports = (
        "code name kind tax_number country language phone email website birthday notes owner__number grade price_grade "
        "life_stage currency payment_term__code credit_limit tax_class on_hold source region tags "
        "contacts addresses identifiers"
    )
    board = Board(by="life_stage", card="name grade owner phone")
    guards = {"credit": "credit_limit"}
    roles = {
        "sales_lead": "* delete",
        "sales": "view create edit export",
        "accountant": "view edit export",
        "warehouse": "view",
        "purchasing": "view",
    }
    scopes = {"accountant": "all", "warehouse": "all"}


@register
class SupplierResource(RoleResource):
    model = Supplier
    menu = "purchasing"
    label, label_plural, icon = _("Supplier"), _("Suppliers"), "truck"
    columns = "code name grade phone email tax_number currency owner"
    form = [
        *_WHO,
        Row("owner branch grade tags"),
        Row("currency payment_term tax_class lead_days on_hold", _("Terms")),
        *_AROUND,
    ]
    detail = [
        Facts("name tax_number phone email owner grade payment_term currency lead_days on_hold"),
        *_BELOW,
    ]
    filters = "grade owner on_hold currency payment_term country kind"
    phone = "name grade phone currency"
    imports = (
        "code name kind tax_number country language phone email website notes owner__number grade currency "
        "payment_term__code tax_class lead_days on_hold tags contacts addresses identifiers"
    )
    roles = {"purchasing": "* delete", "accountant": "view edit export", "warehouse": "view"}


@register
class ContactResource(Resource):
    model = Relation
    name = "parties.contact"
    where = {"kind": "contact"}
    menu = "parties"
    label, label_plural, icon = _("Contact"), _("Contacts"), "id"
    columns = "name organisation title role phone email is_main"
    form = [
        Row("name organisation"),
        Row("title role is_main"),
        Row("phone email birthday"),
        Row("language country"),
        Row("notes"),
    ]
    detail = [Facts("name organisation title role phone email birthday language owner notes"), Timeline()]
    filters = "organisation role is_main owner"
    search = {"person__name": "A", "person__phone": "B", "person__email": "B", "organisation__name": "C"}
    phone = "name organisation phone role"
    imports = "name organisation title role phone email birthday is_main"
    title = "name"
    hidden = "kind"
    readonly = "owner branch"
    flat = {"person": "name phone email birthday language country notes"}
    roles = {
        "sales_lead": "* delete",
        "sales": "view create edit export",
        "purchasing": "* delete",
        "accountant": "view",
        "warehouse": "view",
    }


@register
class PaymentTermResource(Resource):
    of = "fields.dictionary_item"
    name = "parties.payment_term"
    where = {"dictionary": "payment_term"}
    menu = "settings"
    label, label_plural, icon = _("Payment term"), _("Payment terms"), "calendar"
    columns = "code name payload is_active"
    form = [Row("code name"), Row("payload"), Row("position is_active")]
    detail = [Facts("code name payload is_active"), Timeline()]
    filters = "is_active"
    search = {"code": "A", "name": "A"}
    imports = "code name payload position is_active"
    hidden = "dictionary"
    title = "name"
    order = "position"
    roles = {
        "accountant": "* delete",
        "sales_lead": "view",
        "sales": "view",
        "purchasing": "view",
        "warehouse": "view",
    }
