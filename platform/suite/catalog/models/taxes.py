"""Taxes, the rules that choose them, exchange rates."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Record
from kontor.values.columns import CurrencyField, PercentField, RateField, TagsField


class Tax(Record):
    """A tax with its rate, its place in the order of computing and what the return calls it."""

    class Kind(models.TextChoices):
        TAXABLE = "taxable", _("Taxable")
        ZERO = "zero", _("Zero rate")
        EXEMPT = "exempt", _("Exempt")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.TAXABLE)
    rate = PercentField(pgettext_lazy("tax", "rate"), default=0, help_text=_("0.05 is five per cent."))
    sequence = models.PositiveSmallIntegerField(_("order of computing"), default=10)
    compound = models.BooleanField(
        _("on top of the taxes before it"), default=False, help_text=_("Its base holds the taxes computed before.")
    )
    register_code = models.CharField(_("code in the tax return"), max_length=20, blank=True)
    valid_from = models.DateField(pgettext_lazy("validity", "from"), null=True, blank=True)
    valid_to = models.DateField(pgettext_lazy("validity", "until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("tax"), _("taxes")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="catalog_tax_code"),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=10),
                name="catalog_tax_rate",
                violation_error_message=_("A tax rate lies between 0 and 10 (0.05 is five per cent)."),
            ),
        ]

    def dropping(self, ctx: Any) -> None:
        """A tax that a product or a rule names stays."""
        from suite.catalog.taxing import refuse_used

        refuse_used(self)


class TaxRule(Record):
    """Party tax class × product tax class → taxes; an empty class is any.

    A rule that names a party class beats the product's own taxes (export is export); one that does
    not applies where the product names none.
    """

    class Side(models.TextChoices):
        BOTH = "both", _("Sales and purchases")
        SELL = "sell", _("Sales")
        BUY = "buy", _("Purchases")

    name = models.CharField(_("name"), max_length=120)
    side = models.CharField(_("for"), max_length=4, choices=Side.choices, default=Side.BOTH)
    party_class = models.CharField(_("party tax class"), max_length=20, blank=True)
    product_class = models.CharField(_("product tax class"), max_length=20, blank=True)
    taxes = TagsField(_("taxes"), help_text=_("Codes of taxes, in any order."))
    valid_from = models.DateField(pgettext_lazy("validity", "from"), null=True, blank=True)
    valid_to = models.DateField(pgettext_lazy("validity", "until"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("tax rule"), _("tax rules")

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Taxes by their codes."""
        from suite.catalog.taxing import settle_taxes

        settle_taxes(ctx, drafts)


class ExchangeRate(Record):
    """One unit of ``source`` is ``rate`` units of ``target`` from ``on`` to the next rate."""

    class Kind(models.TextChoices):
        SPOT = "spot", _("Spot")
        CLOSING = "closing", _("Closing")
        AVERAGE = "average", _("Average")

    source = CurrencyField(_("from currency"))
    target = CurrencyField(_("to currency"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.SPOT)
    on = models.DateField(_("date"))
    rate = RateField(pgettext_lazy("currencies", "rate"))

    class Meta:
        verbose_name, verbose_name_plural = _("exchange rate"), _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "kind", "on"], name="catalog_exchangerate_unique"),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="catalog_exchangerate_positive",
                violation_error_message=_("An exchange rate is above zero."),
            ),
        ]

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Two different currencies, one direction stored."""
        from suite.catalog.exchange import check_directions

        check_directions(drafts)

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Rates looked up earlier in this call may be others now."""
        ctx.cache.pop("catalog.rates", None)
