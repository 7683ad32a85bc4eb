"""Quotations: versions, validity, accepted once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Numbering
from kontor.resources.actions import Input, action
from kontor.values.columns import AmountField, Reference
from suite.sales.models.base import SalesDocument, SalesLine, discount_check


class Quotation(SalesDocument):
    """An offer to a customer; a new version is a row of its own under the same number."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")

    numbering = Numbering("QT-{yy}{mm}-{n:04}")
    frozen = {State.SENT: {"*"}, State.ACCEPTED: {"*"}, State.REJECTED: {"*"}, State.EXPIRED: {"*"}}

    quoted_on = models.DateField(_("date"), blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    edition = models.PositiveIntegerField(_("version"), default=1, editable=False)
    previous = Reference("self", verbose_name=_("earlier version"), null=True, blank=True, editable=False)
    sent_to = models.CharField(_("sent to"), max_length=200, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    cost = AmountField(_("cost"), null=True, editable=False)
    margin = AmountField(_("margin"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("quotation"), _("quotations")
        constraints = [
            models.UniqueConstraint(
                fields=["number", "edition"], condition=~models.Q(number=""), name="sales_quotation_edition"
            ),
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(state="accepted"), name="sales_quotation_accepted"
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="sales_quotation_customer"),
            models.Index(fields=["quoted_on", "id"], name="sales_quotation_day"),
        ]

    @property
    def numbered_on(self) -> dt.date:
        return self.quoted_on

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        from suite.sales.quoting import derive

        derive(ctx, drafts)

    @action(
        State.DRAFT, to=State.SENT, event="sent", label=_("Send"), main=True, icon="send",
        body={"to": Input("text", pgettext_lazy("recipient", "To")), "sent_on": Input("date", _("Sent on"))},
    )  # fmt: skip
    def send(self, ctx: Any, to: str = "", sent_on: dt.date | None = None) -> None:
        """Give it to the customer: from now on it does not change; ``revise`` makes a new version."""
        from suite.sales.quoting import send

        send(ctx, self, to, sent_on)

    @action(
        State.SENT, to=State.ACCEPTED, event="accepted", label=_("Accept"), makes="sales.order",
        main=True, icon="check", body={"accepted_on": Input("date", _("Accepted on"))},
    )  # fmt: skip
    def accept(self, ctx: Any, accepted_on: dt.date | None = None) -> Any:
        """The customer agrees: makes the order, as a draft."""
        from suite.sales.quoting import accept

        return accept(ctx, self, accepted_on)

    @action(
        State.SENT, to=State.REJECTED, event="rejected", label=_("Reject"), icon="x",
        body={"reason": Input("text", _("Reason"), required=True)},
    )  # fmt: skip
    def reject(self, ctx: Any, reason: str) -> None:
        """The customer declines."""
        self.reason = reason[:300]

    @action(State.SENT, to=State.EXPIRED, event="expired", label=_("Expire"), icon="clock-off")
    def expire(self, ctx: Any) -> None:
        """Its time is over."""

    @action(
        State.SENT, State.REJECTED, State.EXPIRED, event="revised", label=_("Revise"), makes="sales.quotation",
        icon="versions",
    )  # fmt: skip
    def revise(self, ctx: Any) -> Any:
        """A new version under the same number, as a draft; a version still out expires."""
        from suite.sales.quoting import revise

        return revise(ctx, self)


class QuotationLine(SalesLine):
    """A line of a quotation."""

    document = Reference(Quotation, on_delete=models.CASCADE, related_name="lines", db_index=True)
    promised_on = models.DateField(_("promised"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("quotation line"), _("quotation lines")
        constraints = [
            models.CheckConstraint(
                name="sales_quotationline_quantity", condition=models.Q(quantity__gt=0),
                violation_error_message=_("A quantity must be more than zero."),
            ),
            discount_check("sales_quotationline_discount"),
        ]  # fmt: skip
