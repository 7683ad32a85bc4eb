"""From an order to its deliveries: draw up what is reserved, ship it, bill it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.references import find_many
from kontor.errors import FieldError, Invalid, Refused
from kontor.resources import registry
from kontor.values.parsing import decimal
from suite.inventory import api as inventory
from suite.sales import demand, parts, processing, rules
from suite.sales.addresses import frozen_address
from suite.sales.models import Order

FACE = "sales.delivery"


def deliver(ctx: Context, order: Order, lines: list[dict[str, Any]] | None, warehouse_id: UUID | None) -> Any:
    """A draft delivery of what is reserved; with ``lines`` of these quantities at most."""
    stored = {line.pk: line for line in order.lines.order_by("position")}
    drawn = {pk: told.drawn for pk, told in inventory.outcome_of(ctx, demand.ref(order), costs=False).items()}
    left = {
        pk: line.base_quantity - line.delivered - drawn.get(pk, rules.ZERO) if line.is_stocked else rules.ZERO
        for pk, line in stored.items()
    }
    wanted = left
    if lines is not None:
        most = {pk: n + stored[pk].tolerance if stored[pk].is_stocked else n for pk, n in left.items()}
        wanted = parts.asked(stored.values(), most, lines, parts.DELIVERED)
        over = {pk: n - left[pk] for pk, n in wanted.items() if n > left[pk]}
        if over:  # within the tolerance of the line: the demand grows by it
            demand.plan_and_reserve(ctx, order, stored.values(), over)
    rows = [inventory.DrawRow(pk, quantity) for pk, quantity in wanted.items() if quantity > 0]
    if not rows:
        raise Refused(_("Nothing of this order is left to be delivered."), code="nothing_to_deliver")
    place = warehouse_id or order.warehouse_id or inventory.default_warehouse(ctx)
    operation_id = inventory.draw_up(
        ctx, FACE, demand.ref(order), rows, warehouse_id=place,
        party_id=order.customer_id, address=order.ship_to or frozen_address(ctx, order.customer_id, "delivery"),
        currency=order.currency, owner_employee_id=order.owner_id,
    )  # fmt: skip
    return registry.spec(FACE).model._default_manager.get(pk=operation_id)


def ship(ctx: Context, delivery: Any, lines: list[dict[str, Any]] | None, shipped_on: dt.date | None) -> None:
    """Carry a delivery out: all of its lines, or those given; the rest goes back to the order."""
    order = processing.hold(ctx, delivery.owner_ref_id)
    if order is not None and order.state == Order.State.CANCELLED:
        raise Refused(_("The order of this delivery was cancelled."), code="order_cancelled")
    quantities = {row["line"]: row["quantity"] for row in lines} if lines is not None else None
    lots = _lots(ctx, lines or [])
    done = inventory.complete(
        ctx, delivery.pk, on=shipped_on or ctx.today, quantities=quantities, lots=lots,
        record=delivery,
    )  # fmt: skip
    delivery.done_on = done.on
    _trim(ctx, delivery)


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
    _trim(ctx, delivery)


def _trim(ctx: Context, goods: Any) -> None:
    """What was planned beyond the order within its tolerance and did not go is wanted no longer."""
    order = Order.objects.filter(pk=goods.owner_ref_id, state=Order.State.CONFIRMED, lines__tolerance__gt=0).first()
    if order is not None:
        demand.plan_and_reserve(ctx, order, list(order.lines.order_by("position")))


def invoice(ctx: Context, delivery: Any) -> Any:
    """A draft invoice of what this delivery brought and nobody has invoiced."""
    from suite.sales.invoicing import invoice_delivery

    return invoice_delivery(ctx, delivery)
