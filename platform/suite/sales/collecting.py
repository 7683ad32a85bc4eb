"""One invoice over several orders or deliveries of a customer: the monthly collective bill (月結)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import gate
from kontor.documents.conversion import Link, link
from kontor.documents.records import Draft, Ref
from kontor.errors import Refused
from suite.inventory import api as inventory
from suite.sales import copying, invoicing, pricing, rules
from suite.sales.models import Invoice, InvoiceLine, Order
from suite.sales.rules import ZERO

FACE = "sales.invoice"
_OPEN = "sales.collecting"
_SAME = ("customer_id", "currency", "payment_term_id", "tax_included", "branch_id")


@dataclass(slots=True)
class Collected:
    """The draft that this call is filling: what stands on it and the orders it bills."""

    invoice: Invoice
    lines: list[InvoiceLine] = field(default_factory=list)
    orders: set[UUID] = field(default_factory=set)
    deposits: dict[UUID, Invoice] = field(default_factory=dict)


def collect_orders(ctx: Context, orders: Sequence[Order]) -> list[Invoice]:
    """Put what of locked orders may be invoiced onto the call's drafts, one for each customer."""
    return [_collect(ctx, known, invoicing.free_of_order(ctx, known)) for known in invoicing.billed(orders).values()]


def collect_deliveries(ctx: Context, deliveries: Sequence[Any]) -> list[Invoice]:
    """Put what deliveries brought onto the call's drafts, one for each customer."""
    orders = invoicing.billed(invoicing.orders_of(deliveries))
    brought = inventory.lines_of(ctx, [delivery.pk for delivery in deliveries])
    made = []
    for delivery in deliveries:
        known = orders[delivery.owner_ref_id]
        wanted = invoicing.free_of_delivery(brought[delivery.pk], known)
        made.append(_collect(ctx, known, wanted, Ref("sales.delivery", delivery.pk)))
    return made


def _collect(ctx: Context, known: invoicing.Billed, wanted: Mapping[UUID, Decimal], also: Ref | None = None) -> Invoice:
    """Documents of one customer, currency, term, kind of prices and branch share a draft."""
    order = known.order
    if not any(quantity > 0 for quantity in wanted.values()):
        raise Refused(
            _("Nothing of %(number)s is to be invoiced now: what was delivered is invoiced or on a draft already.")
            % {"number": order.number},
            code="nothing_to_invoice", order=order.number,
        )  # fmt: skip
    drafts: dict[tuple[Any, ...], Collected] = ctx.cache.setdefault(_OPEN, {})
    key = tuple(getattr(order, name) for name in _SAME)
    found = drafts.get(key)
    if found is None or not Invoice.objects.filter(pk=found.invoice.pk, state=Invoice.State.DRAFT).exists():
        head = {**copying.header(order), "customer_reference": "", "note": "", "ship_to": {}}
        found = drafts[key] = Collected(Invoice(**head, state=Invoice.State.DRAFT, kind=Invoice.Kind.INVOICE))
    invoice = found.invoice
    new = invoicing.lines_for(invoice, order, known.lines, wanted, len(found.lines))
    if not found.orders:
        invoice.order_id = order.pk
    elif order.pk not in found.orders:
        invoice.order_id = None  # several: the lines name them
    found.orders.add(order.pk)
    found.deposits |= {d.pk: d for d in invoicing.posted_deposits(known.earlier)}
    invoice.freight += invoicing.freight_left(order, known.earlier)
    is_new = not found.lines
    found.lines += new
    pricing.total(ctx, invoice, found.lines)
    rests = [d.total - d.taken - d.credited for d in found.deposits.values()]
    invoice.advance = sum(rules.take_up(invoice.total, rests), ZERO)
    invoice.open_amount = invoice.total - invoice.advance
    _store(ctx, found, new, is_new)
    source, target = Ref("sales.order", order.pk), Ref(FACE, invoice.pk)
    link([
        *(Link(source, target, line.order_line_id, line.pk, line.base_quantity, line.amount) for line in new),
        *([Link(also, target)] if also else []),
    ])  # fmt: skip
    known.add(invoice, new)
    return invoice


def _store(ctx: Context, found: Collected, new: list[InvoiceLine], is_new: bool) -> None:
    """Through the gate at first; what is added in the same call belongs to the same making."""
    invoice = found.invoice
    if is_new:
        gate.store(ctx, FACE, [Draft(invoice, lines={"lines": new})])
        return
    InvoiceLine.objects.bulk_create(new)
    InvoiceLine.objects.bulk_update(found.lines[: len(found.lines) - len(new)], ["amount", "tax"])
    invoice.save(
        update_fields=["order", "freight", "net", "tax", "total", "taxes", "advance", "open_amount", "updated_at"]
    )
