"""Credit notes: what is taken back of an invoice, never more than was invoiced."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from kontor import clock
from kontor.context import Context
from kontor.database import rows
from kontor.documents import gate
from kontor.documents.conversion import Link, link
from kontor.documents.models import StatusChange
from kontor.documents.records import Draft, Ref
from kontor.errors import Refused
from kontor.history.recording import Deed, record
from kontor.values.money import round_amount
from suite.finance import api as finance
from suite.sales import copying, parts, pricing, rules
from suite.sales.models import Invoice, InvoiceLine
from suite.sales.rules import ALL, NONE, PART, ZERO

FACE = "sales.invoice"
Kind, State = Invoice.Kind, Invoice.State


def credit_invoice(ctx: Context, invoice: Invoice, lines: list[dict[str, Any]] | None, reason: str) -> Invoice:
    """A draft credit note for lines of one invoice, or for all that is left of it."""
    if invoice.kind == Kind.CREDIT:
        raise Refused(_("A credit note is not credited; draw up a new invoice instead."), code="is_credit")
    stored = list(invoice.lines.order_by("position"))
    if invoice.kind == Kind.DEPOSIT:
        return _credit_deposit(ctx, invoice, stored, reason)
    free = free_quantities(stored)
    wanted = (
        {pk: n for pk, n in free.items() if n > 0}
        if lines is None
        else parts.asked(stored, free, lines, parts.CREDITED)
    )
    freight = ZERO
    if lines is None and invoice.freight:
        told = Invoice.objects.filter(credits=invoice, kind=Kind.CREDIT).aggregate(n=Sum("freight"))["n"]
        freight = invoice.freight - (told or ZERO)
    return draw_up(ctx, invoice, [(line, wanted[line.pk]) for line in stored if line.pk in wanted], reason, freight)


def free_quantities(stored: Sequence[InvoiceLine]) -> dict[UUID, Decimal]:
    """What of each invoice line is neither credited nor on a draft credit note."""
    notes = InvoiceLine.objects.filter(credits__in=[line.pk for line in stored], document__state=State.DRAFT)
    drafted = dict(notes.values_list("credits").annotate(n=Sum("base_quantity")))
    return {line.pk: line.base_quantity - line.credited - drafted.get(line.pk, ZERO) for line in stored}


def draw_up(
    ctx: Context, invoice: Invoice, wanted: list[tuple[InvoiceLine, Decimal]], reason: str, freight: Decimal = ZERO,
    return_id: UUID | None = None,
) -> Invoice:  # fmt: skip
    """A draft credit note of these base quantities of lines of the invoice."""
    if not wanted and not freight:
        raise Refused(_("All of this is credited already, or stands on a draft credit note."), code="nothing_to_credit")
    note = Invoice(
        **copying.header(invoice), state=State.DRAFT, kind=Kind.CREDIT, order_id=invoice.order_id, credits=invoice,
        freight=freight, reason=reason[:300], returned_with=return_id,
    )  # fmt: skip
    lines = []
    for position, (source, base) in enumerate(wanted, start=1):
        line = InvoiceLine(
            **copying.line(source), document=note, position=position, order_line_id=source.order_line_id,
            credits=source, posting_class=source.posting_class,
        )  # fmt: skip
        line.base_quantity = base
        line.quantity = rules.entered(base, source.quantity, source.base_quantity)
        if source.cost is not None:
            line.cost = round_amount(source.cost * base / source.base_quantity, note.currency)
        rest = source.base_quantity - source.credited
        line.amount = round_amount(
            rules.credit_part(source.amount, source.credited_amount, base, rest, source.base_quantity), note.currency
        )
        lines.append(line)
    _total(ctx, note, invoice, lines)
    gate.store(ctx, FACE, [Draft(note, lines={"lines": lines})])
    source_ref, target = Ref(FACE, invoice.pk), Ref(FACE, note.pk)
    links = [Link(source_ref, target, x.credits_id, x.pk, x.base_quantity, x.amount) for x in lines]
    link(links or [Link(source_ref, target, amount=note.total)])
    return note


def _total(ctx: Context, note: Invoice, invoice: Invoice, lines: list[InvoiceLine]) -> None:
    """Tax on the credited amounts by the one function; the credit that completes an invoice takes the rest."""
    asked = [
        pricing.catalog.TaxLine(Decimal(1), line.amount, ZERO, tuple(UUID(t) for t in line.tax_ids)) for line in lines
    ]
    taxes = pricing.freight_taxes(invoice.lines.all()) if note.freight else ()
    sums = pricing.catalog.compute(ctx, asked, currency=note.currency, extra=note.freight, extra_tax_ids=taxes)
    for line, amounts in zip(lines, sums.lines, strict=True):
        line.tax = amounts.tax
    note.net = sum((line.amount for line in lines), ZERO)
    taken = {str(t.tax_id): t for t in sums.taxes}
    earlier = list(Invoice.objects.filter(credits=invoice, kind=Kind.CREDIT).exclude(pk=note.pk))
    net_left = invoice.net - sum((e.net for e in earlier), ZERO) - note.net
    freight_left = invoice.freight - sum((e.freight for e in earlier), ZERO) - note.freight
    complete = not net_left and not freight_left
    note.taxes = []
    source = invoice.taxes if complete else [t for t in invoice.taxes if t["tax"] in taken]
    for told in source:
        left = Decimal(told["amount"]) - _tax_of(earlier, told["tax"])
        mine = taken.get(told["tax"])
        amount = left if complete else min(mine.amount if mine else ZERO, left)
        base = (
            Decimal(told["base"]) - _tax_of(earlier, told["tax"], "base") if complete else mine.base if mine else ZERO
        )
        note.taxes.append({**told, "amount": str(amount), "base": str(base)})
    note.tax = sum((Decimal(t["amount"]) for t in note.taxes), ZERO)
    note.total = note.net + note.freight + note.tax
    note.open_amount = note.total


def _tax_of(notes: Sequence[Invoice], tax: str, what: str = "amount") -> Decimal:
    return sum((Decimal(t[what]) for n in notes for t in n.taxes if t["tax"] == tax), ZERO)


def _credit_deposit(ctx: Context, invoice: Invoice, stored: list[InvoiceLine], reason: str) -> Invoice:
    """What of a deposit no invoice has taken up goes back."""
    drafts = Invoice.objects.filter(credits=invoice, state=State.DRAFT).aggregate(n=Sum("total"))["n"]
    left = invoice.total - invoice.taken - invoice.credited - (drafts or ZERO)
    if left <= 0:
        raise Refused(_("This deposit is taken up or credited already."), code="nothing_to_credit")
    note = Invoice(
        **copying.header(invoice), state=State.DRAFT, kind=Kind.CREDIT, order_id=invoice.order_id, credits=invoice,
        reason=reason[:300], net=left, total=left, open_amount=left,
    )  # fmt: skip
    line = InvoiceLine(
        document=note, position=1, quantity=Decimal(1), base_quantity=Decimal(1), unit_price=left, amount=left,
        description=stored[0].description, price_rule=stored[0].price_rule, manual_price=True,
    )  # fmt: skip
    gate.store(ctx, FACE, [Draft(note, lines={"lines": [line]})])
    link([Link(Ref(FACE, invoice.pk), Ref(FACE, note.pk), amount=left)])
    return note


def claim(note: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Count the credit on the lines it takes back; the table's checks refuse excess."""
    taken: dict[UUID, tuple[Decimal | None, ...]] = {
        line.credits_id: (line.base_quantity, line.amount) for line in lines if line.credits_id
    }
    rows.add(InvoiceLine, taken, ("credited", "credited_amount"))


def settle(ctx: Context, note: Invoice) -> None:
    """Allocate a posted credit note to the open item of its invoice; an invoice credited in full is reversed."""
    if note.credits_id is None:
        return
    items = finance.items_of(ctx, [note.pk, note.credits_id])
    mine, theirs = items[note.pk], items.get(note.credits_id)
    amount = min(mine.remaining, theirs.remaining) if theirs else ZERO
    if theirs and amount > 0:
        assert note.posted_on is not None
        finance.allocate(ctx, theirs.id, mine.id, amount, note.posted_on)
    # After used credit and open items, as a receipt does it: their order keeps the two from waiting for each other.
    rows.add(Invoice, {note.credits_id: (note.total,)}, ("credited",))
    note.open_amount = mine.remaining - amount
    note.payment_state = ALL if not note.open_amount else PART if amount else NONE
    _reverse_whole(ctx, [note.credits_id])


def _reverse_whole(ctx: Context, ids: list[UUID]) -> None:
    """An invoice of which nothing is left is reversed; that follows, nobody decides it."""
    whole = Invoice.objects.filter(pk__in=ids, state=State.POSTED, credited=F("total"))
    found = dict(whole.order_by("pk").values_list("pk", "version"))
    if not found:
        return
    whole.update(state=State.REVERSED, version=F("version") + 1, updated_at=clock.now())
    StatusChange.objects.bulk_create(
        StatusChange(
            resource=FACE, record_id=pk, field="state", old=State.POSTED, new=State.REVERSED, user_id=ctx.user_id,
            user_name=ctx.user_name,
        )
        for pk in found
    )  # fmt: skip
    change = {"state": [str(State.POSTED), str(State.REVERSED)]}
    record(ctx, [Deed(FACE, pk, "reversed", change, version=version + 1) for pk, version in found.items()])


def money_moved(ctx: Context, ids: Sequence[UUID]) -> None:
    """Finance has allocated: open amount and payment state follow the open items."""
    told = {
        pk: (item.remaining, ALL if not item.remaining else PART if item.remaining < item.amount else NONE)
        for pk, item in finance.items_of(ctx, ids).items()
    }
    rows.put(Invoice, told, ("open_amount", "payment_state"))
