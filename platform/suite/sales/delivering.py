"""From an order to its deliveries: draw up what is reserved, ship it, bill it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import FieldError, Invalid, Refused
from kontor.values.parsing import decimal
from suite.inventory import api as inventory
from suite.sales import demand, parts, processing, rules
from suite.sales.addresses import frozen_address
from suite.sales.models import Order, OrderLine

FACE = "sales.delivery"


def deliver(
    ctx: Context, orders: Sequence[Order], lines: list[dict[str, Any]] | None, warehouse_id: UUID | None
) -> list[Any]:
    """A draft delivery of each order, of what is reserved; with ``lines`` of these quantities at most."""
    stored = OrderLine.of([order.pk for order in orders])
    told = inventory.outcomes_of(ctx, [demand.ref(order) for order in orders], costs=False)
    asked = []
    for order in orders:
        wanted = _wanted(ctx, order, stored[order.pk], told, lines)
        rows = [inventory.DrawRow(pk, quantity) for pk, quantity in wanted.items() if quantity > 0]
        if not rows:
            raise Refused(_("Nothing of this order is left to be delivered."), code="nothing_to_deliver")
        asked.append(inventory.DrawAsk(
            demand.ref(order), rows, warehouse_id or order.warehouse_id or inventory.default_warehouse(ctx),
            order.customer_id, order.ship_to or frozen_address(ctx, order.customer_id, "delivery"), order.currency,
            order.owner_id,
        ))  # fmt: skip
    return inventory.draw_up(ctx, FACE, asked)


def _wanted(
    ctx: Context, order: Order, stored: Sequence[OrderLine], told: Mapping[UUID, inventory.Outcome],
    lines: list[dict[str, Any]] | None,
) -> dict[UUID, Decimal]:  # fmt: skip
    """What goes of each line, in the base unit; beyond the order within its tolerance the demand grows."""
    left = {
        line.pk: line.base_quantity - line.delivered - told.get(line.pk, processing.NOTHING).drawn
        if line.is_stocked else rules.ZERO
        for line in stored
    }  # fmt: skip
    if lines is None:
        return left
    most = {line.pk: left[line.pk] + (line.tolerance if line.is_stocked else rules.ZERO) for line in stored}
    wanted = parts.asked(stored, most, lines, parts.DELIVERED)
    over = {pk: n - left[pk] for pk, n in wanted.items() if n > left[pk]}
    if over:
        demand.plan_and_reserve(ctx, {order: stored}, over)
    return wanted


def ship(
    ctx: Context, deliveries: Sequence[Any], lines: list[dict[str, Any]] | None, shipped_on: dt.date | None
) -> None:
    """Carry deliveries out: all of their lines, or those given; the rest goes back to the order."""
    orders = processing.hold(ctx, [d.owner_ref_id for d in deliveries])
    if any(order.state == Order.State.CANCELLED for order in orders):
        raise Refused(_("The order of this delivery was cancelled."), code="order_cancelled")
    quantities = {row["line"]: row["quantity"] for row in lines} if lines is not None else None
    lots = _lots(ctx, lines or [])
    told = inventory.carry_out(ctx, deliveries, on=shipped_on or ctx.today, quantities=quantities, lots=lots)
    for delivery, done in zip(deliveries, told, strict=True):
        delivery.done_on = done.on
    _trim(ctx, deliveries)


def _lots(ctx: Context, lines: list[dict[str, Any]]) -> dict[UUID, list[tuple[UUID, Decimal]]]:
    """The lots that go, per line: ``[{lot, quantity}]``, a lot by id or number; Invalid names what is wrong."""
    given = [(i, row) for i, row in enumerate(lines) if row.get("lots")]
    out: dict[UUID, list[tuple[UUID, Decimal]]] = {}
    errors = []
    for i, row in given:
        for k, part in enumerate(row["lots"] if isinstance(row["lots"], list) else [row["lots"]]):
            at = f"/lines/{i}/lots/{k}"
            word = part.get("lot") if isinstance(part, dict) else None
            found = find_many(ctx, "inventory.lot", [word])[word] if isinstance(word, str) and word else None
            try:
                amount = decimal(part.get("quantity")) if isinstance(part, dict) else rules.ZERO
            except ValueError as error:
                errors.append(FieldError(f"{at}/quantity", "invalid", str(error)))
                continue
            if isinstance(found, UUID) and amount > 0:
                out.setdefault(row["line"], []).append((found, amount))
            else:
                told = found if isinstance(found, str) else _("A lot and its quantity are expected here.")
                errors.append(FieldError(f"{at}/lot", "invalid", told))
    if errors:
        raise Invalid(errors)
    return out


def cancel(ctx: Context, delivery: Any) -> None:
    """Give the goods of a draft back to the order, reserved as before."""
    inventory.put_back(ctx, delivery.pk)
    _trim(ctx, [delivery])


def _trim(ctx: Context, goods: Sequence[Any]) -> None:
    """What was planned beyond the order within its tolerance and did not go is wanted no longer."""
    ids = [x.owner_ref_id for x in goods]
    orders = list(
        Order.objects.filter(pk__in=ids, state=Order.State.CONFIRMED, lines__tolerance__gt=0).distinct().order_by("pk")
    )
    if orders:
        lines = OrderLine.of([order.pk for order in orders])
        demand.plan_and_reserve(ctx, {order: lines[order.pk] for order in orders})
