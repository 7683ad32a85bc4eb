"""Warehouses, the tree of locations, and lots."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Draft, Record
from kontor.resources import registry
from kontor.surfaces import search
from kontor.values.columns import Reference


class Warehouse(Record):
    """A place that keeps goods; its cost group decides which warehouses share an average cost."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    branch = Reference("organization.Branch", verbose_name=_("branch"), null=True, blank=True)
    cost_group = Reference(
        "fields.DictionaryItem",
        verbose_name=_("cost group"),
        null=True,
        blank=True,
        help_text=_("Warehouses of one cost group share the cost of a product; empty: that of the company."),
    )
    allow_negative = models.BooleanField(
        _("may go below zero"), default=False, help_text=_("Whether goods may leave before they are booked in.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("warehouse"), _("warehouses")
        constraints = [models.UniqueConstraint(fields=["code"], name="inventory_warehouse_code")]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """A new warehouse gets its four locations beside those that were given."""
        from suite.inventory.places import settle_warehouses

        settle_warehouses(ctx, drafts)

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """The permission to go below zero stands on every balance row, where a CHECK can read it; places are found."""
        from suite.inventory.places import follow_warehouses

        follow_warehouses(drafts)
        places = [row.pk for d in drafts for row in d.lines.get("locations", [])]
        search.index(registry.spec("inventory.location"), places)


class Location(Record):
    """A node of a warehouse's tree, or (without a warehouse) one of the virtual other ends of moves."""

    class Kind(models.TextChoices):
        USABLE = "usable", _("Usable")
        INSPECTION = "inspection", _("Inspection")
        PUT_AWAY = "put_away", _("Awaiting put-away")
        HELD = "held", _("Held")
        SCRAP = "scrap", _("Scrap")
        TRANSIT = "transit", _("In transit")
        LOAN = "loan", _("On loan")
        SUBCONTRACTOR = "subcontractor", _("At a subcontractor")
        CONSIGNMENT = "consignment", _("On consignment")
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer")
        PRODUCTION = "production", _("Production")
        ADJUSTMENT = "adjustment", _("Adjustment")

    VIRTUAL = (Kind.SUPPLIER, Kind.CUSTOMER, Kind.PRODUCTION, Kind.ADJUSTMENT)

    warehouse = Reference(Warehouse, verbose_name=_("warehouse"), null=True, blank=True)
    parent = Reference("self", verbose_name=_("above"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    path = models.CharField(_("path"), max_length=200, editable=False)  # MAIN/A/A-01
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.USABLE)
    valued = models.BooleanField(
        _("on the balance sheet"), blank=True, help_text=_("Whether goods here are ours and have a value.")
    )
    available = models.BooleanField(
        _("can be promised"), blank=True, help_text=_("Whether orders may take goods here.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("location"), _("locations")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "code"], nulls_distinct=False, name="inventory_location_code"),
            models.CheckConstraint(
                condition=Q(warehouse__isnull=False) | Q(valued=False, available=False),
                name="inventory_location_virtual",
                violation_error_message=_("A location outside every warehouse holds nothing of ours."),
            ),
        ]
        indexes = [models.Index(fields=["path"], name="inventory_location_path")]

    def __str__(self) -> str:
        return self.path

    @property
    def is_internal(self) -> bool:
        """Inside a warehouse: goods here are counted."""
        return self.warehouse_id is not None

    @classmethod
    def derive(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Flags by kind, the path of the tree, and what may still change once goods stand here."""
        from suite.inventory.places import settle_locations

        settle_locations(ctx, [(d.record, d.given, d.before, d.at) for d in drafts])

    @classmethod
    def written(cls, ctx: Any, drafts: list[Draft]) -> None:
        """Locations below follow the path of the one that was renamed."""
        from suite.inventory.places import move_paths

        move_paths([(d.record, d.before) for d in drafts if d.before])


class Lot(Record):
    """A batch of a product, or a single piece with a serial number."""

    product = Reference("catalog.Product", verbose_name=_("product"))
    number = models.CharField(_("number"), max_length=60)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    party = Reference("parties.Party", verbose_name=_("maker"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("lot"), _("lots")
        constraints = [models.UniqueConstraint(fields=["product", "number"], name="inventory_lot_number")]
        indexes = [models.Index(fields=["number"], name="inventory_lot_find")]

    def __str__(self) -> str:
        return self.number
