"""Vouchers and their lines: the ledger is the sum of the posted ones, which nobody changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Document, Draft, Line
from kontor.resources.actions import Input, action
from kontor.values.columns import AmountField, CurrencyField, RateField, Reference


class Voucher(Document):
    """A balanced set of lines on one date; ``source`` and ``event`` name the deed that it shows.

    Numbers are gapless per journal and year. Triggers refuse what is unbalanced, in a closed period,
    or a change of what was posted (migrations/0002_guards.py).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        REVERSED = "reversed", _("Reversed")

    frozen = {State.POSTED: {"*"}, State.REVERSED: {"*"}}

    date = models.DateField(_("date"))
    journal = Reference("finance.Journal", verbose_name=_("journal"))
    period = Reference("calendars.Period", verbose_name=_("period"), null=True, blank=True, editable=False)
    text = models.CharField(_("text"), max_length=300, blank=True)
    currency = CurrencyField(_("currency"), editable=False)
    book_currency = CurrencyField(_("book currency"), editable=False)
    rate = RateField(_("exchange rate"), default=1, editable=False)
    total = AmountField(_("total"), default=0, currency="book_currency", editable=False)
    line_count = models.PositiveIntegerField(default=0, editable=False)
    party = Reference("parties.Party", verbose_name=_("party"), null=True, blank=True)
    source_resource = models.CharField(_("made for"), max_length=80, blank=True, editable=False)
    source_id = models.UUIDField(_("made for record"), null=True, blank=True, editable=False)
    event = models.CharField(_("event"), max_length=60, blank=True, editable=False)
    reverses = Reference("self", verbose_name=_("reverses"), null=True, blank=True, editable=False)
    reversed_by = Reference("self", verbose_name=_("reversed by"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("voucher"), _("vouchers")
        constraints = [
            models.UniqueConstraint(fields=["source_id", "event", "source_resource"], name="finance_voucher_source"),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="finance_voucher_number"),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(number="") & Q(period__isnull=False)),
                name="finance_voucher_posted",
                violation_error_message=_("A posted voucher has a number and a period."),
            ),
        ]
        indexes = [models.Index(fields=["date"], name="finance_voucher_date")]

    def __str__(self) -> str:
        return self.number or str(self.text)

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Vouchers by hand are in book currency; the lines carry one amount each."""
        from suite.finance.by_hand import derive

        derive(ctx, drafts)

    @action(State.DRAFT, to=State.POSTED, event="posted", label=_("Post"), main=True, numbers=False, effects=True)
    def post(self, ctx: Any) -> None:
        """Check, number and post; afterwards only a reversal is possible."""
        from suite.finance.by_hand import post

        post(ctx, self)

    @action(
        State.POSTED,
        event="reversed",
        label=_("Reverse"),
        numbers=False,
        sensitive=True,
        effects=True,
        body={"date": Input("date", _("Date")), "reason": Input("text", _("Reason"), required=True)},
        confirm=_("A counter-voucher will be posted. This cannot be undone."),
    )
    def reverse(self, ctx: Any, reason: str, date: dt.date | None = None) -> None:
        """Post the mirror of this voucher on a date of the user's choosing in an open period."""
        from suite.finance.by_hand import reverse

        reverse(ctx, self, date, reason)


class VoucherLine(Line):
    """Debit or credit of an account in book currency, with the amount in the document's currency."""

    voucher = Reference(Voucher, on_delete=models.CASCADE, related_name="lines", db_index=True)
    account = Reference("finance.Account", verbose_name=_("account"))
    debit = AmountField(_("debit"), default=0, currency="voucher__book_currency")
    credit = AmountField(_("credit"), default=0, currency="voucher__book_currency")
    amount = AmountField(_("amount in currency"), default=0, blank=True, editable=False)
    currency = CurrencyField(_("currency"), blank=True, editable=False)
    party = Reference("parties.Party", verbose_name=_("party"), null=True, blank=True)
    department_path = models.CharField(_("department"), max_length=400, blank=True, editable=False)
    branch = Reference("organization.Branch", verbose_name=_("branch"), null=True, blank=True)
    warehouse_id = models.UUIDField(_("warehouse"), null=True, blank=True, editable=False)
    tax_id = models.UUIDField(_("tax"), null=True, blank=True, editable=False)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    dimensions = models.JSONField(_("dimensions"), default=dict, blank=True)
    text = models.CharField(_("text"), max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("voucher line"), _("voucher lines")
        constraints = [
            models.CheckConstraint(
                condition=Q(debit__gte=0, credit__gte=0) & (Q(debit=0) | Q(credit=0)) & ~Q(debit=F("credit")),
                name="finance_voucherline_one_side",
                violation_error_message=_("A line has either a debit or a credit, above zero."),
            )
        ]
        indexes = [models.Index(fields=["account"], name="finance_voucherline_account")]
