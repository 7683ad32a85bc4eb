"""Sales orders: what was agreed, and how far it is fulfilled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.documents.records import Draft, Numbering
from kontor.resources.actions import Input, action
from kontor.values.columns import AmountField, QuantityField, Reference
from suite.sales.models.base import ZERO, SalesDocument, SalesLine, counter_check, discount_check

PART_LINES = {
    "line": Input("id", _("Line"), required=True),
    "quantity": Input("quantity", _("Quantity"), required=True),
}


class Progress(models.TextChoices):
    """How much of a document has been delivered, invoiced or paid."""

    NONE = "none", _("None")
    PART = "part", _("Part")
    ALL = "all", _("All")


class Order(SalesDocument):
    """An agreement with a customer; counters on the lines say what became of it."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CONFIRMED = "confirmed", _("Confirmed")
        CLOSED = "closed", pgettext_lazy("document", "Closed")
        CANCELLED = "cancelled", _("Cancelled")

    numbering = Numbering("SO-{yy}{mm}-{n:04}")
    frozen = {
        State.CONFIRMED: {
            "customer",
            "currency",
            "ordered_on",
            "payment_term",
            "bill_to",
            "freight",
            "warehouse",
            "price_list",
            "tax_included",
        },
        State.CLOSED: {"*"},
        State.CANCELLED: {"*"},
    }

    ordered_on = models.DateField(_("order date"), blank=True)
    promised_on = models.DateField(_("promised"), null=True, blank=True)
    warehouse = Reference("inventory.Warehouse", verbose_name=_("warehouse"), null=True, blank=True)
    delivery_state = models.CharField(
        _("delivered"), max_length=4, choices=Progress.choices, default=Progress.NONE, editable=False
    )
    invoice_state = models.CharField(
        _("invoiced"), max_length=4, choices=Progress.choices, default=Progress.NONE, editable=False
    )
    exposure = AmountField(_("counted against credit"), default=ZERO, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True, editable=False)
    cost = AmountField(_("cost"), null=True, editable=False)
    margin = AmountField(_("margin"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("sales order"), _("sales orders")
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~models.Q(number=""), name="sales_order_number")
        ]
        indexes = [
            models.Index(fields=["customer"], name="sales_order_customer"),
            models.Index(fields=["ordered_on", "id"], name="sales_order_day"),
        ]

    @property
    def numbered_on(self) -> dt.date:
        return self.ordered_on

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        from suite.sales.ordering import derive

        derive(ctx, drafts)

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        from suite.sales.amending import amended

        amended(ctx, [d for d in drafts if d.before.get("state") == cls.State.CONFIRMED])

    @staticmethod
    @action(
        State.DRAFT, to=State.CONFIRMED, event="confirmed", label=_("Confirm"), main=True, effects=True, icon="check",
        batch=True,
    )  # fmt: skip
    def confirm(orders: Sequence[Any], ctx: Any) -> None:
        """Bind both sides: terms and addresses freeze, credit is taken, stock is reserved as far as there is any."""
        from suite.sales.confirming import confirm

        confirm(ctx, orders)

    @staticmethod
    @action(
        State.DRAFT, to=State.CONFIRMED, event="confirmed", label=_("Confirm above the credit limit"), sensitive=True,
        effects=True, icon="shield-check", body={"reason": Input("text", _("Reason"), required=True)}, batch=True,
    )  # fmt: skip
    def override_credit(orders: Sequence[Any], ctx: Any, reason: str) -> None:
        """Confirm although the customer's credit limit is exceeded; the reason stays in the audit."""
        from suite.sales.confirming import confirm

        confirm(ctx, orders, beyond_credit=True)

    @staticmethod
    @action(
        State.CONFIRMED, event="delivery_drawn_up", label=_("Deliver"), makes="sales.delivery", icon="truck-delivery",
        main=True,
        body={
            "lines": Input("lines", _("Lines"), lines=PART_LINES),
            "warehouse": Input("reference", _("Warehouse"), relation="inventory.warehouse"),
        }, batch=True,
    )  # fmt: skip
    def deliver(
        orders: Sequence[Any], ctx: Any, lines: list[dict[str, Any]] | None = None, warehouse: Any = None
    ) -> Any:
        """Draw up a delivery of what is reserved, or of the given lines."""
        from suite.sales.delivering import deliver

        return deliver(ctx, orders, lines, warehouse)

    @staticmethod
    @action(
        State.CONFIRMED, State.CLOSED, event="invoice_drawn_up", label=_("Invoice"), makes="sales.invoice",
        icon="file-invoice",
        body={
            "lines": Input("lines", _("Lines"), lines=PART_LINES),
            "kind": Input("choice", _("Kind"), choices=(("invoice", _("Invoice")), ("deposit", _("Deposit")))),
            "amount": Input("amount", _("Amount of the deposit")),
        }, batch=True,
    )  # fmt: skip
    def invoice(
        orders: Sequence[Any],
        ctx: Any,
        lines: list[dict[str, Any]] | None = None,
        kind: str = "invoice",
        amount: Decimal | None = None,
    ) -> Any:
        """Draw up an invoice of what is delivered (services: ordered) and not invoiced, or a deposit."""
        from suite.sales.invoicing import invoice_orders

        return invoice_orders(ctx, orders, lines, kind or "invoice", amount)

    @action(
        State.DRAFT, State.CONFIRMED, to=State.CANCELLED, event="cancelled", label=_("Cancel"), sensitive=True,
        numbers=False, icon="ban", confirm=_("Cancel this order? Reserved stock becomes free for others."),
        body={"reason": Input("text", _("Reason"), required=True)},
    )  # fmt: skip
    def cancel(self, ctx: Any, reason: str) -> None:
        """Call it off, while nothing irrevocable hangs on it."""
        from suite.sales.closing import cancel

        cancel(ctx, self, reason)

    @staticmethod
    @action(
        State.CONFIRMED, to=State.CLOSED, event="closed", label=pgettext_lazy("document", "Close"),
        sensitive=True, icon="lock",
        confirm=_("Close this order? What is not delivered will not be delivered any more."), batch=True,
    )  # fmt: skip
    def close(orders: Sequence[Any], ctx: Any) -> None:
        """End it: nothing more is delivered. Happens by itself when all is delivered and invoiced."""
        from suite.sales.closing import close

        close(ctx, orders)

    @action(
        State.CONFIRMED, event="shortened", label=_("Close lines short"), sensitive=True, effects=True, icon="cut",
        body={
            "lines": Input("lines", _("Lines"), lines={"line": Input("id", _("Line"), required=True)}),
            "reason": Input("text", _("Reason"), required=True),
        },
        confirm=_("What of these lines is not delivered will not be delivered any more."),
    )  # fmt: skip
    def shorten(self, ctx: Any, reason: str, lines: list[dict[str, Any]] | None = None) -> None:
        """Cut lines to what was delivered or invoiced; reservations and credit follow."""
        from suite.sales.shortening import shorten

        shorten(ctx, self, lines, reason)

    @staticmethod
    @action(
        State.CONFIRMED, State.CLOSED, event="collected", label=_("Invoice together"), makes="sales.invoice",
        icon="files", batch=True,
    )  # fmt: skip
    def collect(orders: Sequence[Any], ctx: Any) -> Any:
        """Bill several orders at once: those of one customer, currency and term come onto one draft invoice."""
        from suite.sales.collecting import collect_orders

        return collect_orders(ctx, orders)

    @action(State.CONFIRMED, State.CLOSED, event="processed", label=_("Check again"), icon="refresh")
    def process(self, ctx: Any) -> None:
        """Look at what exists and make counters and states right; twice is the same as once."""
        from suite.sales.processing import process

        process(ctx, self)


class OrderLine(SalesLine):
    """A line of an order. The counters are in the base unit; ``invoiced`` is net of credits.

    What is reserved stands on inventory's planned moves alone (see ``resources.lines``): a receipt that
    gives goods to waiting orders must not lock them.
    """

    document = Reference(Order, on_delete=models.CASCADE, related_name="lines", db_index=True)
    promised_on = models.DateField(_("promised"), null=True, blank=True)
    is_stocked = models.BooleanField(default=True, editable=False)
    labels: ClassVar[dict[str, Any]] = {"is_stocked": _("stocked")}
    posting_class = models.CharField(max_length=40, blank=True, editable=False)
    tolerance = QuantityField(_("tolerance"), default=ZERO, editable=False)  # more than ordered, in the base unit
    delivered = QuantityField(_("delivered"), default=ZERO, editable=False)
    invoiced = QuantityField(_("invoiced"), default=ZERO, editable=False)
    returned = QuantityField(_("returned"), default=ZERO, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("order line"), _("order lines")
        constraints = [
            models.CheckConstraint(
                name="sales_orderline_quantity", condition=models.Q(quantity__gt=0, tolerance__gte=0),
                violation_error_message=_("A quantity must be more than zero."),
            ),
            discount_check("sales_orderline_discount"),
            counter_check(
                "sales_orderline_delivered", "delivered", models.F("base_quantity") + models.F("tolerance"),
                _("More would be delivered than was ordered."),
            ),
            counter_check(
                "sales_orderline_invoiced", "invoiced", models.F("base_quantity") + models.F("tolerance"),
                _("More would be invoiced than was ordered."),
            ),
            counter_check(
                "sales_orderline_returned", "returned", "delivered", _("More would be returned than was delivered.")
            ),
        ]  # fmt: skip
