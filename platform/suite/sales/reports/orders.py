"""What is still to be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, DecimalField, F, Q, Sum, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.reports.api import Column, Drill, Line, Parameter, Table, report
from kontor.resources import registry
from kontor.values.money import round_amount
from suite.sales.models import Order, OrderLine
from suite.sales.pricing import rate_or_none
from suite.sales.rules import ZERO

_NUMBER = DecimalField(max_digits=30, decimal_places=10)
_ROLES = {"sales_lead": "view export", "sales": "view export", "accountant": "view export"}


@report(
    "open-orders",
    module="sales",
    label=gettext_lazy("Open orders"),
    description=gettext_lazy("Confirmed orders with goods or services that were not delivered or invoiced yet."),
    parameters=(
        Parameter("customer", gettext_lazy("Customer"), "reference", relation="parties.customer"),
        Parameter("late", gettext_lazy("Only late ones"), "boolean", default=lambda ctx: False),
    ),
    roles={**_ROLES, "warehouse": "view export", "purchasing": "view export"},
    icon="clock",
)
def open_orders(ctx: Context, parameters: Mapping[str, Any]) -> Table:
    """One row an order: what it amounts to and what of it is still to come, oldest promise first."""
    orders = Order.objects.filter(predicate(ctx, registry.spec("sales.order")), state=Order.State.CONFIRMED)
    orders = orders.exclude(delivery_state="all", invoice_state="all")
    if parameters.get("customer"):
        orders = orders.filter(customer_id=parameters["customer"])
    if parameters.get("late"):
        orders = orders.filter(Q(promised_on__lt=ctx.today) & ~Q(delivery_state="all"))
    left = Case(
        When(is_stocked=True, then=F("base_quantity") - F("delivered")),
        default=F("base_quantity") - F("invoiced"),
        output_field=_NUMBER,
    )
    open_net = dict(
        OrderLine.objects.filter(document__in=orders.values("pk"), base_quantity__gt=0)
        .values_list("document_id")
        .annotate(n=Sum(F("amount") * left / F("base_quantity"), output_field=_NUMBER))
    )
    rows, total, open_total = [], ZERO, ZERO
    found = orders.select_related("customer__party").order_by(F("promised_on").asc(nulls_last=True), "ordered_on", "pk")
    for order in found:
        rest = round_amount(max(open_net.get(order.pk) or ZERO, ZERO), order.currency)
        rate = rate_or_none(ctx, order.currency, ctx.currency, order.ordered_on)
        if rate is not None:
            total += round_amount(order.net * rate, ctx.currency)
            open_total += round_amount(rest * rate, ctx.currency)
        late = max((ctx.today - order.promised_on).days, 0) if order.promised_on else 0
        values = [
            order.number, order.customer.party.name, order.ordered_on, order.promised_on, late, order.currency,
            order.net, rest,
        ]  # fmt: skip
        rows.append(Line(values, Drill("sales.order", id=order.pk)))
    columns = [
        Column("number", _("Order")), Column("customer", _("Customer")), Column("ordered_on", _("Ordered"), "date"),
        Column("promised_on", _("Promised"), "date"), Column("days_late", _("Days late"), "integer"),
        Column("currency", _("Currency")), Column("net", _("Net"), "amount", "currency"),
        Column("open", _("Still to deliver"), "amount", "currency"),
    ]  # fmt: skip
    notes = [_("Totals in %(currency)s at the rates of the order dates.") % {"currency": ctx.currency}]
    return Table(columns, rows, [None, None, None, None, None, ctx.currency, total, open_total], notes)
