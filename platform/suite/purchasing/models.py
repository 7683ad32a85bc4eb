"""Who supplies what, on which terms."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Draft, Record
from kontor.values.columns import CurrencyField, PriceField, QuantityField, Reference
from suite.parties import api as parties


class SupplierItem(Record):
    """A product as a supplier offers it; ``rank`` 1 is asked first. Quantities in the product's base unit."""

    product = Reference("catalog.Product", verbose_name=_("product"), db_index=True)
    supplier = Reference("parties.Supplier", verbose_name=_("supplier"))
    rank = models.PositiveSmallIntegerField(_("rank"), default=1)
    number = models.CharField(_("supplier's number"), max_length=60, blank=True)
    name = models.CharField(_("supplier's name for it"), max_length=200, blank=True)
    price = PriceField(_("price"), null=True, blank=True)
    currency = CurrencyField(_("currency"), blank=True)
    lead_days = models.PositiveIntegerField(_("lead time in days"), null=True, blank=True)
    minimum = QuantityField(_("minimum quantity"), default=0)
    multiple = QuantityField(_("in multiples of"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("supplier item"), _("supplier items")
        constraints = [
            models.UniqueConstraint(fields=["supplier", "product"], name="purchasing_supplieritem_unique"),
            models.CheckConstraint(
                condition=(Q(price=None) | Q(price__gte=0)) & Q(minimum__gte=0, multiple__gte=0),
                name="purchasing_supplieritem_amounts",
                violation_error_message=_("Prices and quantities cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.name

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Currency and lead time of the supplier where none is given."""
        wanting = [d for d in drafts if not d.record.currency or (d.is_new and d.record.lead_days is None)]
        known = parties.suppliers(ctx, [d.record.supplier_id for d in wanting])
        for d in wanting:
            supplier = known.get(d.record.supplier_id)
            if supplier is None:
                continue
            d.record.currency = d.record.currency or supplier.currency or ctx.currency
            if d.is_new and "lead_days" not in d.given:
                d.record.lead_days = supplier.lead_days
