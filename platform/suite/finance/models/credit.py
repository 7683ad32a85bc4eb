"""Credit of customers: one row a party, locked by whoever moves it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kontor.database.instances import Stored
from kontor.values.columns import AmountField, IdField, Reference, StampField


class CreditLine(Stored):
    """What a party owes or will owe, in book currency; moved by the transaction that causes it."""

    id = IdField()
    party = Reference("parties.Party", verbose_name=_("party"))
    exposure = AmountField(_("used credit"), default=0)
    updated_at = StampField(auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("credit line"), _("credit lines")
        constraints = [models.UniqueConstraint(fields=["party"], name="finance_creditline_party")]
