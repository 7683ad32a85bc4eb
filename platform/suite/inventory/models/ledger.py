"""What has happened, and the sums of it that are kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor import clock
from kontor.database.instances import Stored
from kontor.documents.records import Record
from kontor.values.columns import AmountField, CurrencyField, IdField, QuantityField, Reference


class Move(Stored):
    """A quantity went from one location to another. Insert-only; ``reverses`` names what it undoes."""

    id = IdField()
    operation = Reference("inventory.Operation", verbose_name=_("operation"), db_index=True)
    planned = Reference("inventory.PlannedMove", verbose_name=_("line"), db_index=True)
    product = Reference("catalog.Product", verbose_name=_("product"))
    lot = Reference("inventory.Lot", verbose_name=_("lot"), null=True)
    owner_party = Reference("parties.Party", verbose_name=_("owner of the goods"), null=True)  # empty: ours
    from_location = Reference("inventory.Location", verbose_name=pgettext_lazy("location", "from"))
    to_location = Reference("inventory.Location", verbose_name=pgettext_lazy("location", "to"))
    quantity = QuantityField(_("quantity"), unit="product__unit__code")
    on = models.DateField(_("date"))
    reverses = Reference("self", verbose_name=_("reverses"), null=True)
    made_at = models.DateTimeField(_("entered"), default=clock.now)
    made_by = models.CharField(_("by"), max_length=120, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("stock move"), _("stock moves")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="inventory_move_quantity",
                violation_error_message=_("A move needs a quantity above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(from_location=F("to_location")),
                name="inventory_move_ends",
                violation_error_message=_("A move needs two different locations."),
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="inventory_move_reversed_once"
            ),
        ]
        indexes = [models.Index(fields=["product", "on"], name="inventory_move_product")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.on}"


class Balance(Record):
    """What stands where: (product, location, lot, owner of the goods) → on hand, reserved.

    ``internal`` and ``allow_negative`` are copied from the location and its warehouse, so that the
    database itself refuses to go below zero.
    """

    product = Reference("catalog.Product", verbose_name=_("product"))
    location = Reference("inventory.Location", verbose_name=_("location"))
    lot = Reference("inventory.Lot", verbose_name=_("lot"), null=True)
    owner_party = Reference("parties.Party", verbose_name=_("owner of the goods"), null=True)
    on_hand = QuantityField(_("on hand"), default=0, unit="product__unit__code")
    reserved = QuantityField(_("reserved"), default=0, unit="product__unit__code")
    internal = models.BooleanField(default=True)
    allow_negative = models.BooleanField(default=False)
    labels: ClassVar[dict[str, Any]] = {
        "internal": _("in our warehouse"),
        "allow_negative": _("may go below zero"),
    }

    class Meta:
        verbose_name, verbose_name_plural = _("balance by location"), _("balances by location")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "location", "lot", "owner_party"],
                nulls_distinct=False,
                name="inventory_balance_key",
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=0) | Q(allow_negative=True) | Q(internal=False),
                name="inventory_balance_not_negative",
                violation_error_message=_(
                    "There is not enough in stock for this, and the warehouse may not go below zero."
                ),
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=Greatest(F("on_hand"), 0))
                & (Q(internal=True) | Q(reserved=0)),
                name="inventory_balance_reserved",
                violation_error_message=_("More would be reserved than is on hand."),
            ),
        ]
        indexes = [models.Index(fields=["location"], name="inventory_balance_location")]

    def __str__(self) -> str:
        return f"{self.on_hand}"


class StockLevel(Record):
    """The balance of a product in a warehouse, over all its locations and lots, with its value.

    Kept by the transaction that writes the moves, last in the lock order. Goods of others count in
    no column. The value is the warehouse's share of what the cost group is worth.
    """

    product = Reference("catalog.Product", verbose_name=_("product"))
    warehouse = Reference("inventory.Warehouse", verbose_name=_("warehouse"))
    on_hand = QuantityField(_("on hand"), default=0, unit="product__unit__code")
    usable = QuantityField(_("usable"), default=0, unit="product__unit__code")
    valued = QuantityField(_("on the balance sheet"), default=0, unit="product__unit__code")
    reserved = QuantityField(_("reserved"), default=0, unit="product__unit__code")
    value = AmountField(pgettext_lazy("stock", "value"), default=0)
    currency = CurrencyField(_("currency"))

    class Meta:
        verbose_name, verbose_name_plural = _("balance"), _("balances")
        constraints = [models.UniqueConstraint(fields=["product", "warehouse"], name="inventory_stocklevel_key")]
        indexes = [
            models.Index(fields=["warehouse", "product"], name="inventory_stocklevel_place"),
            models.Index(fields=["updated_at"], name="inventory_stocklevel_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand}"
