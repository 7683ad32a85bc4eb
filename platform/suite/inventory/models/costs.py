"""What goods cost: layers, entries, and the sum per product and cost group."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor import clock
from kontor.database.instances import Stored
from kontor.values.columns import AmountField, CurrencyField, IdField, PriceField, QuantityField, Reference


class ProductCost(Stored):
    """Quantity and value of a product in a cost group: the row that serialises its costing.

    No value may be left when nothing is left: the last piece takes the rest.
    """

    class Method(models.TextChoices):
        AVERAGE = "average", _("Moving average")
        FIFO = "fifo", _("First in, first out")
        STANDARD = "standard", _("Standard cost")
        SPECIFIC = "specific", _("Specific to the lot")

    id = IdField()
    product = Reference("catalog.Product", verbose_name=_("product"))
    cost_group = Reference("fields.DictionaryItem", verbose_name=_("cost group"), null=True)
    method = models.CharField(_("method"), max_length=10, choices=Method.choices)
    quantity = QuantityField(_("quantity"), default=0, unit="product__unit__code")
    value = AmountField(pgettext_lazy("stock", "value"), default=0)
    last_cost = PriceField(_("last unit cost"), default=0)
    standard = PriceField(_("standard cost"), null=True)
    layers = models.PositiveIntegerField(default=0)  # the number of the newest layer
    currency = CurrencyField(_("currency"))

    class Meta:
        verbose_name, verbose_name_plural = _("product cost"), _("product costs")
        constraints = [
            models.UniqueConstraint(
                fields=["product", "cost_group"], nulls_distinct=False, name="inventory_productcost_key"
            ),
            models.CheckConstraint(
                condition=~Q(quantity=0) | Q(value=0),
                name="inventory_productcost_no_rest",
                violation_error_message=_("Value would be left where nothing is in stock."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.value}"


class CostLayer(Stored):
    """What came in by one move and how much of it is left: provenance under every method.

    A layer below zero is a shortage: what left before it was there. It is settled by what comes next.
    """

    id = IdField()
    product_cost = Reference(ProductCost, verbose_name=_("product cost"))
    number = models.PositiveIntegerField(_("number"))  # order of entry within the product cost
    move = Reference("inventory.Move", verbose_name=_("move"), db_index=True)
    lot = Reference("inventory.Lot", verbose_name=_("lot"), null=True)
    party = Reference("parties.Party", verbose_name=_("from"), null=True)
    on = models.DateField(_("date"))
    quantity = QuantityField(_("quantity"))
    value = AmountField(pgettext_lazy("amount", "value"), currency="product_cost__currency")
    remaining = QuantityField(_("remaining"))
    remaining_value = AmountField(_("remaining value"), currency="product_cost__currency")

    class Meta:
        verbose_name, verbose_name_plural = _("cost layer"), _("cost layers")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, remaining__gte=0, remaining__lte=F("quantity"))
                | Q(quantity__lt=0, remaining__lte=0, remaining__gte=F("quantity")),
                name="inventory_costlayer_remaining",
            ),
            models.CheckConstraint(
                condition=~Q(remaining=0) | Q(remaining_value=0), name="inventory_costlayer_no_rest"
            ),
        ]
        indexes = [
            models.Index(
                fields=["product_cost", "on", "number"], condition=~Q(remaining=0), name="inventory_costlayer_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}"


class CostEntry(Stored):
    """A change of value: which move, which layer, how much, by which voucher. Insert-only."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", pgettext_lazy("cost entry", "Received")
        ISSUE = "issue", _("Issued")
        LEVEL = "level", _("Levelled")  # between layers of an average; sums to zero
        VARIANCE = "variance", _("Variance")
        REVALUE = "revalue", _("Revalued")  # by a new standard, without a move

    id = IdField()
    product_cost = Reference(ProductCost, verbose_name=_("product cost"))
    layer = Reference(CostLayer, verbose_name=_("layer"))
    move = Reference("inventory.Move", verbose_name=_("move"), null=True, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    quantity = QuantityField(_("quantity"))
    amount = AmountField(_("amount"), currency="product_cost__currency")
    on = models.DateField(_("date"))
    voucher_id = models.UUIDField(_("voucher"), null=True)
    made_at = models.DateTimeField(_("entered"), default=clock.now)

    class Meta:
        verbose_name, verbose_name_plural = _("cost entry"), _("cost entries")
        indexes = [models.Index(fields=["product_cost", "on"], name="inventory_costentry_product")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
