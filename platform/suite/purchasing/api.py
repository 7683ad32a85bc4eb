"""What other modules may ask of purchasing: who supplies a product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kontor.context import Context
from suite.purchasing.models import SupplierItem


@dataclass(frozen=True, slots=True)
class SupplyInfo:
    """A supplier's offer of a product, in the product's base unit."""

    product_id: UUID
    supplier_id: UUID
    rank: int
    number: str
    price: Decimal | None
    currency: str
    lead_days: int | None
    minimum: Decimal
    multiple: Decimal


def suppliers_of(ctx: Context, product_ids: Iterable[UUID]) -> dict[UUID, list[SupplyInfo]]:
    """The active offers of each product, best rank first; one query."""
    out: dict[UUID, list[SupplyInfo]] = {}
    rows = SupplierItem.objects.filter(product_id__in=list(product_ids), is_active=True)
    for r in rows.order_by("rank", "price", "id"):
        out.setdefault(r.product_id, []).append(
            SupplyInfo(
                r.product_id,
                r.supplier_id,
                r.rank,
                r.number,
                r.price,
                r.currency,
                r.lead_days,
                r.minimum,
                r.multiple,
            )
        )
    return out
