"""Products: what is bought, kept and sold, found by any of its codes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Draft, Line, Record
from kontor.documents.trees import Branching
from kontor.resources.actions import action
from kontor.values.columns import CurrencyField, PercentField, PriceField, QuantityField, Reference, TagsField
from suite.catalog.models.units import Unit


class Category(Branching):
    """A node of the product tree: what its products cost, where they post, how they are taxed."""

    class CostMethod(models.TextChoices):
        AVERAGE = "average", _("Moving average")
        FIFO = "fifo", _("FIFO")
        STANDARD = "standard", _("Standard")
        SPECIFIC = "specific", _("Specific")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    cost_method = models.CharField(
        _("cost method"), max_length=10, choices=CostMethod.choices, default=CostMethod.AVERAGE
    )
    posting_class = models.CharField(
        _("posting class"), max_length=40, blank=True, help_text=_("Posting rules choose accounts by it.")
    )
    tax_class = models.CharField(_("tax class"), max_length=20, blank=True, help_text=_("Tax rules choose by it."))
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("product category"), _("product categories")
        constraints = [models.UniqueConstraint(fields=["code"], name="catalog_category_code")]


class Product(Record):
    """A good, a service or a bundle. Its base unit is frozen once stock of it has moved."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service")
        BUNDLE = "bundle", _("Bundle")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDING = "ending", _("Phasing out")
        RETIRED = "retired", _("Retired")

    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    other_names = models.JSONField(_("names in other languages"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.GOODS)
    state = models.CharField(_("state"), max_length=10, default=State.ACTIVE, editable=False)
    unit = Reference(Unit, verbose_name=_("unit"), blank=True)
    unit_locked = models.BooleanField(default=False, editable=False)
    category = Reference(Category, verbose_name=_("category"), null=True, blank=True)
    over_delivery = PercentField(
        _("over-delivery"), default=0, blank=True,
        help_text=_("How much more than ordered may be delivered, as a share: 0.05 is 5 %."),
    )  # fmt: skip
    list_price = PriceField(_("list price"), currency="list_currency", null=True, blank=True)
    list_currency = CurrencyField(_("currency of the list price"), blank=True)
    taxes = TagsField(_("taxes"), help_text=_("Codes of taxes; empty: the tax rules decide."))
    tax_class = models.CharField(_("tax class"), max_length=20, blank=True, help_text=_("Empty: that of the category."))
    barcodes = TagsField(_("barcodes"))
    specification = models.TextField(_("specification"), blank=True)
    weight = QuantityField(_("weight in kg"), null=True, blank=True)
    tags = TagsField(_("tags"))
    code_words = models.TextField(blank=True, editable=False)  # every code, for search
    custom = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("product"), _("products")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="catalog_product_code"),
            models.CheckConstraint(
                condition=Q(list_price=None) | Q(list_price__gte=0),
                name="catalog_product_price",
                violation_error_message=_("A price cannot be negative."),
            ),
        ]
        indexes = [models.Index(fields=["category"], name="catalog_product_category")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Unit and currency where not given; codes that find one product; taxes by their codes."""
        from suite.catalog.products import settle

        settle(ctx, drafts)

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Own code and barcodes as rows that are unique over everything that finds one product."""
        from suite.catalog.products import keep_codes

        keep_codes(ctx, drafts)

    @action(State.ACTIVE, to=State.ENDING, event="phased_out", label=_("Phase out"))
    def phase_out(self, ctx: Any) -> None:
        """Sold while stock lasts."""

    @action(State.ACTIVE, State.ENDING, to=State.RETIRED, event="retired", label=_("Retire"))
    def retire(self, ctx: Any) -> None:
        """No longer bought or sold; documents keep it."""

    @action(State.ENDING, State.RETIRED, to=State.ACTIVE, event="reactivated", label=_("Reactivate"))
    def reactivate(self, ctx: Any) -> None:
        """Bought and sold again."""


class ProductCode(Line):
    """A number that finds the product. Without ``party`` it finds this one and no other.

    Rows with ``managed`` mirror the product's own code and barcodes; the rest are edited as lines.
    """

    class Kind(models.TextChoices):
        OWN = "own", _("Own code")
        BARCODE = "barcode", _("Barcode")
        PACKING = "packing", _("Barcode of a packing")
        MAKER = "maker", _("Maker's number")
        CUSTOMER = "customer", _("Customer's number")
        SUPPLIER = "supplier", _("Supplier's number")

    product = Reference(Product, on_delete=models.CASCADE, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.MAKER)
    code = models.CharField(_("code"), max_length=60)
    party = Reference("parties.Party", verbose_name=_("party"), null=True, blank=True)
    unit = Reference(Unit, verbose_name=_("unit"), null=True, blank=True)
    managed = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("product code"), _("product codes")
        constraints = [
            models.UniqueConstraint(fields=["code", "party"], nulls_distinct=False, name="catalog_productcode_unique")
        ]


class ProductRelation(Line):
    """Parts of a bundle, and what may stand in for or follow a product."""

    class Kind(models.TextChoices):
        PART = "part", _("Part of the bundle")
        SUBSTITUTE = "substitute", _("Substitute")
        ACCESSORY = "accessory", _("Accessory")
        SUCCESSOR = "successor", _("Successor")

    product = Reference(Product, on_delete=models.CASCADE, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.PART)
    other = Reference(Product, verbose_name=_("product"), on_delete=models.PROTECT)
    quantity = QuantityField(_("quantity"), default=1)

    class Meta:
        verbose_name, verbose_name_plural = _("related product"), _("related products")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0),
                name="catalog_relation_quantity",
                violation_error_message=_("A quantity above zero is expected."),
            )
        ]
