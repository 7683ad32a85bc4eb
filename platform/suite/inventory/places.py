"""Warehouses and locations: the tree, the flags, and where goods go unless told otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from kontor.configuration import kept as kept_rows
from kontor.configuration.kept import kept
from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid, NotFound, Refused
from suite.inventory.models import Balance, Location, Warehouse

_K = Location.Kind
# kind → on the balance sheet, can be promised
_FLAGS: dict[str, tuple[bool, bool]] = {
    _K.USABLE: (True, True),
    _K.INSPECTION: (True, False),
    _K.PUT_AWAY: (True, False),
    _K.HELD: (True, False),
    _K.SCRAP: (False, False),
    _K.TRANSIT: (True, False),
    _K.LOAN: (True, False),
    _K.SUBCONTRACTOR: (True, False),
    _K.CONSIGNMENT: (True, False),
    **dict.fromkeys(Location.VIRTUAL, (False, False)),
}
_USUAL = (("USE", _K.USABLE), ("INSPECT", _K.INSPECTION), ("HOLD", _K.HELD), ("SCRAP", _K.SCRAP))


@dataclass(frozen=True, slots=True)
class Place:
    """A location as the services need it."""

    id: UUID
    path: str
    kind: str
    valued: bool
    available: bool
    warehouse_id: UUID | None
    is_active: bool

    @property
    def internal(self) -> bool:
        return self.warehouse_id is not None


def places(ctx: Context) -> dict[UUID, Place]:
    """All locations of the company by id, in order of path; read once a call."""
    return kept(ctx, "places", "places of stock", _read_places)


def _read_places() -> dict[UUID, Place]:
    rows = Location.objects.order_by("path", "pk").values_list(
        "pk", "path", "kind", "valued", "available", "warehouse_id", "is_active"
    )
    return {row[0]: Place(*row) for row in rows}


def warehouses(ctx: Context) -> dict[UUID, Warehouse]:
    """All warehouses by id, the oldest first; read once a call."""
    return kept(ctx, "places", "warehouses", _read_warehouses)


def _read_warehouses() -> dict[UUID, Warehouse]:
    return {w.pk: w for w in Warehouse.objects.order_by("created_at", "code")}


def forget(ctx: Context) -> None:
    """Drop what this call knows of places, after one was written."""
    kept_rows.forget(ctx, "places of stock", "warehouses")


def home(ctx: Context, warehouse_id: UUID, kind: str = "usable") -> Place:
    """The first location of that kind in the warehouse: where goods go unless told otherwise."""
    for place in places(ctx).values():
        if place.warehouse_id == warehouse_id and place.kind == kind and place.is_active:
            return place
    raise Refused(
        _("Warehouse %(code)s has no location of the kind “%(kind)s”. Add one under Locations.")
        % {"code": warehouses(ctx)[warehouse_id].code, "kind": Location.Kind(kind).label},
        code="no_location",
    )


def outside(ctx: Context, kind: str) -> Place:
    """The virtual location of that kind."""
    for place in places(ctx).values():
        if place.warehouse_id is None and place.kind == kind:
            return place
    raise Refused(_("The virtual location “%(kind)s” is missing.") % {"kind": kind}, code="no_location")


def promising(ctx: Context, warehouse_ids: Iterable[UUID]) -> list[Place]:
    """Locations whose goods orders may take, in order of path."""
    wanted = set(warehouse_ids)
    return [p for p in places(ctx).values() if p.available and p.warehouse_id in wanted]


def default_warehouse(ctx: Context) -> UUID:
    """The first active warehouse of the user's branch, else of the company."""
    active = [w for w in warehouses(ctx).values() if w.is_active]
    if not active:
        raise NotFound(_("There is no warehouse yet. Make one under Inventory."))
    return next((w.pk for w in active if ctx.branch_id and w.branch_id == ctx.branch_id), active[0].pk)


def settle_warehouses(ctx: Context, drafts: list[Draft]) -> None:
    """Fill a new warehouse's locations; those given with it come first."""
    forget(ctx)
    for draft in drafts:
        rows = draft.lines.setdefault("locations", [])
        for row in rows:
            row.warehouse = draft.record
        settle_locations(
            ctx,
            [
                (r, draft.lines_given.get(r.pk, set()), draft.lines_before.get(r.pk, {}), draft.line_at.get(r.pk, ""))
                for r in rows
            ],
        )
        if draft.is_new:
            kinds, codes = {r.kind for r in rows}, {r.code for r in rows}
            for code, kind in _USUAL:
                if kind not in kinds and code not in codes:
                    valued, available = _FLAGS[kind]
                    rows.append(
                        Location(
                            warehouse=draft.record,
                            code=code,
                            name=str(Location.Kind(kind).label),
                            kind=kind,
                            path=f"{draft.record.code}/{code}",
                            valued=valued,
                            available=available,
                        )
                    )


def settle_locations(ctx: Context, rows: list[tuple[Location, set[str], dict[str, Any], str]]) -> None:
    """Flags by kind where not given; the path; no change of meaning where goods stand."""
    forget(ctx)
    errors: list[FieldError] = []
    for row, given, before, at in rows:
        valued, available = _FLAGS.get(row.kind, (False, False))
        changed = bool(before) and "kind" in given and before["kind"] != row.kind
        if "valued" not in given and (not before or changed):
            row.valued = valued
        if "available" not in given and (not before or changed):
            row.available = available
        if row.warehouse_id is None and row.kind not in Location.VIRTUAL:
            errors.append(FieldError(f"{at}/warehouse", "required", _("A location of this kind needs a warehouse.")))
        if row.warehouse_id is not None and row.kind in Location.VIRTUAL:
            errors.append(FieldError(f"{at}/kind", "invalid", _("A virtual location has no warehouse.")))
        parent = row.parent if row.parent_id else None
        if parent is not None and (parent.warehouse_id != row.warehouse_id or _is_below(parent, row)):
            errors.append(FieldError(f"{at}/parent", "invalid", _("Choose a location above in the same warehouse.")))
        above = parent.path if parent else row.warehouse.code if row.warehouse else ""
        row.path = f"{above}/{row.code}" if above else row.code
        if (
            before
            and any(before[n] != getattr(row, n) for n in ("valued", "available", "warehouse_id"))
            and Balance.objects.filter(location_id=row.pk).exclude(on_hand=0, reserved=0).exists()
        ):
            raise Refused(_("Goods stand at %(path)s. Move them away first.") % {"path": row.path}, code="in_use")
    if errors:
        raise Invalid(errors)


def move_paths(changes: list[tuple[Location, dict[str, Any]]]) -> None:
    """Give the locations below a renamed one their new paths."""
    for row, before in changes:
        old = str(before["path"])
        if old != row.path and row.warehouse_id is not None:
            Location.objects.filter(path__startswith=f"{old}/", warehouse_id=row.warehouse_id).update(
                path=Concat(Value(row.path), Substr("path", len(old) + 1))
            )


def follow_warehouses(drafts: list[Draft]) -> None:
    """Balances read the permission to go below zero from their own row; paths begin with the code."""
    for draft in drafts:
        if draft.is_new:
            continue
        warehouse, old = draft.record, draft.before["code"]
        if draft.before["allow_negative"] != warehouse.allow_negative:
            Balance.objects.filter(location__warehouse_id=warehouse.pk).update(allow_negative=warehouse.allow_negative)
        if old != warehouse.code:
            Location.objects.filter(warehouse_id=warehouse.pk).update(
                path=Concat(Value(warehouse.code), Substr("path", len(old) + 1))
            )


def _is_below(row: Location | None, other: Location) -> bool:
    while row is not None:
        if row.pk == other.pk:
            return True
        row = row.parent if row.parent_id else None
    return False
