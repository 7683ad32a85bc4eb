"""The end of an order: by itself, by hand, or called off."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.conversion import links_from
from kontor.errors import Refused
from kontor.resources import registry
from kontor.values.wording import listed
from suite.inventory import api as inventory
from suite.sales import demand, invoicing, rules
from suite.sales.confirming import take_credit
from suite.sales.models import Invoice, Order, OrderLine

ZERO = rules.ZERO


def cancel(ctx: Context, order: Order, reason: str) -> None:
    """Release stock and credit; drafts that hang on the order go with it, posted facts forbid it."""
    order.reason = reason[:300]
    if order.state == Order.State.DRAFT:
        return
    hangs = hanging(order)
    if hangs:
        raise Refused(
            _("%(documents)s hang on this order. Take back goods by a return and amounts by a credit note instead.")
            % {"documents": listed(hangs)},
            code="documents_hang", documents=hangs,
        )  # fmt: skip
    system = ctx.as_system()
    for delivery_id in open_deliveries(order):
        gate.perform(system, "sales.delivery", delivery_id, "cancel")
    for pk in Invoice.objects.filter(order=order, state=Invoice.State.DRAFT).values_list("pk", flat=True):
        gate.delete(system, "sales.invoice", pk)
    inventory.release(ctx, demand.ref(order))
    inventory.plan(ctx, demand.ref(order), [])
    take_credit(ctx, {order: ZERO})


def hanging(order: Order) -> list[str]:
    """Numbers of what cannot be undone any more: shipped deliveries, invoices not wholly credited."""
    deliveries = _deliveries(order).filter(state="shipped")
    earlier = invoicing.earlier_of([order])[order.pk]
    posted = [i.number for i in earlier if i.state == Invoice.State.POSTED]
    joint = [_("a draft invoice over several orders") for i in earlier if i.state == "draft" and not i.order_id]
    return [*deliveries.values_list("number", flat=True), *posted, *joint]


def open_deliveries(order: Order) -> list[object]:
    """The deliveries of an order that are still drafts, in id order."""
    return list(_deliveries(order).filter(state="draft").order_by("pk").values_list("pk", flat=True))


def _deliveries(order: Order):  # type: ignore[no-untyped-def]  # a query set of inventory's model
    ids = {x.target_id for x in links_from(order.pk) if x.target_resource == "sales.delivery"}
    return registry.spec("sales.delivery").model._default_manager.filter(pk__in=ids)


def close(ctx: Context, orders: Sequence[Order]) -> None:
    """What is left is given back: reservations, demand, credit."""
    lines = OrderLine.of([order.pk for order in orders if order.delivery_state != rules.ALL])
    for order in orders:
        mine = lines.get(order.pk, [])
        if any(line.is_stocked and line.delivered < line.base_quantity for line in mine):
            system = ctx.as_system()
            for delivery_id in open_deliveries(order):
                gate.perform(system, "sales.delivery", delivery_id, "cancel")
            inventory.release(ctx, demand.ref(order))
            demand.keep_done(ctx, order, mine)
    take_credit(ctx, {order: ZERO for order in orders if order.exposure})
