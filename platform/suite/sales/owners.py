"""What lower layers tell: goods were moved for an order, money was allocated to an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kontor.context import Context
from kontor.resources.registry import owner
from suite.sales import crediting, processing


@owner("sales.order")
class OrderOwner:
    """Orders own the planned moves of their goods lines."""

    @staticmethod
    def fulfilled(ctx: Context, ids: Sequence[UUID], kind: str) -> None:
        """Deliveries and returns count on the lines."""
        processing.goods_moved(ctx, ids)


@owner("sales.invoice")
class InvoiceOwner:
    """Invoices own open items."""

    @staticmethod
    def fulfilled(ctx: Context, ids: Sequence[UUID], kind: str) -> None:
        """Receipts and credit notes change what is open."""
        crediting.money_moved(ctx, ids)
