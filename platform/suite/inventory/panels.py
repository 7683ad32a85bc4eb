"""What inventory hangs on other surfaces: the moves of a document, and the finer rows of balances."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from kontor.api.shape import list_body
from kontor.context import Context
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.surfaces.expansions import expansion
from kontor.surfaces.hatches import api_list
from kontor.values.money import plain
from suite.inventory import product_panels  # noqa: F401 - what it hangs on the product's page
from suite.inventory.models import Move
from suite.inventory.places import places


@expansion("moves")
def moves(ctx: Context, spec: Spec, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The moves of operations, in the order in which they were made; for those who may see moves."""
    if not ctx.rights.can("inventory.move", "view"):
        return {}
    known = places(ctx)
    out: dict[UUID, list[dict[str, Any]]] = {}
    for m in Move.objects.filter(operation_id__in=ids).order_by("made_at", "pk"):
        out.setdefault(m.operation_id, []).append(
            {
                "id": str(m.pk), "product": str(m.product_id), "lot": str(m.lot_id) if m.lot_id else None,
                "quantity": plain(m.quantity), "from": known[m.from_location_id].path,
                "to": known[m.to_location_id].path, "on": str(m.on),
                "reverses": str(m.reverses_id) if m.reverses_id else None,
            }
        )  # fmt: skip
    return out


def finer(call: Any, spec: Spec) -> dict[str, Any]:
    """``by=location,lot``: a row per product, location, lot and owner of the goods; in our warehouses, unless asked."""
    ours = None if "internal" in call.request.query_params else Q(internal=True)
    body: dict[str, Any] = list_body(call, registry.spec("inventory.location_balance"), ours)
    return body


for _by in ("location", "lot", "location,lot"):
    api_list("inventory.balance", by=_by)(finer)
