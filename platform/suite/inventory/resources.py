"""Warehouses, locations, lots, operations, adjustments; and what only services write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, TextChoices
from django.utils.translation import gettext_lazy as _

from kontor.context import Context
from kontor.documents.records import Numbering
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Computed, Resource, Rows
from kontor.resources.layout import Facts, Lines, Related, Row, Timeline, Trace
from kontor.resources.registry import register, relate
from suite.inventory import standardising
from suite.inventory.completing import carry_out
from suite.inventory.models import (
    Balance,
    CostEntry,
    Location,
    Lot,
    Move,
    Operation,
    PlannedMove,
    Reservation,
    StockLevel,
    Warehouse,
)
from suite.inventory.reversing import reverse

_READERS = dict.fromkeys(("sales_lead", "sales", "purchasing", "warehouse", "accountant"), "view export")
_COST_READERS = {"purchasing": "view export", "accountant": "view export"}
_PARTY = {"party": "parties.party", "owner_party": "parties.party"}
_AVAILABLE = Computed("quantity", _("available"), lambda ctx: F("usable") - F("reserved"), unit="product__unit__code")
_LINE_HIDDEN = (
    "direction is_stocked warehouse counterpart party unit entered reserved expected returned planned_on priority "
    "route claims is_open origin owner_resource owner_ref_id owner_line_id entered_at done position"
)


@register
class WarehouseResource(Resource):
    model = Warehouse
    menu, icon = "inventory", "building-warehouse"
    columns = "code name branch cost_group is_active"
    form = [Row("code name branch"), Row("cost_group allow_negative is_active"), Lines("locations", "code name kind")]
    detail = [
        Facts("code name branch cost_group allow_negative is_active"),
        Lines("locations", "path name kind valued available"),
        Related("inventory.balance"),
        Timeline(),
    ]
    rows = {
        "locations": Rows(
            "inventory.Location",
            "warehouse",
            "code name kind",
            _("Locations"),
            relations={"parent": "inventory.location"},
        )
    }
    filters = "branch cost_group is_active"
    search = {"code": "A", "name": "A"}
    phone = "code name branch is_active"
    imports = "code name branch__code is_active"
    title, order = "name", "code"
    roles = {**_READERS, "warehouse": "* "}


@register
class LocationResource(Resource):
    model = Location
    menu, icon = "inventory", "map-pin"
    columns = "path name kind warehouse valued available is_active"
    form = [Row("warehouse parent code name"), Row("kind valued available is_active")]
    detail = [Facts(), Related("inventory.location_balance"), Timeline()]
    filters = "warehouse kind parent valued available is_active"
    search = {"path": "A", "name": "B"}
    phone = "path name kind is_active"
    imports = "warehouse__code code name kind parent__code"
    title, code, order = "path", "path code", "path"
    roles = {**_READERS, "warehouse": "*"}


@register
class LotResource(Resource):
    model = Lot
    menu, icon = "inventory", "barcode"
    columns = "number product expires_on party"
    form = [Row("product number expires_on party")]
    filters = "product expires_on party"
    search = {"number": "A", "product__name": "B"}
    phone = "number product expires_on"
    imports = "product__code number expires_on"
    relations = _PARTY
    title, order = "number", "number"
    roles = {**_READERS, "warehouse": "* delete", "purchasing": "view create edit export"}


@register
class OperationResource(Resource):
    """All movements of goods in one list; people work with the faces."""

    model = Operation
    icon = "transfer"
    columns = "number movement party warehouse done_on phase"
    detail = [
        Facts("number movement phase kind party warehouse done_on reversed_on reason"),
        Lines("lines", "product quantity done"),
    ]
    rows = {
        "lines": Rows(
            "inventory.PlannedMove",
            "operation",
            "product quantity done",
            _("Lines"),
            relations=_PARTY,
            readonly=True,
            guards={"cost": "unit_cost"},
        )
    }
    filters = "movement phase party warehouse done_on owner branch"
    search = {"number": "A"}
    phone = "number movement done_on phase"
    relations = _PARTY
    creatable = editable = deletable = False
    roles = {"warehouse": "view export", "accountant": "view export"}


@register
class AdjustmentResource(Resource):
    """Opening balances, counts and corrections: a difference per product."""

    class State(TextChoices):
        DRAFT = "draft", _("Draft")
        POSTED = "posted", _("Posted")
        REVERSED = "reversed", _("Reversed")

    of, name = "inventory.operation", "inventory.adjustment"
    where = {"movement": "adjustment"}
    menu, icon = "inventory", "clipboard-check"
    label, label_plural = _("Adjustment"), _("Adjustments")
    columns = "number kind warehouse done_on reason owner state"
    form = [
        Row("kind warehouse reason"),
        Lines("lines", "product quantity unit_cost lot location"),
        Row("notes"),
    ]
    detail = [
        Facts("kind warehouse done_on reversed_on reason owner notes"),
        Lines("lines", "product quantity unit_cost lot location"),
        Trace(),
        Timeline(),
    ]
    rows = {
        "lines": Rows(
            "inventory.PlannedMove",
            "operation",
            "product quantity unit_cost lot location",
            _("Lines"),
            relations=_PARTY,
            guards={"cost": "unit_cost"},
            hidden=_LINE_HIDDEN,
            required=True,
        )
    }
    filters = "kind warehouse done_on state owner branch"
    search = {"number": "A", "reason": "B"}
    phone = "number kind done_on state"
    imports = "kind warehouse__code reason lines"
    hidden = "movement party address currency planned_on into carrier tracking owner_resource owner_ref_id"
    required = "kind"
    states, numbering = State, Numbering("AD-{yy}{mm}-{n:04}")
    steps = "draft posted"
    roles = {"warehouse": "* delete", "accountant": "view export reverse"}

    @staticmethod
    @action(
        State.DRAFT,
        to=State.POSTED,
        event="posted",
        label=_("Post"),
        main=True,
        effects=True,
        icon="check",
        body={"posted_on": Input("date", _("Posted on"))},
        batch=True,
    )
    def post(adjustments: Sequence[Any], ctx: Context, posted_on: dt.date | None = None) -> None:
        """The difference moves: stock, cost and voucher at once, on a date in an open period."""
        told = carry_out(ctx, adjustments, on=posted_on or ctx.today)
        for adjustment, done in zip(adjustments, told, strict=True):
            adjustment.done_on = done.on

    @action(
        State.POSTED,
        to=State.REVERSED,
        event="reversed",
        label=_("Reverse"),
        effects=True,
        sensitive=True,
        numbers=False,
        icon="arrow-back-up",
        confirm=_("Reverse this adjustment? Its goods and voucher are undone."),
        body={"reason": Input("text", _("Reason")), "date": Input("date", _("Date"))},
    )
    def reverse(adjustment: Any, ctx: Context, reason: str = "", date: dt.date | None = None) -> None:
        """Undo it on another date: reverse moves and a reverse voucher; nothing is erased."""
        day = date or max(ctx.today, adjustment.done_on)
        adjustment.reversed_on = reverse(ctx, adjustment.pk, on=day, reason=reason).on


@register
class MoveResource(Resource):
    model = Move
    menu, icon = "inventory", "arrows-exchange"
    columns = "on product quantity from_location to_location lot operation made_by"
    filters = "product on lot from_location to_location operation reverses"
    search, search_by = {"product__code": "A", "product__name": "B"}, "product"
    phone = "product quantity on"
    order = "-on"
    title = "on"
    relations = _PARTY
    creatable = editable = deletable = False
    roles = {"warehouse": "view export", "purchasing": "view export", "accountant": "view export", "sales_lead": "view"}


@register
class StockLevelResource(Resource):
    """A row per product and warehouse; ``by=location,lot`` gives the finer rows."""

    model = StockLevel
    name, path = "inventory.balance", "inventory/balances"
    menu, icon = "inventory", "stack-2"
    columns = "product warehouse on_hand reserved available value"
    computed = {"available": _AVAILABLE}
    filters = "product warehouse on_hand reserved available value"
    search, search_by = {"product__code": "A", "product__name": "B"}, "product"
    phone = "product available warehouse"
    guards = {"cost": "value"}
    sums = "value"
    order, title = "product", "product"
    creatable = editable = deletable = False
    roles = _READERS


@register
class LocationBalanceResource(Resource):
    """A row per product, location, lot and owner of the goods."""

    model = Balance
    name = "inventory.location_balance"
    icon = "stack"
    columns = "product warehouse location lot owner_party on_hand reserved available"
    computed = {
        "available": Computed(
            "quantity", _("available"), lambda ctx: F("on_hand") - F("reserved"), unit="product__unit__code"
        ),
    }
    flat = {"location": "warehouse"}
    filters = "product warehouse location lot owner_party on_hand reserved internal"
    search, search_by = {"product__code": "A", "product__name": "B"}, "product"
    phone = "product location on_hand"
    hidden = "allow_negative"
    readonly = "warehouse"
    order, title = "product", "product"
    relations = _PARTY
    creatable = editable = deletable = False
    roles = _READERS


@register
class PlannedMoveResource(Resource):
    model = PlannedMove
    icon = "calendar-event"
    columns = "product direction quantity reserved expected done planned_on priority warehouse"
    filters = "product warehouse direction planned_on priority is_open claims owner_ref_id operation"
    search, search_by = {"product__code": "A", "product__name": "B"}, "product"
    phone = "product quantity planned_on"
    guards = {"cost": "unit_cost"}
    hidden = "position is_stocked"
    order, title = "planned_on", "product"
    relations = {**_PARTY, "origin": "inventory.planned_move"}
    name = "inventory.planned_move"
    creatable = editable = deletable = False
    roles = {"warehouse": "view export", "purchasing": "view export", "sales_lead": "view"}


@register
class ReservationResource(Resource):
    model = Reservation
    icon = "lock"
    columns = "demand balance supply quantity created_at"
    filters = "demand balance supply"
    phone = "demand quantity"
    relations = {
        "demand": "inventory.planned_move",
        "supply": "inventory.planned_move",
        "balance": "inventory.location_balance",
    }
    order, title = "-created_at", "quantity"
    creatable = editable = deletable = False
    roles = {"warehouse": "view", "sales_lead": "view"}


@register
class CostEntryResource(Resource):
    """Every change of value with its move and layer: why an issue cost what it did."""

    model = CostEntry
    name = "inventory.cost_entry"
    icon = "coins"
    columns = "on product kind quantity amount move"
    flat = {"product_cost": "product"}
    readonly = "product"
    hidden = "product_cost layer"
    filters = "on product kind move voucher_id"
    phone = "product amount on"
    guards = {"cost": "amount"}
    order, title = "-on", "kind"
    creatable = editable = deletable = False
    roles = _COST_READERS


StandardCost = standardising.StandardCost  # hung on the product

relate("catalog.product", "inventory.balance", "product")
relate("catalog.product", "inventory.move", "product")
relate("inventory.warehouse", "inventory.balance", "warehouse")
relate("inventory.location", "inventory.location_balance", "location")
relate("inventory.adjustment", "finance.voucher", "source_id")
