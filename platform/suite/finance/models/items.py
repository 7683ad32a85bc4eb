"""Open items and what settles them: receivables, payables and advances in one register."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.database.instances import Stored
from kontor.documents.records import Owned
from kontor.values.columns import AmountField, CurrencyField, IdField, RateField, Reference


class OpenItem(Owned):
    """What a posted document leaves open; it carries the document's own id.

    ``remaining`` and ``book_remaining`` are kept by the transaction that allocates, under row lock.
    """

    class Side(models.TextChoices):
        DEBIT = "debit", _("Owed to us")
        CREDIT = "credit", _("Owed by us")

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        DEPOSIT = "deposit", _("Deposit")
        CREDIT = "credit", _("Credit note")
        RECEIPT = "receipt", _("Receipt")
        PAYMENT = "payment", _("Payment")
        OPENING = "opening", _("Opening balance")
        CANCELLATION = "cancellation", _("Cancellation")

    class Ledger(models.TextChoices):
        RECEIVABLE = "receivable", _("Receivable")
        PAYABLE = "payable", _("Payable")

    number = models.CharField(_("document"), max_length=40, blank=True)
    source_resource = models.CharField(_("made for"), max_length=80)
    source_id = models.UUIDField(_("made for record"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    ledger = models.CharField(
        pgettext_lazy("open item", "ledger"), max_length=10, choices=Ledger.choices, default=Ledger.RECEIVABLE
    )
    side = models.CharField(_("side"), max_length=6, choices=Side.choices)
    party = Reference("parties.Party", verbose_name=_("party"))
    currency = CurrencyField(_("currency"))
    rate = RateField(_("exchange rate"), default=1)
    amount = AmountField(_("amount"))
    remaining = AmountField(_("open"))
    book_amount = AmountField(_("amount in book currency"), currency="book_currency")
    book_remaining = AmountField(_("open in book currency"), currency="book_currency")
    book_currency = CurrencyField(_("book currency"))
    opened_on = models.DateField(_("date"))
    due_on = models.DateField(_("due on"))

    class Meta:
        verbose_name, verbose_name_plural = _("open item"), _("open items")
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("amount")),
                name="finance_openitem_remaining",
                violation_error_message=_("More would be settled than is open."),
            ),
            models.CheckConstraint(
                condition=Q(book_remaining__gte=0, book_remaining__lte=F("book_amount")),
                name="finance_openitem_book_remaining",
                violation_error_message=_("More would be settled than is open in book currency."),
            ),
        ]
        indexes = [
            models.Index(fields=["party", "opened_on"], name="finance_openitem_party"),
            models.Index(fields=["due_on"], condition=Q(remaining__gt=0), name="finance_openitem_due"),
        ]

    def __str__(self) -> str:
        return self.number


class Allocation(Stored):
    """``cover`` (a receipt, a credit note) settles ``invoice`` by amount, discount and write-off.

    All in the currency of the two items. ``amount`` leaves both items, discount and write-off the
    invoice alone. ``planned`` rows belong to a receipt that is not posted. An undone row stays, with
    the date of its undoing, so that ageing is right as of any date.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("Active")
        UNDONE = "undone", _("Undone")

    id = IdField()
    payment = Reference(
        "finance.Payment",
        on_delete=models.CASCADE,
        verbose_name=_("receipt"),
        null=True,
        blank=True,
        related_name="allocations",
        editable=False,
    )
    invoice = Reference(OpenItem, verbose_name=_("invoice"), db_index=True)
    cover = Reference(OpenItem, verbose_name=_("settled by"), null=True, blank=True, editable=False, db_index=True)
    amount = AmountField(_("amount"), currency="invoice__currency")
    discount = AmountField(_("discount"), default=0, currency="invoice__currency")
    write_off = AmountField(_("write-off"), default=0, currency="invoice__currency")
    invoice_book = AmountField(default=0, currency="invoice__book_currency", editable=False)
    cover_book = AmountField(default=0, currency="invoice__book_currency", editable=False)
    labels: ClassVar[dict[str, Any]] = {
        "invoice_book": _("settled in book currency"),
        "cover_book": _("used in book currency"),
    }
    exchange = AmountField(_("exchange difference"), default=0, currency="invoice__book_currency", editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PLANNED, editable=False)
    allocated_on = models.DateField(_("allocated on"), null=True, blank=True, editable=False)
    undone_on = models.DateField(_("undone on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("allocation"), _("allocations")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, discount__gte=0, write_off__gte=0),
                name="finance_allocation_positive",
                violation_error_message=_("Amount, discount and write-off cannot be negative."),
            ),
            models.CheckConstraint(
                condition=Q(state="planned") | Q(cover__isnull=False, allocated_on__isnull=False),
                name="finance_allocation_active",
                violation_error_message=_("An allocation settles one item by another on a date."),
            ),
        ]

    @property
    def settled(self) -> object:
        """What leaves the invoice: amount, discount and write-off."""
        return self.amount + self.discount + self.write_off
