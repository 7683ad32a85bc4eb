"""Values that the query computes for sales documents: lateness, shortage, what is reserved."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Case, DecimalField, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Greatest, Least, Round
from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Computed
from suite.inventory import api as inventory
from suite.sales.models import Order, OrderLine
from suite.sales.rules import ZERO

_NUMBER = DecimalField(max_digits=20, decimal_places=6)


def late(ctx: Any) -> Any:
    """A confirmed order whose promised date is over and of which goods are missing."""
    return Case(
        When(Q(state=Order.State.CONFIRMED, promised_on__lt=ctx.today) & ~Q(delivery_state="all"), then=Value(True)),
        default=Value(False), output_field=BooleanField(),
    )  # fmt: skip


def order_short(ctx: Any) -> Any:
    """A confirmed order with a goods line that nobody has put aside in full."""
    return Exists(inventory.lacking())


def reserved(ctx: Any) -> Any:
    """What of the line is held on stock."""
    return inventory.held()


def line_short(ctx: Any) -> Any:
    """What of a confirmed goods line is neither delivered nor held."""
    return Case(
        When(
            Q(document__state=Order.State.CONFIRMED, is_stocked=True),
            then=Greatest(F("base_quantity") - F("delivered") - inventory.held(), Value(ZERO), output_field=_NUMBER),
        ),
        default=Value(ZERO), output_field=_NUMBER,
    )  # fmt: skip


def line_margin(ctx: Any) -> Any:
    """Amount less cost."""
    return F("amount") - F("cost")


def margin_share(ctx: Any) -> Any:
    """The margin as a share of the net amount, to a tenth of a per cent."""
    share = Round(F("margin") / F("net"), precision=3, output_field=_NUMBER)
    return Case(When(Q(net__gt=0, margin__isnull=False), then=share), default=None, output_field=_NUMBER)


def done_share(counter: str, **lines: Any) -> Any:
    """How much of a bound order's quantities the counter has reached: 0 to 1; empty for drafts and cancelled ones."""

    def share(ctx: Any) -> Any:
        rows = OrderLine.objects.filter(document=OuterRef("pk"), base_quantity__gt=0, **lines).order_by()
        done = Sum(Least(F(counter), F("base_quantity"))) / Sum("base_quantity")
        told = rows.values("document").annotate(n=Round(done, precision=2, output_field=_NUMBER)).values("n")
        bound = When(state__in=(Order.State.CONFIRMED, Order.State.CLOSED), then=Subquery(told))
        return Case(bound, default=None, output_field=_NUMBER)

    return share


DELIVERED_SHARE = Computed("percent", _("delivered"), done_share("delivered", is_stocked=True))
INVOICED_SHARE = Computed("percent", _("invoiced"), done_share("invoiced"))
MARGIN = Computed("amount", _("margin"), line_margin, currency="document__currency")
MARGIN_SHARE = Computed("percent", _("margin %"), margin_share)
RESERVED = Computed("quantity", _("reserved"), reserved)
SHORT = Computed("quantity", _("short"), line_short)
LATE = Computed("boolean", _("late"), late)
ORDER_SHORT = Computed("boolean", _("short"), order_short)

LINE_HIDDEN = "tax_ids manual_price unit_cost posting_class"
