"""Posting invoices, deposits and credit notes: totals freeze, the voucher is made, the item opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database import rows
from kontor.documents import numbering
from kontor.documents.conversion import Link, link
from kontor.documents.records import Ref
from kontor.errors import Refused
from kontor.resources import registry
from kontor.values.money import round_amount
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.parties import api as parties
from suite.sales import crediting, invoicing, processing, rules
from suite.sales.models import Invoice, InvoiceLine, Order, OrderLine
from suite.sales.rules import ZERO

FACE = "sales.invoice"
Kind, State = Invoice.Kind, Invoice.State


@dataclass(slots=True)
class _Post:
    """An invoice on its way into the books, with its lines and the locked orders that it bills."""

    invoice: Invoice
    lines: list[InvoiceLine]
    orders: list[Order] = field(default_factory=list)

    @property
    def is_credit(self) -> bool:
        return self.invoice.kind == Kind.CREDIT


def post(ctx: Context, invoices: Sequence[Invoice], posted_on: dt.date | None) -> None:
    """Everything that makes invoices real, in the order of locks: orders and lines, items, numbers."""
    lines = InvoiceLine.of([invoice.pk for invoice in invoices])
    posts = [_Post(invoice, lines[invoice.pk]) for invoice in invoices]
    for one in posts:
        _date(ctx, one, posted_on or one.invoice.posted_on or ctx.today)
    named = _orders_of(posts)
    orders, order_lines = processing.locked({pk for ids in named.values() for pk in ids})
    for one in posts:
        one.orders = [order for order in orders if order.pk in named[one.invoice.pk]]
    _take_up_deposits([one for one in posts if one.invoice.kind == Kind.INVOICE])
    for one in posts:
        if one.is_credit:
            crediting.claim(one.invoice, one.lines)
    _count(posts, order_lines)
    _turn_credit(ctx, [one for one in posts if not one.is_credit])
    _give_numbers(ctx, [one.invoice for one in posts if not one.invoice.number])
    finance.post_many(ctx, [_posting(one) for one in posts], first=True)
    _open(ctx, posts)
    processing.settle(ctx, orders, order_lines)


def _date(ctx: Context, one: _Post, on: dt.date) -> None:
    invoice = one.invoice
    if not one.lines and not invoice.freight:
        raise Refused(_("An invoice needs at least one line."), code="no_lines")
    invoice.posted_on = on
    invoice.rate = catalog.rate(ctx, invoice.currency, ctx.currency, on)
    if invoice.due_on is None:
        invoice.due_on = on if one.is_credit else parties.due_on(ctx, invoice.payment_term_id, on)


def _orders_of(posts: Sequence[_Post]) -> dict[UUID, set[UUID]]:
    """By invoice: the order that it names, or those that its lines name."""
    out = {one.invoice.pk: {one.invoice.order_id} - {None} for one in posts}
    loose: dict[UUID, set[UUID]] = {}
    for one in posts:
        for line in one.lines:
            if line.order_line_id and not one.invoice.order_id:
                loose.setdefault(line.order_line_id, set()).add(one.invoice.pk)
    if loose:
        for pk, order_id in OrderLine.objects.filter(pk__in=loose).values_list("pk", "document_id"):
            for invoice_id in loose[pk]:
                out[invoice_id].add(order_id)
    return out  # type: ignore[return-value]  # None is taken out


def _take_up_deposits(posts: Sequence[_Post]) -> None:
    """Posted deposits of the orders pay an invoice first, oldest first; locked in id order."""
    ids = {order.pk for one in posts for order in one.orders}
    held = Invoice.objects.select_for_update(of=("self",)).filter(
        order_id__in=ids, kind=Kind.DEPOSIT, state=State.POSTED
    )
    deposits = invoicing.posted_deposits(held.order_by("pk")) if ids else []
    taken: dict[UUID, tuple[Decimal]] = {}
    links: list[Link] = []
    for one in posts:
        invoice, mine = one.invoice, {order.pk for order in one.orders}
        found = [d for d in deposits if d.order_id in mine and d.currency == invoice.currency]
        parts = rules.take_up(invoice.total, [d.total - d.taken - d.credited for d in found])
        for deposit, part in zip(found, parts, strict=True):
            if part:
                deposit.taken += part
                taken[deposit.pk] = (taken.get(deposit.pk, (ZERO,))[0] + part,)
                links.append(Link(Ref(FACE, deposit.pk), Ref(FACE, invoice.pk), amount=part))
        invoice.advance = sum(parts, ZERO)
    rows.add(Invoice, taken, ("taken",))
    link(links)


def _count(posts: Sequence[_Post], order_lines: processing.Lines) -> None:
    """Add the quantities to the order lines (a credit takes them back); the table's checks refuse excess."""
    known = {line.pk: line for found in order_lines.values() for line in found}
    added: dict[UUID, Decimal] = {}
    for one in posts:
        sign = -1 if one.is_credit else 1
        for line in one.lines:
            if line.order_line_id in known:
                added[line.order_line_id] = added.get(line.order_line_id, ZERO) + sign * line.base_quantity
    rows.add(OrderLine, {pk: (n,) for pk, n in added.items()}, ("invoiced",))
    for pk, n in added.items():
        known[pk].invoiced += n


def _give_numbers(ctx: Context, invoices: Sequence[Invoice]) -> None:
    """Before the vouchers, which name them; credit notes count in a series of their own."""
    for key, rule, credit in (
        ("sales.credit_note", Invoice.credit_numbering, True),
        (registry.spec(FACE).name, Invoice.numbering, False),
    ):
        mine = [i for i in invoices if (i.kind == Kind.CREDIT) is credit]
        if mine:
            days = [i.posted_on or ctx.today for i in mine]
            given = numbering.give(key, rule.pattern, days, gapless=rule.gapless, ctx=ctx)
            for invoice, number in zip(mine, given, strict=True):
                invoice.number = number


def _posting(one: _Post) -> finance.Posting:
    """The facts of the voucher: revenue by posting class, freight, tax by tax, and what is owed."""
    invoice, lines = one.invoice, one.lines
    assert invoice.posted_on is not None
    facts: list[finance.Fact] = []
    due = invoice.total - invoice.advance
    if _is_deposit(invoice):
        sign = 1 if invoice.kind == Kind.CREDIT else -1
        facts.append(finance.Fact("advance", sign * invoice.total))
    else:
        classes: dict[str, Decimal] = {}
        for line in lines:
            classes[line.posting_class] = classes.get(line.posting_class, ZERO) + line.amount
        facts += [finance.Fact("revenue", amount, posting_class=name) for name, amount in sorted(classes.items())]
        if invoice.freight:
            facts.append(finance.Fact("freight", invoice.freight))
        facts += [
            finance.Fact("tax", Decimal(t["amount"]), tax_id=UUID(t["tax"]))
            for t in invoice.taxes
            if Decimal(t["amount"])
        ]
        if invoice.advance:
            facts.append(finance.Fact("advance", invoice.advance))
    facts.append(finance.Fact("receivable", due, due_on=invoice.due_on))
    return finance.Posting(
        source=Ref(FACE, invoice.pk), on=invoice.posted_on,
        event="sales.credited" if invoice.kind == Kind.CREDIT else "sales.invoiced",
        currency=invoice.currency, rate=invoice.rate, text=invoice.number, party_id=invoice.customer_id, rows=facts,
        branch_id=invoice.branch_id, department_path=invoice.department_path,
    )  # fmt: skip


def _is_deposit(invoice: Invoice) -> bool:
    """A deposit, or the credit note of one: no revenue and no tax."""
    return invoice.kind == Kind.DEPOSIT or (
        invoice.credits_id is not None and invoice.credits is not None and invoice.credits.kind == Kind.DEPOSIT
    )


def _open(ctx: Context, posts: Sequence[_Post]) -> None:
    """The open items; a credit note at once settles the invoice it names, as far as that is open."""
    items, credits = [], []
    for one in posts:
        invoice = one.invoice
        due = invoice.total - invoice.advance
        invoice.open_amount, invoice.payment_state = due, rules.NONE if due else rules.ALL
        if not due:
            continue
        assert invoice.posted_on is not None and invoice.due_on is not None
        items.append(finance.NewItem(
            Ref(FACE, invoice.pk), number=invoice.number, kind=invoice.kind, party_id=invoice.customer_id,
            side="credit" if one.is_credit else "debit", amount=due, currency=invoice.currency, rate=invoice.rate,
            on=invoice.posted_on, due_on=invoice.due_on, owner_id=invoice.owner_id,
        ))  # fmt: skip
        if one.is_credit:
            credits.append(invoice)
    if items:
        finance.open_items(ctx, items)
    for note in credits:
        crediting.settle(ctx, note)


def _turn_credit(ctx: Context, posts: Sequence[_Post]) -> None:
    """What counted as an order counts as a receivable now: used credit moves by the difference only.

    A credit note lowers it when its item opens (finance).
    """
    moved: list[finance.Exposure] = []
    for one in posts:
        invoice, known = one.invoice, ZERO
        due = left = invoice.total - invoice.advance
        for order in one.orders:
            part = min(order.exposure, left) if order.currency == invoice.currency else ZERO
            if part:
                order.exposure -= part
                left -= part
                known += round_amount(
                    part * catalog.rate(ctx, order.currency, ctx.currency, order.ordered_on), ctx.currency
                )
        delta = round_amount(due * invoice.rate, ctx.currency) - known
        if delta:
            assert invoice.posted_on is not None
            moved.append(finance.Exposure(invoice.customer_id, delta, ctx.currency, invoice.posted_on))
    if moved:
        finance.expose_many(ctx, moved)
