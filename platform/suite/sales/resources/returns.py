"""Returns: a face over inventory's operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor.context import Context
from kontor.documents.records import Numbering
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Computed, Resource
from kontor.resources.layout import Facts, Lines, Related, Row, Timeline, Trace
from kontor.resources.registry import register, relate
from suite.sales import delivering, returning
from suite.sales.models.order import PART_LINES
from suite.sales.resources import goods

_INTO = (("usable", _("Usable stock")), ("scrap", _("Scrap")))


@register
class ReturnResource(Resource):
    """Goods that a customer sends back."""

    class State(TextChoices):
        DRAFT = "draft", _("Draft")
        RECEIVED = "received", _("Received")
        CLOSED = "closed", pgettext_lazy("document", "Closed")
        CANCELLED = "cancelled", _("Cancelled")

    of = "inventory.operation"
    name = "sales.return"
    where = {"movement": "return"}
    menu = "sales"
    label, label_plural, icon = _("Return"), _("Returns"), "truck-return"
    columns = "number order_number party warehouse done_on reason owner state"
    form = [Row("reason planned_on"), Lines("lines", "origin quantity"), Row("notes")]
    detail = [
        Facts("party order_number warehouse planned_on done_on put_into reason owner notes"),
        Related("sales.invoice"),
        Trace(),
        Lines("lines", "product quantity done"),
        Timeline(),
    ]
    rows = {"lines": goods.RETURN_LINES}
    computed = {
        "order": goods.ORDER, "order_number": goods.ORDER_NUMBER,
        "put_into": Computed("choice", _("put into"), lambda ctx: F("into"), choices=_INTO),
    }  # fmt: skip
    filters = "state party warehouse done_on owner branch order into"
    search = {"number": "A", "party__name": "B", "reason": "C"}
    phone = "party order_number done_on state"
    order = "-created_at"
    hidden = f"{goods.HIDDEN} carrier tracking"
    readonly = "warehouse party"
    states, numbering = State, Numbering("RT-{yy}{mm}-{n:04}")
    steps = "draft received closed"
    looks = {"received": "full"}
    roles = {
        "warehouse": "* delete",
        "sales_lead": "* delete",
        "sales": "view create edit export credit",
        "accountant": "view export credit close",
    }
    scopes = {"accountant": "all"}

    @classmethod
    def accept(cls, ctx: Context, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """Beside ``lines: [{origin, quantity}]`` also a ``delivery`` with its ``lines: [{line, quantity}]``."""
        return returning.from_delivery(ctx, data)

    @staticmethod
    @action(
        State.DRAFT, to=State.RECEIVED, event="received", label=_("Receive"), main=True, effects=True,
        icon="package-import",
        body={
            "lines": Input("lines", _("Lines"), lines=PART_LINES),
            "into": Input("choice", _("Put into"), choices=_INTO),
            "received_on": Input("date", _("Received on")),
        },
        batch=True,
    )  # fmt: skip
    def receive(
        goods: Sequence[Any], ctx: Context, lines: list[dict[str, Any]] | None = None, into: str = "usable",
        received_on: dt.date | None = None,
    ) -> None:  # fmt: skip
        """The goods are here again, at the cost they left with."""
        returning.receive(ctx, goods, lines, into, received_on)

    @staticmethod
    @action(
        State.RECEIVED, event="credited", label=pgettext_lazy("action", "Credit"), makes="sales.invoice", main=True,
        icon="receipt-refund",
    )  # fmt: skip
    def credit(goods: Any, ctx: Context) -> Any:
        """Draw up the credit note for what came back; closes the return when all of it is credited."""
        return returning.credit(ctx, goods)

    @staticmethod
    @action(State.RECEIVED, to=State.CLOSED, event="closed", label=_("Close without credit"), icon="lock")
    def close(goods: Any, ctx: Context) -> None:
        """Nothing is credited: the goods were exchanged or not invoiced."""

    @staticmethod
    @action(State.DRAFT, to=State.CANCELLED, event="cancelled", label=_("Cancel"), numbers=False, icon="ban")
    def cancel(goods: Any, ctx: Context) -> None:
        """The goods do not come back after all."""
        delivering.cancel(ctx, goods)


relate("parties.customer", "sales.return", "party")
