"""Posting invoices, deposits and credit notes: totals freeze, the voucher is made, the item opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents import numbering
from kontor.documents.conversion import Link, link
from kontor.documents.records import Ref
from kontor.errors import Refused
from kontor.resources import registry
from kontor.values.money import round_amount
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.parties import api as parties
from suite.sales import counters, crediting, invoicing, processing, rules
from suite.sales.models import Invoice, InvoiceLine, Order, OrderLine
from suite.sales.rules import ZERO

FACE = "sales.invoice"
Kind, State = Invoice.Kind, Invoice.State


def post(ctx: Context, invoice: Invoice, posted_on: dt.date | None) -> None:
    """Everything that makes an invoice real, in the order of locks: order and lines, items, numbers."""
    on = posted_on or invoice.posted_on or ctx.today
    lines = list(invoice.lines.order_by("position"))
    if not lines and not invoice.freight:
        raise Refused(_("An invoice needs at least one line."), code="no_lines")
    invoice.posted_on = on
    invoice.rate = catalog.rate(ctx, invoice.currency, ctx.currency, on)
    if invoice.due_on is None:
        invoice.due_on = on if invoice.kind == Kind.CREDIT else parties.due_on(ctx, invoice.payment_term_id, on)
    orders, order_lines = processing.locked(_orders_of(invoice, lines))
    if invoice.kind == Kind.INVOICE:
        _take_up_deposits(invoice, [order.pk for order in orders])
    elif invoice.kind == Kind.CREDIT:
        crediting.claim(invoice, lines)
    _count(invoice, lines, order_lines)
    _turn_credit(ctx, invoice, orders)
    _give_number(ctx, invoice, on)
    finance.post(ctx, _posting(invoice, lines, on), first=True)
    _open(ctx, invoice)
    processing.settle(ctx, orders, order_lines)


def _orders_of(invoice: Invoice, lines: Sequence[InvoiceLine]) -> set[UUID]:
    ids = {invoice.order_id} if invoice.order_id else set()
    named = [line.order_line_id for line in lines if line.order_line_id]
    if named and not ids:
        ids = set(OrderLine.objects.filter(pk__in=named).values_list("document_id", flat=True))
    return ids


def _take_up_deposits(invoice: Invoice, orders: Sequence[UUID]) -> None:
    """Posted deposits of the orders pay the invoice first, oldest first; locked in id order."""
    invoice.advance = ZERO
    if not orders:
        return
    rows = Invoice.objects.select_for_update(of=("self",)).filter(
        order_id__in=orders, currency=invoice.currency, kind=Kind.DEPOSIT, state=State.POSTED
    )
    deposits = invoicing.posted_deposits(rows.order_by("pk"))
    parts = rules.take_up(invoice.total, [d.total - d.taken - d.credited for d in deposits])
    used = [(d, part) for d, part in zip(deposits, parts, strict=True) if part]
    counters.write(Invoice, ("taken",), {d.pk: (part,) for d, part in used}, add=True)
    target = Ref(FACE, invoice.pk)
    link(Link(Ref(FACE, d.pk), target, amount=part) for d, part in used)
    invoice.advance = sum((part for _d, part in used), ZERO)


def _count(invoice: Invoice, lines: Sequence[InvoiceLine], order_lines: processing.Lines) -> None:
    """Add the quantities to the order lines (a credit takes them back); the table's checks refuse excess."""
    sign = -1 if invoice.kind == Kind.CREDIT else 1
    known = {line.pk: line for rows in order_lines.values() for line in rows}
    added: dict[UUID, Decimal] = {}
    for line in lines:
        if line.order_line_id in known:
            added[line.order_line_id] = added.get(line.order_line_id, ZERO) + sign * line.base_quantity
    counters.write(OrderLine, ("invoiced",), {pk: (n,) for pk, n in added.items()}, add=True)
    for pk, n in added.items():
        known[pk].invoiced += n


def _give_number(ctx: Context, invoice: Invoice, on: dt.date) -> None:
    """Before the voucher, which names it; credit notes count in a series of their own."""
    if invoice.number:
        return
    if invoice.kind == Kind.CREDIT:
        key, rule = "sales.credit_note", Invoice.credit_numbering
    else:
        key, rule = registry.spec(FACE).name, Invoice.numbering
    invoice.number = numbering.give(key, rule.pattern, [on], gapless=rule.gapless, ctx=ctx)[0]


def _posting(invoice: Invoice, lines: Sequence[InvoiceLine], on: dt.date) -> finance.Posting:
    """The facts of the voucher: revenue by posting class, freight, tax by tax, and what is owed."""
    rows: list[finance.Fact] = []
    due = invoice.total - invoice.advance
    if _is_deposit(invoice):
        sign = 1 if invoice.kind == Kind.CREDIT else -1
        rows.append(finance.Fact("advance", sign * invoice.total))
    else:
        classes: dict[str, Decimal] = {}
        for line in lines:
            classes[line.posting_class] = classes.get(line.posting_class, ZERO) + line.amount
        rows += [finance.Fact("revenue", amount, posting_class=name) for name, amount in sorted(classes.items())]
        if invoice.freight:
            rows.append(finance.Fact("freight", invoice.freight))
        rows += [
            finance.Fact("tax", Decimal(t["amount"]), tax_id=UUID(t["tax"]))
            for t in invoice.taxes
            if Decimal(t["amount"])
        ]
        if invoice.advance:
            rows.append(finance.Fact("advance", invoice.advance))
    rows.append(finance.Fact("receivable", due, due_on=invoice.due_on))
    return finance.Posting(
        source=Ref(FACE, invoice.pk), on=on,
        event="sales.credited" if invoice.kind == Kind.CREDIT else "sales.invoiced",
        currency=invoice.currency, rate=invoice.rate, text=invoice.number, party_id=invoice.customer_id, rows=rows,
        branch_id=invoice.branch_id, department_path=invoice.department_path,
    )  # fmt: skip


def _is_deposit(invoice: Invoice) -> bool:
    """A deposit, or the credit note of one: no revenue and no tax."""
    return invoice.kind == Kind.DEPOSIT or (
        invoice.credits_id is not None and invoice.credits is not None and invoice.credits.kind == Kind.DEPOSIT
    )


def _open(ctx: Context, invoice: Invoice) -> None:
    """The open item; a credit note at once settles the invoice it names, as far as that is open."""
    due = invoice.total - invoice.advance
    credit = invoice.kind == Kind.CREDIT
    invoice.open_amount, invoice.payment_state = due, rules.NONE if due else rules.ALL
    if not due:
        return
    assert invoice.posted_on is not None and invoice.due_on is not None
    finance.open_item(
        ctx, Ref(FACE, invoice.pk), number=invoice.number, kind=invoice.kind, party_id=invoice.customer_id,
        side="credit" if credit else "debit", amount=due, currency=invoice.currency, rate=invoice.rate,
        on=invoice.posted_on, due_on=invoice.due_on, owner_id=invoice.owner_id, first=True,
    )  # fmt: skip
    if credit:
        crediting.settle(ctx, invoice)


def _turn_credit(ctx: Context, invoice: Invoice, orders: Sequence[Order]) -> None:
    """What counted as an order counts as a receivable now: used credit moves by the difference only.

    A credit note lowers it when its item opens (finance).
    """
    if invoice.kind == Kind.CREDIT:
        return
    due = invoice.total - invoice.advance
    known, left = ZERO, due
    for order in orders:
        part = min(order.exposure, left) if order.currency == invoice.currency else ZERO
        if part:
            order.exposure -= part
            left -= part
            known += round_amount(
                part * catalog.rate(ctx, order.currency, ctx.currency, order.ordered_on), ctx.currency
            )
    moved = round_amount(due * invoice.rate, ctx.currency) - known
    if moved:
        assert invoice.posted_on is not None
        finance.expose(ctx, invoice.customer_id, moved, ctx.currency, invoice.posted_on)
