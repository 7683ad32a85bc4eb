"""Deliveries: a face over inventory's operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kontor.context import Context
from kontor.documents.records import Numbering
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Resource
from kontor.resources.layout import Board, Facts, Lines, Related, Row, Timeline, Trace
from kontor.resources.registry import register, relate
from suite.sales import collecting, delivering, invoicing, returning
from suite.sales.models.order import PART_LINES
from suite.sales.resources import goods

SHIP_LINES = {**PART_LINES, "lots": Input("json", _("Lots"), help=_("Which lots go: [{lot, quantity}]."))}


@register
class DeliveryResource(Resource):
    """Goods on their way to a customer."""

    class State(TextChoices):
        DRAFT = "draft", _("Draft")
        SHIPPED = "shipped", _("Shipped")
        CANCELLED = "cancelled", _("Cancelled")

    of = "inventory.operation"
    name = "sales.delivery"
    where = {"movement": "delivery"}
    menu = "sales"
    label, label_plural, icon = _("Delivery"), _("Deliveries"), "truck-delivery"
    columns = "number order_number party warehouse planned_on done_on carrier owner state"
    form = [Row("carrier tracking planned_on"), Row("notes")]
    detail = [
        Facts("party order_number warehouse planned_on done_on carrier tracking address owner notes"),
        Related("sales.invoice sales.return"),
        Trace(),
        Lines("lines", goods.LINE_COLUMNS),
        Timeline(),
    ]
    rows = {"lines": goods.LINES}
    computed = {"order": goods.ORDER, "order_number": goods.ORDER_NUMBER}
    filters = "state party warehouse planned_on done_on owner branch order"
    search = {"number": "A", "party__name": "B", "tracking": "B"}
    phone = "party order_number done_on state"
    board = Board(by="state", card="number party planned_on warehouse")
    order = "-created_at"
    hidden = f"{goods.HIDDEN} reason into"
    readonly = "warehouse party"
    states, numbering = State, Numbering("DN-{yy}{mm}-{n:04}")
    steps = "draft shipped"
    looks = {"shipped": "full"}
    creatable = False
    roles = {
        "warehouse": "* delete",
        "sales_lead": "* delete",
        "sales": "view edit export invoice collect take_back",
        "accountant": "view export invoice collect",
    }
    scopes = {"accountant": "all"}

    @staticmethod
    @action(
        State.DRAFT, to=State.SHIPPED, event="shipped", label=_("Ship"), main=True, effects=True,
        icon="truck-delivery",
        body={"lines": Input("lines", _("Lines"), lines=SHIP_LINES), "shipped_on": Input("date", _("Shipped on"))},
        batch=True,
    )  # fmt: skip
    def ship(
        deliveries: Sequence[Any], ctx: Context, lines: list[dict[str, Any]] | None = None,
        shipped_on: dt.date | None = None,
    ) -> None:  # fmt: skip
        """The goods leave: moves, cost and voucher at once; all lines, or those given."""
        delivering.ship(ctx, deliveries, lines, shipped_on)

    @staticmethod
    @action(
        State.DRAFT, to=State.CANCELLED, event="cancelled", label=_("Cancel"), numbers=False, icon="ban",
        confirm=_("Cancel this delivery? Its goods stay reserved for the order."),
    )  # fmt: skip
    def cancel(delivery: Any, ctx: Context) -> None:
        """It does not go out; the goods go back to the order."""
        delivering.cancel(ctx, delivery)

    @staticmethod
    @action(
        State.SHIPPED, event="invoice_drawn_up", label=_("Invoice"), makes="sales.invoice", icon="file-invoice",
        main=True, batch=True,
    )  # fmt: skip
    def invoice(deliveries: Sequence[Any], ctx: Context) -> Any:
        """Draw up the invoice of what this delivery brought."""
        return invoicing.invoice_deliveries(ctx, deliveries)

    @staticmethod
    @action(
        State.SHIPPED, event="collected", label=_("Invoice together"), makes="sales.invoice", icon="files", batch=True
    )
    def collect(deliveries: Sequence[Any], ctx: Context) -> Any:
        """Bill several deliveries at once: those of one customer, currency and term come onto one draft invoice."""
        return collecting.collect_deliveries(ctx, deliveries)

    @staticmethod
    @action(
        State.SHIPPED, event="return_drawn_up", label=_("Take back"), makes="sales.return", icon="truck-return",
        body={"lines": Input("lines", _("Lines"), lines=PART_LINES), "reason": Input("text", _("Reason"))},
    )  # fmt: skip
    def take_back(delivery: Any, ctx: Context, lines: list[dict[str, Any]] | None = None, reason: str = "") -> Any:
        """Draw up a return of these lines, or of all that is left."""
        return returning.take_back(ctx, delivery, lines, reason)


relate("parties.customer", "sales.delivery", "party")
