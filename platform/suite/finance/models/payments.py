"""Money in and out: one table, faces by direction."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Document, Draft
from kontor.values.columns import AmountField, CurrencyField, RateField, Reference


class Payment(Document):
    """Money received from or paid to a party on a money account; what is not allocated is an advance."""

    class Direction(models.TextChoices):
        IN = "in", pgettext_lazy("money", "In")
        OUT = "out", pgettext_lazy("money", "Out")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        REVERSED = "reversed", _("Reversed")

    frozen = {State.POSTED: {"*"}, State.REVERSED: {"*"}}

    direction = models.CharField(
        _("direction"), max_length=4, choices=Direction.choices, default=Direction.IN, editable=False
    )
    party = Reference("parties.Party", verbose_name=_("party"), db_index=True)
    account = Reference("finance.MoneyAccount", verbose_name=_("money account"))
    amount = AmountField(_("amount"))
    currency = CurrencyField(_("currency"), blank=True)
    rate = RateField(_("exchange rate"), null=True, blank=True)
    received_on = models.DateField(_("date"), null=True, blank=True)
    reference = models.CharField(_("bank reference"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("payment"), _("payments")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="finance_payment_amount",
                violation_error_message=_("The amount must be above zero."),
            ),
            models.UniqueConstraint(
                fields=["party", "amount", "reference"],
                condition=~Q(reference="") & ~Q(state="reversed"),
                name="finance_payment_duplicate",
                violation_error_message=_("A payment of this party with this amount and reference is already there."),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def numbered_on(self) -> Any:
        """The date that its number counts by."""
        return self.received_on

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Date, currency and rate where not given; planned allocations are checked against the items."""
        from suite.finance.receiving import derive

        derive(ctx, drafts)
