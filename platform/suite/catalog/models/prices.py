"""Price lists and their rules: one kind of rule for every price, the most specific wins."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Record
from kontor.values.columns import CurrencyField, PercentField, PriceField, QuantityField, Reference


class PriceList(Record):
    """Rules under one name, in one currency, with or without tax, for selling or buying."""

    class Side(models.TextChoices):
        SELL = "sell", _("Selling")
        BUY = "buy", _("Buying")

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    side = models.CharField(_("for"), max_length=4, choices=Side.choices, default=Side.SELL)
    currency = CurrencyField(_("currency"), blank=True)
    tax_included = models.BooleanField(_("prices include tax"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("price list"), _("price lists")
        constraints = [models.UniqueConstraint(fields=["code"], name="catalog_pricelist_code")]

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """The company's currency where none is given; every rule must make sense."""
        from suite.catalog.pricing import check_rules

        for d in drafts:
            d.record.currency = d.record.currency or ctx.currency
        check_rules([(line, d.line_at.get(line.pk, "")) for d in drafts for line in d.lines.get("rules", [])])


class PriceRule(Record):
    """For whom (party, grade, everybody), what (product, category, all), how many, when – which price.

    ``price`` and the steps of a ladder are per ``unit`` (base unit where empty) in the list's currency.
    """

    class Kind(models.TextChoices):
        FIXED = "fixed", _("Fixed price")
        PERCENT = "percent", _("Off the list price")
        LADDER = "ladder", _("Ladder")

    price_list = Reference(PriceList, verbose_name=_("price list"), on_delete=models.CASCADE, db_index=True)
    position = models.PositiveIntegerField(default=0, editable=False)
    product = Reference(
        "catalog.Product", verbose_name=_("product"), null=True, blank=True, on_delete=models.CASCADE, db_index=True
    )
    category = Reference("catalog.Category", verbose_name=_("category"), null=True, blank=True)
    party = Reference("parties.Party", verbose_name=_("customer or supplier"), null=True, blank=True)
    grade = models.CharField(_("price grade"), max_length=20, blank=True)
    quantity_from = QuantityField(_("from quantity"), default=0)
    unit = Reference("catalog.Unit", verbose_name=_("unit"), null=True, blank=True)
    valid_from = models.DateField(pgettext_lazy("validity", "from"), null=True, blank=True)
    valid_to = models.DateField(pgettext_lazy("validity", "until"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.FIXED)
    price = PriceField(_("price"), currency="price_list__currency", null=True, blank=True)
    discount = PercentField(_("discount"), null=True, blank=True, help_text=_("0.1 is ten per cent."))
    steps = models.JSONField(
        _("steps"),
        default=list,
        blank=True,
        help_text=_("A list such as [{“from”: “10”, “price”: “9.50”}, {“from”: “100”, “discount”: “0.2”}]."),
    )
    floor = PriceField(_("lowest price"), currency="price_list__currency", null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("price rule"), _("price rules")
        constraints = [
            models.CheckConstraint(
                condition=(Q(price=None) | Q(price__gte=0)) & (Q(floor=None) | Q(floor__gte=0)),
                name="catalog_pricerule_price",
                violation_error_message=_("A price cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(discount=None) | Q(discount__gte=0, discount__lte=1),
                name="catalog_pricerule_discount",
                violation_error_message=_("A discount lies between 0 and 1."),
            ),
        ]

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Every rule must make sense by itself."""
        from suite.catalog.pricing import check_rules

        check_rules([(d.record, d.at) for d in drafts])
