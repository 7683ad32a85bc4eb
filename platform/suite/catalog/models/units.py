"""Units of measure: within a dimension by rational factors, between dimensions by product."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Line, Record
from kontor.values.columns import Reference

_POSITIVE = _("A factor is a whole number above zero.")


class Unit(Record):
    """One unit is ``numerator / denominator`` base units of its dimension, exactly."""

    class Dimension(models.TextChoices):
        COUNT = "count", pgettext_lazy("kind of measure", "Count")
        MASS = "mass", _("Mass")
        LENGTH = "length", _("Length")
        AREA = "area", pgettext_lazy("kind of measure", "Area")
        VOLUME = "volume", _("Volume")
        TIME = "time", _("Time")

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    dimension = models.CharField(_("dimension"), max_length=10, choices=Dimension.choices, default=Dimension.COUNT)
    numerator = models.BigIntegerField(_("numerator"), default=1)
    denominator = models.BigIntegerField(_("denominator"), default=1)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("unit"), _("units")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="catalog_unit_code"),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0),
                name="catalog_unit_factor",
                violation_error_message=_POSITIVE,
            ),
        ]


class ProductUnit(Line):
    """How many base units of the product one of ``unit`` is: a carton of this product is 24 pieces."""

    product = Reference("catalog.Product", on_delete=models.CASCADE)
    unit = Reference(Unit, verbose_name=_("unit"))
    numerator = models.BigIntegerField(_("base units"), default=1)
    denominator = models.BigIntegerField(_("per"), default=1)

    class Meta:
        verbose_name, verbose_name_plural = _("product unit"), _("product units")
        constraints = [
            models.UniqueConstraint(fields=["product", "unit"], name="catalog_productunit_unique"),
            models.CheckConstraint(
                condition=Q(numerator__gt=0, denominator__gt=0),
                name="catalog_productunit_factor",
                violation_error_message=_POSITIVE,
            ),
        ]
