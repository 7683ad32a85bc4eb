"""Draft invoices: of what an order or a delivery brought, or a deposit on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents import gate
from kontor.documents.conversion import Link, link
from kontor.documents.records import Draft, Ref
from kontor.errors import FieldError, Invalid, Refused
from kontor.values.money import round_amount
from suite.inventory import api as inventory
from suite.parties import api as parties
from suite.sales import copying, parts, pricing, rules
from suite.sales.models import Invoice, InvoiceLine, Order, OrderLine
from suite.sales.rules import ZERO

FACE = "sales.invoice"
Kind, State = Invoice.Kind, Invoice.State
_PRICED = ("price_list", "tax_included")


def derive(ctx: Context, drafts: list[Draft]) -> None:
    """Invoices in the making, by hand or changed while a draft; credits and deposits keep their amounts."""
    pricing.fill_terms(ctx, drafts)
    free = [d for d in drafts if d.record.kind == Kind.INVOICE]
    for draft in drafts:
        _check_bound(draft)
    pricing.fill_lines(ctx, free, lambda i: i.posted_on or ctx.today)
    for draft in free:
        pricing.total(ctx, draft.record, draft.lines.get("lines", []))


def _check_bound(draft: Draft) -> None:
    """A credit note and a deposit are what they were drawn up as; delete the draft and draw up another."""
    if draft.record.kind != Kind.INVOICE and (
        "lines" in draft.given or draft.given & {"freight", "currency", *_PRICED}
    ):
        raise Refused(
            _("The lines of this draft follow from what it was drawn up for. Delete it and draw it up again."),
            code="bound",
        )
    if draft.record.order_id and draft.given & {"customer", "currency", *_PRICED}:
        raise Refused(_("Customer, currency and kind of prices are those of the order."), code="bound")
    errors = [
        FieldError(f"{draft.line_at.get(line.pk, '')}/product", "frozen", _("This line bills a line of the order."))
        for line in draft.lines.get("lines", [])
        if getattr(line, "order_line_id", None)
        and (old := draft.lines_before.get(line.pk)) is not None
        and old["product_id"] != line.product_id
    ]
    if errors:
        raise Invalid(errors)


@dataclass(slots=True)
class Billed:
    """An order in hand: its lines, its invoices and deposits, and what of each line draft invoices hold."""

    order: Order
    lines: list[OrderLine]
    earlier: list[Invoice]
    drafted: dict[UUID, Decimal]

    def add(self, invoice: Invoice, lines: Iterable[InvoiceLine]) -> None:
        """A draft was made of it in this call."""
        self.earlier.append(invoice)
        for line in lines:
            if line.order_line_id is not None:
                self.drafted[line.order_line_id] = self.drafted.get(line.order_line_id, ZERO) + line.base_quantity


def billed(orders: Sequence[Order]) -> dict[UUID, Billed]:
    """What is known of locked orders before they are invoiced; a query a table."""
    ids = [order.pk for order in orders]
    lines, earlier = OrderLine.of(ids), earlier_of(orders)
    drafted = _drafted([invoice for found in earlier.values() for invoice in found])
    return {
        order.pk: Billed(
            order, lines[order.pk], earlier[order.pk],
            {line.pk: drafted[line.pk] for line in lines[order.pk] if line.pk in drafted},
        )
        for order in orders
    }  # fmt: skip


def invoice_orders(
    ctx: Context, orders: Sequence[Order], lines: list[dict[str, Any]] | None, kind: str, amount: Decimal | None
) -> list[Invoice]:
    """The draft invoices of locked orders; Refused ``nothing_to_invoice`` if there is nothing of one."""
    if kind == Kind.DEPOSIT:
        return [_deposit(ctx, order, amount) for order in orders]
    if amount is not None:
        raise Invalid.at("/amount", _("An amount is given for a deposit only; an invoice has lines."))
    made = []
    for known in billed(orders).values():
        free = free_of_order(ctx, known)
        wanted = free if lines is None else parts.asked(known.lines, free, lines, parts.INVOICED)
        made.append(_draw_up(ctx, known, wanted))
    return _store(ctx, made)


def invoice_deliveries(ctx: Context, deliveries: Sequence[Any]) -> list[Invoice]:
    """The draft invoice of each delivery: its quantities, as far as they are not invoiced or drafted."""
    orders = billed(orders_of(deliveries))
    brought = inventory.lines_of(ctx, [delivery.pk for delivery in deliveries])
    made = []
    for delivery in deliveries:
        known = orders[delivery.owner_ref_id]
        wanted = free_of_delivery(brought[delivery.pk], known)
        made.append(_draw_up(ctx, known, wanted, Ref("sales.delivery", delivery.pk)))
    return _store(ctx, made)


def orders_of(deliveries: Sequence[Any]) -> list[Order]:
    """The orders of deliveries, locked in id order."""
    rows = Order.objects.select_for_update(of=("self",)).filter(pk__in=[d.owner_ref_id for d in deliveries])
    return list(rows.order_by("pk"))


# Those that name the order, and collective ones whose lines name its lines; no credit notes.
_EARLIER = """
SELECT i.*, i.order_id AS of_order FROM sales_invoice i WHERE i.order_id = ANY(%s) AND i.kind <> 'credit'
UNION
SELECT i.*, l.document_id AS of_order FROM sales_orderline l
  JOIN sales_invoiceline b ON b.order_line_id = l.id JOIN sales_invoice i ON i.id = b.document_id
 WHERE l.document_id = ANY(%s) AND i.order_id IS NULL AND i.kind <> 'credit'"""


def earlier_of(orders: Sequence[Order]) -> dict[UUID, list[Invoice]]:
    """The invoices and deposits of each order, collective ones among them; one query."""
    out: dict[UUID, list[Invoice]] = {order.pk: [] for order in orders}
    for invoice in Invoice.objects.raw(_EARLIER, [list(out), list(out)]):
        out[invoice.of_order].append(invoice)  # type: ignore[attr-defined]  # the raw query's own column
    return out


def free_of_order(ctx: Context, known: Billed) -> dict[UUID, Decimal]:
    """What of each line may be invoiced now: by policy, less what is invoiced or on a draft."""
    policy = configuration.get("sales.invoice_policy", ctx)
    return {
        line.pk: max(rules.invoiceable(told(line), policy) - known.drafted.get(line.pk, ZERO), ZERO)
        for line in known.lines
    }


def free_of_delivery(brought: Iterable[inventory.OperationLine], known: Billed) -> dict[UUID, Decimal]:
    """What of each line of the order this delivery brought and nobody has invoiced."""
    gone: dict[UUID, Decimal] = {}
    for row in brought:
        if row.owner_line_id:
            gone[row.owner_line_id] = gone.get(row.owner_line_id, ZERO) + row.done - row.returned
    return {
        line.pk: min(
            gone.get(line.pk, ZERO), max(rules.invoiceable(told(line)) - known.drafted.get(line.pk, ZERO), ZERO)
        )
        for line in known.lines
    }


def told(line: OrderLine) -> rules.Counters:
    """A stored line as the rules see it."""
    return rules.Counters(line.base_quantity, line.delivered, line.invoiced, line.returned, line.is_stocked)


def _drafted(earlier: list[Invoice]) -> dict[UUID, Decimal]:
    """What draft invoices of the order hold already, by order line."""
    ids = [i.pk for i in earlier if i.state == State.DRAFT and i.kind == Kind.INVOICE]
    if not ids:
        return {}
    rows = InvoiceLine.objects.filter(document__in=ids, order_line__isnull=False)
    return dict(rows.values_list("order_line").annotate(n=Sum("base_quantity")))


@dataclass(frozen=True, slots=True)
class _Made:
    """A draft that is still to be written, with what it came of."""

    invoice: Invoice
    lines: list[InvoiceLine]
    links: list[Link]


def _draw_up(ctx: Context, known: Billed, wanted: dict[UUID, Decimal], also: Ref | None = None) -> _Made:
    order = known.order
    invoice = Invoice(
        **copying.header(order), state=State.DRAFT, kind=Kind.INVOICE, order=order,
        freight=freight_left(order, known.earlier),
    )  # fmt: skip
    lines = lines_for(invoice, order, known.lines, wanted)
    if not lines and not (invoice.freight and order.invoice_state == rules.ALL):
        raise Refused(
            _("Nothing of this order is to be invoiced now: what was delivered is invoiced or on a draft already."),
            code="nothing_to_invoice",
        )
    pricing.total(ctx, invoice, lines)
    invoice.advance = sum(rules.take_up(invoice.total, [_left(d) for d in posted_deposits(known.earlier)]), ZERO)
    invoice.open_amount = invoice.total - invoice.advance
    known.add(invoice, lines)
    source, target = Ref("sales.order", order.pk), Ref(FACE, invoice.pk)
    links = [Link(source, target, line.order_line_id, line.pk, line.base_quantity, line.amount) for line in lines]
    return _Made(invoice, lines, [*links, *([Link(also, target)] if also else [])])


def _store(ctx: Context, made: Sequence[_Made]) -> list[Invoice]:
    gate.store(ctx, FACE, [Draft(one.invoice, lines={"lines": one.lines}) for one in made])
    link(x for one in made for x in one.links)
    return [one.invoice for one in made]


def freight_left(order: Order, earlier: Iterable[Invoice]) -> Decimal:
    """The freight of the order, if no invoice that stands has charged it."""
    billed = any(i.kind == Kind.INVOICE and i.freight and i.state != State.REVERSED for i in earlier)
    return ZERO if billed else order.freight


def lines_for(
    invoice: Invoice, order: Order, stored: Iterable[OrderLine], wanted: Mapping[UUID, Decimal], start: int = 0
) -> list[InvoiceLine]:
    """Invoice lines of these base quantities of order lines, after ``start`` lines that are there."""
    lines: list[InvoiceLine] = []
    for source in stored:
        base = wanted.get(source.pk, ZERO)
        if base <= 0:
            continue
        line = InvoiceLine(
            **copying.line(source), document=invoice, position=start + len(lines) + 1, order_line=source,
            posting_class=source.posting_class,
        )  # fmt: skip
        if base != source.base_quantity:
            line.base_quantity = base
            line.quantity = rules.entered(base, source.quantity, source.base_quantity)
            line.cost = None if source.cost is None else round_amount(
                source.cost * base / source.base_quantity, order.currency
            )  # fmt: skip
        lines.append(line)
    return lines


def posted_deposits(invoices: Iterable[Invoice]) -> list[Invoice]:
    """The posted deposits of an order that are not wholly taken up or credited, oldest first."""
    rows = [i for i in invoices if i.kind == Kind.DEPOSIT and i.state == State.POSTED and _left(i) > 0]
    return sorted(rows, key=lambda i: (i.posted_on, i.number))


def _left(deposit: Invoice) -> Decimal:
    return deposit.total - deposit.taken - deposit.credited


def _deposit(ctx: Context, order: Order, amount: Decimal | None) -> Invoice:
    """A claim on part of the order in advance: no goods, no revenue and no tax until the invoice takes it up."""
    if amount is None:
        amount = order.total * parties.deposit_share(ctx, order.payment_term_id)
        if not amount:
            raise Invalid.at("/amount", _("How much? The payment term of this order names no deposit."), "required")
    amount = round_amount(amount, order.currency)
    earlier = [i for i in earlier_of([order])[order.pk] if i.state != State.REVERSED]
    claimed = sum((i.total - i.advance - i.credited for i in earlier if i.order_id), ZERO)
    joint = InvoiceLine.objects.filter(
        document__in=[i.pk for i in earlier if not i.order_id], order_line__document=order
    )
    claimed += sum((line.amount + line.tax - line.credited_amount for line in joint), ZERO)
    if amount <= 0 or claimed + amount > order.total:
        raise Refused(
            _("A deposit lies between 0 and what is not claimed yet: %(left)s %(currency)s.")
            % {"left": round_amount(order.total - claimed, order.currency), "currency": order.currency},
            code="deposit_exceeds",
        )  # fmt: skip
    invoice = Invoice(
        **copying.header(order), state=State.DRAFT, kind=Kind.DEPOSIT, order=order, net=amount, total=amount,
        open_amount=amount,
    )  # fmt: skip
    line = InvoiceLine(
        document=invoice, position=1, quantity=Decimal(1), base_quantity=Decimal(1), unit_price=amount, amount=amount,
        description=_("Deposit on order %(number)s") % {"number": order.number}, manual_price=True,
        price_rule=_("manual"),
    )  # fmt: skip
    gate.store(ctx, FACE, [Draft(invoice, lines={"lines": [line]})])
    link([Link(Ref("sales.order", order.pk), Ref(FACE, invoice.pk), None, line.pk, None, amount)])
    return invoice
