"""Invoices, deposits and credit notes: one table, the kind tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Numbering
from kontor.resources.actions import Input, action
from kontor.values.columns import AmountField, QuantityField, RateField, Reference
from suite.sales.models.base import ZERO, SalesDocument, SalesLine, counter_check, discount_check
from suite.sales.models.order import PART_LINES, Order, OrderLine, Progress


class Invoice(SalesDocument):
    """A claim on a customer (or, as a credit note, what we owe back); frozen once posted.

    ``total`` is the document's sum; ``advance`` is the part of it that posted deposits cover, so
    ``total − advance`` becomes due. ``open_amount`` and ``payment_state`` follow finance's open item.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        REVERSED = "reversed", _("Reversed")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        DEPOSIT = "deposit", _("Deposit")
        CREDIT = "credit", _("Credit note")

    numbering = Numbering("IV-{yy}{mm}-{n:04}", gapless=True)
    credit_numbering = Numbering("CN-{yy}{mm}-{n:04}", gapless=True)
    frozen = {State.POSTED: {"*"}, State.REVERSED: {"*"}}

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.INVOICE, editable=False)
    order = Reference(Order, verbose_name=_("order"), null=True, blank=True, editable=False, db_index=True)
    credits = Reference("self", verbose_name=_("credit for"), null=True, blank=True, editable=False)
    returned_with = models.UUIDField(_("return"), null=True, blank=True, editable=False)
    posted_on = models.DateField(_("date"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    rate = RateField(pgettext_lazy("currencies", "rate"), default=1, editable=False)
    advance = AmountField(_("deposits taken up"), default=ZERO, editable=False)
    open_amount = AmountField(_("open"), default=ZERO, editable=False)
    payment_state = models.CharField(
        _("paid"), max_length=4, choices=Progress.choices, default=Progress.NONE, editable=False
    )
    credited = AmountField(_("credited"), default=ZERO, editable=False)
    taken = AmountField(_("taken up"), default=ZERO, editable=False)  # of a deposit, by final invoices
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("invoice"), _("invoices")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="sales_invoice_number"),
            models.CheckConstraint(
                name="sales_invoice_spent",
                condition=models.Q(credited__gte=0, taken__gte=0)
                & models.Q(credited__lte=models.F("total") - models.F("taken")),
                violation_error_message=_("More would be credited or taken up than was invoiced."),
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "due_on"], name="sales_invoice_customer"),
            models.Index(fields=["posted_on", "id"], name="sales_invoice_day"),
        ]

    @property
    def numbered_on(self) -> dt.date | None:
        return self.posted_on

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        from suite.sales.invoicing import derive

        derive(ctx, drafts)

    @staticmethod
    @action(
        State.DRAFT, to=State.POSTED, event="posted", label=_("Post"), main=True, effects=True, icon="circle-check",
        confirm=_("Post this document? It gets its number and cannot be changed any more."),
        body={"posted_on": Input("date", _("Date"))}, batch=True,
    )  # fmt: skip
    def post(invoices: Sequence[Any], ctx: Any, posted_on: dt.date | None = None) -> None:
        """Freeze the totals, book the voucher, open the item, count the lines as invoiced."""
        from suite.sales.posting import post

        post(ctx, invoices, posted_on)

    @action(
        State.POSTED, event="credit_drawn_up", label=pgettext_lazy("action", "Credit"),
        makes="sales.invoice", icon="receipt-refund",
        sensitive=True,
        body={
            "lines": Input("lines", _("Lines"), lines=PART_LINES),
            "reason": Input("text", _("Reason"), required=True),
        },
    )  # fmt: skip
    def credit(self, ctx: Any, reason: str, lines: list[dict[str, Any]] | None = None) -> Any:
        """Draw up a credit note for the given lines, or for all that is not credited yet."""
        from suite.sales.crediting import credit_invoice

        return credit_invoice(ctx, self, lines, reason)


class InvoiceLine(SalesLine):
    """A line of an invoice; it names the order line that it bills or the invoice line that it credits."""

    document = Reference(Invoice, on_delete=models.CASCADE, related_name="lines", db_index=True)
    product = Reference("catalog.Product", verbose_name=_("product"), null=True, blank=True)  # type: ignore[assignment]
    order_line = Reference(
        OrderLine, verbose_name=_("order line"), null=True, blank=True, editable=False, db_index=True
    )
    credits = Reference("self", verbose_name=_("credit for"), null=True, blank=True, editable=False)
    posting_class = models.CharField(max_length=40, blank=True, editable=False)
    credited = QuantityField(_("credited"), default=ZERO, editable=False)
    credited_amount = AmountField(default=ZERO, currency="document__currency", editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("invoice line"), _("invoice lines")
        constraints = [
            models.CheckConstraint(
                name="sales_invoiceline_quantity", condition=models.Q(quantity__gt=0),
                violation_error_message=_("A quantity must be more than zero."),
            ),
            discount_check("sales_invoiceline_discount"),
            counter_check(
                "sales_invoiceline_credited", "credited", "base_quantity",
                _("More would be credited than was invoiced."),
            ),
            counter_check(
                "sales_invoiceline_credited_amount", "credited_amount", "amount",
                _("More would be credited than was invoiced."),
            ),
        ]  # fmt: skip
