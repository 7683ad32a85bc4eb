"""What is meant to happen: operations, planned moves, and who holds what."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kontor import clock
from kontor.database.instances import Stored
from kontor.documents.records import Document, Draft, Line
from kontor.values.columns import CurrencyField, IdField, PriceField, QuantityField, Reference


class Operation(Document):
    """One document for every movement of goods; faces show the rows of one ``movement`` each.

    ``state`` holds the face's own word (draft, shipped, received …) and is the face's affair.
    ``phase`` is what inventory itself reads and writes; the two never stand for each other.
    """

    class Movement(models.TextChoices):
        DELIVERY = "delivery", _("Delivery")
        RETURN = "return", _("Return")
        RECEIPT = "receipt", pgettext_lazy("goods", "Receipt")
        ADJUSTMENT = "adjustment", _("Adjustment")

    class Phase(models.TextChoices):
        OPEN = "open", pgettext_lazy("warehouse operation", "Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")
        REVERSED = "reversed", _("Reversed")

    class Kind(models.TextChoices):
        OPENING = "opening", _("Opening balance")
        COUNT = "count", _("Count")
        CORRECTION = "correction", _("Correction")

    movement = models.CharField(_("movement"), max_length=16, choices=Movement.choices, editable=False)
    phase = models.CharField(_("phase"), max_length=10, choices=Phase.choices, default=Phase.OPEN, editable=False)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, blank=True)
    warehouse = Reference("inventory.Warehouse", verbose_name=_("warehouse"), null=True, blank=True)
    party = Reference("parties.Party", verbose_name=_("party"), null=True, blank=True)
    address = models.JSONField(_("address"), default=dict, blank=True, editable=False)  # as frozen by parties.snapshot
    currency = CurrencyField(_("currency"), blank=True, editable=False)
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True, editable=False)
    reversed_on = models.DateField(_("reversed on"), null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    into = models.CharField(_("put into"), max_length=16, blank=True, editable=False)  # a return: usable or scrap
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=80, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    # whom it was drawn up for: the loose reference of the owner protocol (``owner`` is a person)
    owner_resource = models.CharField(max_length=80, blank=True, editable=False)
    owner_ref_id = models.UUIDField(pgettext_lazy("record", "made for"), null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("warehouse operation"), _("warehouse operations")
        indexes = [
            models.Index(fields=["movement", "created_at"], name="inventory_operation_list"),
            models.Index(fields=["owner_ref_id"], name="inventory_operation_owner"),
            models.Index(fields=["number"], name="inventory_operation_number"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.pk)

    @property
    def numbered_on(self) -> dt.date | None:
        """The date whose month the number carries."""
        return self.done_on

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Lines that people write (adjustments, returns) become complete planned moves."""
        from suite.inventory.drafts import settle_operations

        settle_operations(ctx, drafts)

    def dropping(self, ctx: Any) -> None:
        """Planned moves of an owner go back to it before the operation is deleted."""
        from suite.inventory.drawing import put_back

        put_back(ctx, self)


class PlannedMove(Line):
    """What is meant to move: the lines of operations, and the demand and supply of order lines.

    ``location`` is our end (empty: any place of the warehouse that can be promised), ``counterpart``
    the other. The quantity is positive, save for a ``difference`` (an adjustment), whose sign says
    which way. Splits keep ``entered_at``, so that the order of entry survives them.
    """

    class Direction(models.TextChoices):
        OUT = "out", pgettext_lazy("goods", "Out")
        IN = "in", pgettext_lazy("goods", "In")
        DIFFERENCE = "difference", _("Difference")

    class Route(models.TextChoices):
        STOCK = "stock", _("From stock")
        BUY = "buy", _("Bought to order")
        MAKE = "make", _("Made to order")
        DROP = "drop", _("Shipped by the supplier")

    labels: ClassVar[dict[str, Any]] = {
        "route": _("source of supply"),
        "claims": _("waits for goods"),
        "is_open": pgettext_lazy("planned move", "open"),
        "entered_at": _("entered"),
    }

    operation = Reference(Operation, verbose_name=_("operation"), null=True, blank=True, db_index=True)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices, editable=False)
    product = Reference("catalog.Product", verbose_name=_("product"))
    is_stocked = models.BooleanField(_("stocked"), default=True, editable=False)  # services count, but never move
    lot = Reference("inventory.Lot", verbose_name=_("lot"), null=True, blank=True)
    warehouse = Reference("inventory.Warehouse", verbose_name=_("warehouse"), editable=False)
    location = Reference("inventory.Location", verbose_name=_("location"), null=True, blank=True)
    counterpart = Reference("inventory.Location", verbose_name=_("other end"), null=True, editable=False)
    party = Reference("parties.Party", verbose_name=_("party"), null=True, editable=False)
    quantity = QuantityField(_("quantity"), unit="product__unit__code")
    unit = Reference("catalog.Unit", verbose_name=_("unit as entered"), null=True, editable=False)
    entered = QuantityField(_("quantity as entered"), unit="unit__code", null=True, editable=False)
    done = QuantityField(pgettext_lazy("quantity", "done"), default=0, unit="product__unit__code", editable=False)
    reserved = QuantityField(_("reserved"), default=0, unit="product__unit__code", editable=False)
    expected = QuantityField(_("promised from supply"), default=0, unit="product__unit__code", editable=False)
    returned = QuantityField(_("returned"), default=0, unit="product__unit__code", editable=False)
    unit_cost = PriceField(_("unit cost"), currency="operation__currency", null=True, blank=True)
    planned_on = models.DateField(_("expected on"), null=True, editable=False)
    priority = models.PositiveSmallIntegerField(_("priority"), default=5, editable=False)  # 1 goes first
    route = models.CharField(max_length=6, choices=Route.choices, default=Route.STOCK, editable=False)
    claims = models.BooleanField(default=False, editable=False)  # it waits for goods and is given free ones in order
    is_open = models.BooleanField(default=True, editable=False)
    origin = Reference("self", verbose_name=_("returned line"), null=True, blank=True)
    owner_resource = models.CharField(max_length=80, blank=True, editable=False)
    owner_ref_id = models.UUIDField(null=True, editable=False)
    owner_line_id = models.UUIDField(null=True, editable=False)
    entered_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("planned move"), _("planned moves")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | (Q(direction="difference") & ~Q(quantity=0)),
                name="inventory_planned_quantity",
                violation_error_message=_("The quantity must be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(direction="difference", reserved=0, expected=0)
                | Q(
                    done__gte=0,
                    reserved__gte=0,
                    expected__gte=0,
                    quantity__gte=F("done") + F("reserved") + F("expected"),
                ),
                name="inventory_planned_reserved",
                violation_error_message=_("More would be reserved or done than is planned."),
            ),
            models.CheckConstraint(
                condition=Q(returned=0) | Q(returned__gt=0, done__gte=F("returned")),
                name="inventory_planned_returned",
                violation_error_message=_("More would be returned than was delivered."),
            ),
        ]
        indexes = [
            models.Index(fields=["owner_ref_id"], name="inventory_planned_owner"),
            # few rows; without it every dropped planned move would be looked for in all others
            models.Index(fields=["origin"], condition=Q(origin__isnull=False), name="inventory_planned_origin"),
            # what availability, reservation and (one day) MRP read: one index, open rows alone
            models.Index(
                fields=["product", "warehouse", "direction", "planned_on"],
                condition=Q(is_open=True),
                name="inventory_planned_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.quantity}"


class Reservation(Stored):
    """So much of a planned move out is held, on a balance row or on a planned move in: never both."""

    id = IdField()
    demand = Reference(PlannedMove, verbose_name=pgettext_lazy("reservation", "for"))
    balance = Reference("inventory.Balance", verbose_name=_("balance"), null=True)
    supply = Reference(PlannedMove, verbose_name=_("expected supply"), null=True)
    quantity = QuantityField(_("quantity"), unit="demand__product__unit__code")
    created_at = models.DateTimeField(_("since"), default=clock.now)

    class Meta:
        verbose_name, verbose_name_plural = _("reservation"), _("reservations")
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "balance", "supply"], nulls_distinct=False, name="inventory_reservation_once"
            ),
            models.CheckConstraint(
                condition=Q(balance__isnull=True, supply__isnull=False) | Q(balance__isnull=False, supply__isnull=True),
                name="inventory_reservation_one_source",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_reservation_quantity"),
        ]
        indexes = [
            models.Index(fields=["balance"], condition=Q(balance__isnull=False), name="inventory_reservation_balance"),
            models.Index(fields=["supply"], condition=Q(supply__isnull=False), name="inventory_reservation_supply"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
