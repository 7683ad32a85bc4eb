"""Lines that people write become complete planned moves: adjustments, and returns of delivered lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid
from kontor.values.money import plain
from suite.catalog import api as catalog
from suite.inventory import places
from suite.inventory.models import Location, Lot, Operation, PlannedMove

_M = Operation.Movement
_D = PlannedMove.Direction


def settle_operations(ctx: Context, drafts: list[Draft]) -> None:
    """Warehouse, currency and lines of new or changed drafts; raises Invalid with all that is wrong."""
    errors: list[FieldError] = []
    for draft in drafts:
        operation = draft.record
        if operation.warehouse_id is None:
            operation.warehouse_id = places.default_warehouse(ctx)
        if operation.movement == _M.ADJUSTMENT or not operation.currency:
            operation.currency = ctx.currency
    by_movement: dict[str, Callable[[Context, list[Draft], list[FieldError]], None]] = {
        _M.ADJUSTMENT: _settle_adjustments,
        _M.RETURN: _settle_returns,
    }
    for movement, settle in by_movement.items():
        mine = [d for d in drafts if d.record.movement == movement]
        if mine:
            settle(ctx, mine, errors)
    if errors:
        raise Invalid(errors)


def _settle_adjustments(ctx: Context, drafts: list[Draft], errors: list[FieldError]) -> None:
    lines = [(d, line) for d in drafts for line in d.lines.get("lines", [])]
    products = catalog.products(ctx, {line.product_id for _d, line in lines if line.product_id})
    lots = dict(Lot.objects.filter(pk__in={x.lot_id for _d, x in lines if x.lot_id}).values_list("pk", "product_id"))
    known, other_end = places.places(ctx), places.outside(ctx, Location.Kind.ADJUSTMENT).id
    for draft, line in lines:
        at = draft.line_at.get(line.pk, "")
        line.direction, line.counterpart_id = _D.DIFFERENCE, other_end
        line.warehouse_id = draft.record.warehouse_id
        line.planned_on = draft.record.planned_on
        product = products.get(line.product_id)
        if product is None:
            continue  # the check of what is required tells it
        if not product.is_stocked:
            errors.append(FieldError(f"{at}/product", "not_stocked", _("This product is not kept in stock.")))
        if not line.quantity:
            errors.append(FieldError(f"{at}/quantity", "invalid", _("A difference other than zero is expected.")))
        if line.unit_cost is not None and line.unit_cost < 0:
            errors.append(FieldError(f"{at}/unit_cost", "invalid", _("A cost cannot be negative.")))
        place = known.get(line.location_id) if line.location_id else None
        if line.location_id and (place is None or place.warehouse_id != draft.record.warehouse_id):
            errors.append(FieldError(f"{at}/location", "invalid", _("This location is not in the warehouse.")))
        if line.lot_id and lots.get(line.lot_id) != line.product_id:
            errors.append(FieldError(f"{at}/lot", "invalid", _("This lot is of another product.")))


def _settle_returns(ctx: Context, drafts: list[Draft], errors: list[FieldError]) -> None:
    wanted = {line.origin_id for d in drafts for line in d.lines.get("lines", []) if line.origin_id}
    origins = {
        r.pk: r
        for r in PlannedMove.objects.filter(pk__in=wanted, operation__movement=_M.DELIVERY).select_related("operation")
    }
    customer = places.outside(ctx, Location.Kind.CUSTOMER).id
    for draft in drafts:
        operation = draft.record
        for line in draft.lines.get("lines", []):
            origin, at = origins.get(line.origin_id), draft.line_at.get(line.pk, "")
            if origin is None:
                errors.append(FieldError(f"{at}/origin", "required", _("Name the delivered line that comes back.")))
                continue
            _take_over(ctx, operation, origin)
            left = origin.done - origin.returned
            if line.quantity is None or not 0 < line.quantity <= left:
                errors.append(
                    FieldError(
                        f"{at}/quantity",
                        "more_than_delivered",
                        _("Between 0 and %(left)s of this line can come back.") % {"left": plain(left)},
                        {"left": plain(left)},
                    )
                )
            fill_return(ctx, line, origin, operation.warehouse_id, customer)


def _take_over(ctx: Context, operation: Operation, origin: PlannedMove) -> None:
    """What a return takes from the delivery of its first line."""
    delivery = origin.operation
    assert delivery is not None
    if operation.party_id is None:
        operation.party_id, operation.address = delivery.party_id, delivery.address
        operation.currency = delivery.currency or ctx.currency
    if operation.owner_ref_id is None:
        operation.owner_resource, operation.owner_ref_id = delivery.owner_resource, delivery.owner_ref_id


def fill_return(ctx: Context, line: PlannedMove, origin: PlannedMove, warehouse_id: Any, customer: Any) -> None:
    """Everything of a returned line that its delivered line tells."""
    line.direction, line.product_id, line.is_stocked = _D.IN, origin.product_id, origin.is_stocked
    line.warehouse_id, line.counterpart_id = warehouse_id or origin.warehouse_id, customer
    line.party_id, line.lot_id, line.planned_on = origin.party_id, line.lot_id or origin.lot_id, ctx.today
    line.owner_resource, line.owner_ref_id = origin.owner_resource, origin.owner_ref_id
    line.owner_line_id = origin.owner_line_id
