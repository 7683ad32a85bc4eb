"""A receipt for money taken, and the statement of a customer's account, in the customer's language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from kontor.context import Context
from kontor.errors import NotFound
from kontor.reports.api import run
from kontor.surfaces.printing import Block, Column, Fact, Note, Sheet, Total, printout
from kontor.surfaces.printing.letterhead import letterhead, logo
from kontor.surfaces.printing.wording import amount_in_words, date, money
from suite.finance.banks import bank_account
from suite.finance.models import Allocation, OpenItem, Payment
from suite.finance.values import ZERO
from suite.parties import api as parties

_AGES = (0, 30, 60, 90)


@printout("finance.receipt", title=gettext_lazy("Receipt"))
def receipt(ctx: Context, pk: UUID) -> Sheet:
    """What was received, for which documents, and what is kept as an advance."""
    doc: Any = Payment.objects.filter(pk=pk).select_related("account").first()
    if doc is None:
        raise NotFound
    language = _language(ctx, doc.party_id)
    with translation.override(language):
        rows = Allocation.objects.filter(payment_id=pk).exclude(state=Allocation.State.UNDONE)
        settled = list(rows.select_related("invoice").order_by("invoice__due_on", "pk"))
        used = sum((a.amount for a in settled), ZERO)
        totals = [Total(_("Settled"), money(used, doc.currency))] if settled else []
        if doc.amount > used:
            totals.append(Total(_("Kept as an advance"), money(doc.amount - used, doc.currency)))
        totals.append(Total(_("Amount received"), money(doc.amount, doc.currency, symbol=True), grand=True))
        facts = [
            Fact(_("Date"), date(doc.received_on)),
            Fact(_("Paid to"), doc.account.name),
            *([Fact(_("Reference"), doc.reference)] if doc.reference else []),
            Fact(_("Currency"), doc.currency),
        ]
        lines = tuple(
            (
                str(i), a.invoice.number, date(a.invoice.opened_on), money(a.invoice.amount, doc.currency),
                money(a.discount + a.write_off, doc.currency) if a.discount + a.write_off else "",
                money(a.amount, doc.currency),
            ) for i, a in enumerate(settled, start=1)
        )  # fmt: skip
        columns = (
            Column("#"), Column(_("Document"), share=1), Column(_("Date")), Column(_("Amount"), align="right"),
            Column(_("Discount"), align="right"), Column(_("Paid"), align="right"),
        )  # fmt: skip
        return Sheet(
            title=_("Receipt"), number=doc.number, language=language, company=letterhead(ctx, doc.branch_id),
            logo=logo(ctx), party=_party(ctx, doc.party_id, _("Received from")), facts=tuple(facts),
            columns=columns if lines else (), rows=lines, totals=tuple(totals),
            in_words=amount_in_words(doc.amount, doc.currency, language), notes=(Note(doc.note),) if doc.note else (),
            signatures=(_("Cashier"),), stamp=_("Company seal") if language.startswith("zh") else "",
            mark={"draft": _("DRAFT"), "reversed": _("REVERSED")}.get(doc.state, ""),
        )  # fmt: skip


@printout("parties.customer", title=gettext_lazy("Statement of account"), name="statement", needs="finance.open_item")
def statement(ctx: Context, pk: UUID) -> Sheet:
    """The movements of this year up to today, the balance, and what of it is overdue since when."""
    language = _language(ctx, pk)
    known = parties.customers(ctx, [pk]).get(pk)
    if known is None:
        raise NotFound
    currency = _currency(ctx, pk, known.currency)
    first = ctx.today.replace(month=1, day=1)
    with translation.override(language):
        asked = {"customer": str(pk), "currency": currency, "from": str(first), "to": str(ctx.today)}
        table = run(ctx, "customer-statement", asked).table
        rows, carried = [], []
        for line in table.rows:
            on, number, text, due, debit, credit, balance = line.values
            cells = (date(on), str(number), str(text), date(due), money(debit, currency), money(credit, currency))
            rows.append((*cells, money(balance, currency)))
            carried.append(money(balance, currency))
        closing = table.totals[-1] if table.totals else ZERO
        account = bank_account(ctx, currency)
        payment: tuple[Fact, ...] = ()
        if account and closing > 0:
            payment = (
                Fact(_("Bank"), account.bank), Fact(_("Account number"), account.number),
                Fact(_("Payee"), account.holder),
            )  # fmt: skip
        return Sheet(
            title=_("Statement of account"), number=known.code, language=language, company=letterhead(ctx),
            logo=logo(ctx),
            party=_party(ctx, pk), facts=_span(first, ctx.today, currency),
            columns=(
                Column(_("Date")), Column(_("Document")), Column(_("Text"), share=1), Column(_("Due on")),
                Column(_("Charged"), align="right"), Column(_("Credited"), align="right"),
                Column(_("Balance"), align="right"),
            ),
            rows=tuple(rows), carried=tuple(carried), totals=_ages(ctx, pk, currency, closing), payment=payment,
            payment_title=_("Please pay to") if payment else "",
            notes=(Note(_("Please tell us within ten days if something is not right.")),),
        )  # fmt: skip


def _span(first: dt.date, last: dt.date, currency: str) -> tuple[Fact, ...]:
    return (
        Fact(pgettext("date", "From"), date(first)),
        Fact(pgettext("date", "To"), date(last)),
        Fact(_("Currency"), currency),
    )


def _ages(ctx: Context, party_id: UUID, currency: str, closing: Decimal) -> tuple[Total, ...]:
    """What is not due, and what is overdue by thirty, sixty, ninety days and more."""
    items = OpenItem.objects.filter(
        party_id=party_id, currency=currency, ledger=OpenItem.Ledger.RECEIVABLE, side=OpenItem.Side.DEBIT,
        remaining__gt=0,
    )  # fmt: skip
    sums = [ZERO] * (len(_AGES) + 1)
    for due, rest in items.values_list("due_on", "remaining"):
        days = (ctx.today - due).days
        sums[sum(1 for limit in _AGES if days > limit)] += rest
    labels = (
        _("Not yet due"), _("Overdue up to 30 days"), _("Overdue 31 to 60 days"), _("Overdue 61 to 90 days"),
        _("Overdue over 90 days"),
    )  # fmt: skip
    out = [Total(label, money(value, currency)) for label, value in zip(labels, sums, strict=True) if value]
    return (*out, Total(_("Balance"), money(closing, currency, symbol=True), grand=True))


def _currency(ctx: Context, party_id: UUID, usual: str) -> str:
    """The currency of most of its items: that of the customer, unless it is billed in another one."""
    usual = usual or ctx.currency
    items = OpenItem.objects.filter(party_id=party_id, ledger=OpenItem.Ledger.RECEIVABLE)
    used = set(items.values_list("currency", flat=True))
    return usual if usual in used or not used else sorted(used)[0]


def _language(ctx: Context, party_id: UUID) -> str:
    known = parties.customers(ctx, [party_id]).get(party_id)
    return (known.language if known else "") or ctx.language


def _party(ctx: Context, party_id: UUID, label: str = "") -> Block:
    told = parties.snapshot(ctx, party_id, "invoice")
    lines = [str(line) for line in told["lines"]]
    if told.get("tax_number"):
        lines.append(_("Tax no. %s") % told["tax_number"])
    return Block(str(told["name"]), tuple(lines), label)
