"""Accounting periods: a month with a state for each area; the ledger's triggers read it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Record
from kontor.resources.actions import Input, action

STOCK, LEDGER, TAX = "stock", "ledger", "tax"
AREAS = ((STOCK, _("Stock")), (LEDGER, _("Ledger")), (TAX, pgettext_lazy("area of a period", "Tax")))
_AREA = {"area": Input("choice", _("Area"), choices=(("all", _("All areas")), *AREAS))}


class Period(Record):
    """A month of a fiscal year. Made on demand for any date, open in all areas."""

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("period", "Open")
        SOFT = "soft", _("Soft-closed")
        CLOSED = "closed", pgettext_lazy("period", "Closed")

    code = models.CharField(_("period"), max_length=7, editable=False)
    year = models.PositiveIntegerField(_("fiscal year"), editable=False)
    place = models.PositiveSmallIntegerField(_("month of the year"), editable=False)
    starts_on = models.DateField(pgettext_lazy("period", "from"), editable=False)
    ends_on = models.DateField(pgettext_lazy("period", "to"), editable=False)
    stock = models.CharField(_("stock"), max_length=6, choices=Status.choices, default=Status.OPEN, editable=False)
    ledger = models.CharField(_("ledger"), max_length=6, choices=Status.choices, default=Status.OPEN, editable=False)
    tax = models.CharField(
        pgettext_lazy("area of a period", "tax"),
        max_length=6,
        choices=Status.choices,
        default=Status.OPEN,
        editable=False,
    )

    year_closed = models.BooleanField(_("year closed"), default=False, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("accounting period"), _("accounting periods")
        constraints = [
            models.UniqueConstraint(fields=["starts_on"], name="calendars_period_start"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="calendars_period_order",
                violation_error_message=_("A period ends after it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(ledger="closed") | Q(stock="closed"),
                name="calendars_period_stock_first",
                violation_error_message=_("Stock is closed first, then the ledger; reopen the ledger before stock."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @action(event="soft_closed", label=_("Soft-close"), body=_AREA, sensitive=True)
    def soft_close(self, ctx: Any, area: str = "all") -> None:
        """Only those who may close periods post into it from now on."""
        from kontor.calendars.closing import set_status

        set_status(self, area, self.Status.SOFT)

    @action(event="closed", label=pgettext_lazy("period", "Close"), body=_AREA, sensitive=True)
    def close(self, ctx: Any, area: str = "all") -> None:
        """Nobody posts into it any more; stock is closed before the ledger."""
        from kontor.calendars.closing import set_status

        set_status(self, area, self.Status.CLOSED)

    @action(event="reopened", label=_("Reopen"), body=_AREA, sensitive=True)
    def reopen(self, ctx: Any, area: str = "all") -> None:
        """Open again, which the audit keeps; a closed fiscal year is reopened as a whole."""
        from kontor.calendars.closing import set_status

        set_status(self, area, self.Status.OPEN)
