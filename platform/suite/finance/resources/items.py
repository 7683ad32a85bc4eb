"""Open items and what settles them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.resources.declaration import Computed, Resource, Rows
from kontor.resources.layout import Facts, Lines, Related
from kontor.resources.registry import register, relate
from kontor.values.parsing import as_uuid
from suite.finance.models import Allocation, OpenItem


@register
class OpenItemResource(Resource):
    """What is owed and settled; written by the documents and by allocation."""

    model = OpenItem
    name = "finance.open_item"
    menu = "finance"
    label, label_plural, icon = _("Open item"), _("Open items"), "scale"
    columns = "number kind party opened_on due_on amount remaining currency side state"
    detail = [
        Facts("number kind party side opened_on due_on amount remaining currency rate book_amount book_remaining"),
        Lines("settlements", "cover amount discount write_off exchange allocated_on state undone_on"),
        Lines("covers", "invoice amount discount write_off exchange allocated_on state undone_on"),
        Related("finance.voucher"),
    ]
    rows = {
        "settlements": Rows(
            "finance.Allocation",
            "invoice",
            "cover amount discount write_off allocated_on state",
            _("Settled by"),
            readonly=True,
        ),
        "covers": Rows(
            "finance.Allocation",
            "cover",
            "invoice amount discount write_off allocated_on state",
            _("Settles"),
            readonly=True,
        ),
    }
    computed = {
        "state": Computed(
            "choice",
            _("state"),
            lambda ctx: Case(When(remaining=0, then=Value("settled")), default=Value("open")),
            choices=(("open", pgettext_lazy("open item", "Open")), ("settled", _("Settled"))),
        ),
    }
    hidden = "custom"
    filters = "party kind side ledger due_on opened_on currency source_resource owner state"
    search, search_by = {"number": "A", "party__name": "B"}, "party"
    phone = "party remaining number due_on"
    title, code, order = "number", "number", "due_on"
    creatable = editable = deletable = False
    roles = {"accountant": "view export", "sales_lead": "view export", "sales": "view"}

    @classmethod
    def resolve(cls, values: list[str]) -> Mapping[str, Any]:
        """An item by the id of its document, where that differs from its own."""
        ids = {v: as_uuid(v) for v in values}
        found: dict[UUID, set[Any]] = {}
        wanted = [u for u in ids.values() if u]
        if wanted:
            rows = OpenItem.objects.filter(source_id__in=wanted).exclude(kind=OpenItem.Kind.CANCELLATION)
            for source_id, pk in rows.values_list("source_id", "pk"):
                found.setdefault(source_id, set()).add(pk)
        return {v: next(iter(found[u])) if len(found[u]) == 1 else None for v, u in ids.items() if u in found}


@register
class AllocationResource(Resource):
    """Settlements, for lists and the API; made and undone on receipts and credit notes."""

    model = Allocation
    label, label_plural, icon = _("Allocation"), _("Allocations"), "arrows-join"
    columns = "invoice cover amount discount write_off exchange state allocated_on undone_on"
    filters = "invoice cover payment state allocated_on"
    phone = "invoice amount allocated_on state"
    title, order = "id", "-id"
    creatable = editable = deletable = False
    roles = {"accountant": "view export", "sales_lead": "view"}


relate("parties.customer", "finance.open_item", "party")
relate("finance.open_item", "finance.voucher", "source_id")  # it carries the id of its document
