"""What upper modules may ask of selling: frozen facts by id, and the deeds they may start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.conversion import Link, link
from kontor.documents.records import Ref
from suite.sales import rules
from suite.sales.models import Invoice, Order, OrderLine


@dataclass(frozen=True, slots=True)
class OrderInfo:
    """An order as others see it; amounts in ``currency``."""

    id: UUID
    number: str
    state: str
    customer_id: UUID
    currency: str
    ordered_on: dt.date
    promised_on: dt.date | None
    net: Decimal
    total: Decimal
    delivery_state: str
    invoice_state: str
    owner_id: UUID | None

    @property
    def ref(self) -> Ref:
        """The loose reference to it."""
        return Ref("sales.order", self.id)


@dataclass(frozen=True, slots=True)
class OrderLineInfo:
    """A line of an order; quantities in the product's base unit, ``invoiced`` net of credits."""

    id: UUID
    order_id: UUID
    product_id: UUID
    quantity: Decimal
    delivered: Decimal
    invoiced: Decimal
    returned: Decimal
    amount: Decimal
    promised_on: dt.date | None
    is_stocked: bool

    @property
    def open(self) -> Decimal:
        """What is still to be delivered (services: invoiced)."""
        done = self.delivered if self.is_stocked else self.invoiced
        return max(self.quantity - done, rules.ZERO)


@dataclass(frozen=True, slots=True)
class InvoiceInfo:
    """An invoice, deposit or credit note; amounts in ``currency``."""

    id: UUID
    number: str
    kind: str
    state: str
    customer_id: UUID
    order_id: UUID | None
    currency: str
    posted_on: dt.date | None
    due_on: dt.date | None
    net: Decimal
    tax: Decimal
    total: Decimal
    open_amount: Decimal
    payment_state: str


def orders(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, OrderInfo]:
    """The orders of these ids in one query; ids that are none are left out."""
    names = (
        "pk", "number", "state", "customer_id", "currency", "ordered_on", "promised_on", "net", "total",
        "delivery_state", "invoice_state", "owner_id",
    )  # fmt: skip
    return {row[0]: OrderInfo(*row) for row in Order.objects.filter(pk__in=list(ids)).values_list(*names)}


def order_lines(ctx: Context, order_ids: Iterable[UUID]) -> dict[UUID, list[OrderLineInfo]]:
    """The lines of these orders, in order; one query."""
    names = (
        "pk", "document_id", "product_id", "base_quantity", "delivered", "invoiced", "returned", "amount",
        "promised_on", "is_stocked",
    )  # fmt: skip
    out: dict[UUID, list[OrderLineInfo]] = {}
    rows = OrderLine.objects.filter(document_id__in=list(order_ids)).order_by("document_id", "position")
    for row in rows.values_list(*names):
        out.setdefault(row[1], []).append(OrderLineInfo(*row))
    return out


def invoices(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, InvoiceInfo]:
    """The invoices of these ids in one query."""
    names = (
        "pk", "number", "kind", "state", "customer_id", "order_id", "currency", "posted_on", "due_on", "net", "tax",
        "total", "open_amount", "payment_state",
    )  # fmt: skip
    return {row[0]: InvoiceInfo(*row) for row in Invoice.objects.filter(pk__in=list(ids)).values_list(*names)}


def create_order(ctx: Context, data: Mapping[str, Any], *, source: Ref | None = None) -> UUID:
    """A draft order, as the gate takes it; ``source`` is the document that it comes from (trace)."""
    made = gate.create(ctx, "sales.order", data)
    if source is not None:
        link([Link(source, Ref("sales.order", made.pk), amount=made.net)])
    return UUID(str(made.pk))
