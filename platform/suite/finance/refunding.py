"""Refunds: money paid back to a customer, for what a receipt left over or a credit note owes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.numbering import give
from kontor.documents.records import Ref
from kontor.errors import Refused
from kontor.resources import registry
from kontor.values.money import amount_text, round_amount
from suite.finance import items, posting
from suite.finance.credit import expose
from suite.finance.items import Wanted
from suite.finance.models import Allocation, OpenItem
from suite.finance.settling import Settlement
from suite.finance.values import ZERO, Fact, NewItem, Posting

RESOURCE, EVENT = "finance.refund", "finance.refunded"


def post(refund: Any, ctx: Context) -> None:
    """Pay back what the planned rows name, or without them the customer's oldest credit; one voucher.

    Refused ``nothing_to_refund`` where less is owed to the customer than is paid: a refund leaves no rest.
    """
    on, ref = refund.received_on, Ref(RESOURCE, refund.id)
    planned = list(Allocation.objects.filter(payment_id=refund.id, state=Allocation.State.PLANNED).order_by("id"))
    ids = [row.invoice_id for row in planned] or _credits(refund)
    held = items.locked(ids) if ids else {}
    wanted = _wanted(refund, planned, held)
    if not refund.number:
        refund.number = give(RESOURCE, registry.spec(RESOURCE).numbering, [on], ctx=ctx)[0]
    book = round_amount(refund.amount * Decimal(refund.rate), ctx.currency)
    expose(ctx, refund.party_id, book, ctx.currency, on)
    items.open_items(ctx, [NewItem(
        ref, number=refund.number, kind="payment", party_id=refund.party_id, amount=refund.amount,
        currency=refund.currency, rate=refund.rate, on=on, due_on=on, owner_id=refund.owner_id,
    )])  # fmt: skip
    held |= items.locked([refund.id])
    rows, settled = items.settle_items(ctx, wanted, on, items=held, vouchers=False)
    posting.post(
        ctx,
        Posting(
            ref, EVENT, on, refund.currency, Decimal(refund.rate), _("Refund %(number)s") % {"number": refund.number},
            party_id=refund.party_id, rows=_facts(refund, book, rows, settled, held), branch_id=refund.branch_id,
            department_path=refund.department_path,
        ),
        first=True,
    )  # fmt: skip


def reverse(refund: Any, ctx: Context, reason: str) -> None:
    """The money came back: the customer's credit is open again, the voucher mirrored."""
    on, ref = max(ctx.today, refund.received_on), Ref(RESOURCE, refund.id)
    rows = list(Allocation.objects.filter(cover_id=refund.id, state=Allocation.State.ACTIVE).order_by("id"))
    items.undo(ctx, rows, on, with_receipt=True)
    posting.reverse(ctx, ref, EVENT, on, reason)
    items.cancel_item(ctx, ref, on)
    expose(ctx, refund.party_id, -round_amount(refund.amount * Decimal(refund.rate), ctx.currency), ctx.currency, on)


def _credits(refund: Any) -> list[Any]:
    """What the customer has open with us, the oldest first."""
    rows = OpenItem.objects.filter(
        party_id=refund.party_id, side="credit", ledger=OpenItem.Ledger.RECEIVABLE, currency=refund.currency,
        remaining__gt=0, opened_on__lte=refund.received_on,
    )  # fmt: skip
    return list(rows.order_by("opened_on", "number", "id").values_list("pk", flat=True))


def _wanted(refund: Any, planned: list[Any], held: dict[Any, Any]) -> list[Wanted]:
    out: list[Wanted] = []
    left = refund.amount
    if planned:
        out = [Wanted(r.invoice_id, refund.id, r.amount, row=r, at=f"/allocations/{i}") for i, r in enumerate(planned)]
        left -= sum((r.amount for r in planned), ZERO)
    else:
        for item in sorted(held.values(), key=lambda i: (i.opened_on, i.number, str(i.id))):
            part = min(left, item.remaining)
            if part > 0:
                out.append(Wanted(item.id, refund.id, part))
                left -= part
    if left:
        raise Refused(
            _("%(left)s %(currency)s of this refund answers no receipt or credit note of the customer.")
            % {"left": amount_text(left, refund.currency), "currency": refund.currency},
            code="nothing_to_refund",
        )
    return out


def _facts(refund: Any, book: Decimal, rows: list[Any], settled: list[Settlement], held: dict[Any, Any]) -> list[Fact]:
    facts = [Fact("money", refund.amount, account_id=refund.account.account_id, book=book)]
    difference = -book
    for row, s in zip(rows, settled, strict=True):
        name = "advance" if held[row.invoice_id].kind == OpenItem.Kind.RECEIPT else "credited"
        facts.append(Fact(name, s.amount, book=s.invoice_book))
        difference += s.invoice_book
    facts.append(Fact("fx", ZERO, book=difference))  # what was owed less what was paid: a gain above zero
    return facts
