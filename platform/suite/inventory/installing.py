"""What every company has from its first day: the other ends of moves, and one warehouse."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from suite.inventory.models import Location, Warehouse
from suite.inventory.places import forget


def install(ctx: Context) -> None:
    """Make the virtual locations and a warehouse with its four locations, unless they are there."""
    have = set(Location.objects.filter(warehouse_id__isnull=True).values_list("kind", flat=True))
    for kind in Location.VIRTUAL:
        if kind not in have:
            gate.create(
                ctx.as_system(),
                "inventory.location",
                {"code": str(kind.value).upper(), "name": str(kind.label), "kind": kind.value},
            )
    if not Warehouse.objects.exists():
        gate.create(
            ctx.as_system(),
            "inventory.warehouse",
            {"code": "MAIN", "name": _("Main warehouse"), "branch": ctx.branch_id},
        )
    forget(ctx)
