"""Open items and their settlement: locked in id order, never overdrawn, right as of any date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents import owners
from kontor.documents.conversion import Link, link
from kontor.documents.models import Conversion
from kontor.documents.records import Ref
from kontor.errors import FieldError, NotFound, Refused
from kontor.organization.api import place_of
from kontor.values.columns import new_id
from kontor.values.money import amount_text, round_amount
from suite.finance import posting
from suite.finance.credit import Exposure, expose_many
from suite.finance.models import Allocation, OpenItem
from suite.finance.settling import Settlement, check, settle
from suite.finance.values import ZERO, NewItem, OpenItemInfo, Posting

RESOURCE = "finance.allocation"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One settlement to make: ``cover`` settles ``invoice``; ``row`` is a planned allocation, ``at`` its pointer."""

    invoice_id: UUID
    cover_id: UUID
    amount: Decimal
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    row: Any = None
    at: str = ""


def open_item(ctx: Context, item: NewItem, *, first: bool = False) -> UUID:
    """Open what a posted document leaves to be settled; it carries the document's id.

    Again for the same document: the same item (``first``: the caller knows that there is none).
    A credit note lowers the used credit of its party.
    """
    if not first and OpenItem.objects.filter(pk=item.source.id).exists():
        return item.source.id
    open_items(ctx, [item])
    return item.source.id


def open_items(ctx: Context, items: Sequence[NewItem]) -> None:
    """Open the items of documents that have none yet, in one statement."""
    credits = []
    rows = []
    for x in items:
        place = place_of(ctx, x.owner_id)
        amount = round_amount(x.amount, x.currency)
        book = round_amount(amount * x.rate, ctx.currency) if x.book_amount is None else x.book_amount
        rows.append(
            OpenItem(
                id=x.source.id,
                source_resource=x.source.resource,
                source_id=x.source.id,
                number=x.number,
                kind=x.kind,
                ledger=x.ledger,
                side=x.side,
                party_id=x.party_id,
                currency=x.currency,
                rate=x.rate,
                amount=amount,
                remaining=amount,
                book_amount=book,
                book_remaining=book,
                book_currency=ctx.currency,
                opened_on=x.on,
                due_on=x.due_on,
                owner_id=x.owner_id,
                department_path=place.path,
                branch_id=place.branch_id,
            )
        )
        if x.kind == OpenItem.Kind.CREDIT and x.ledger == OpenItem.Ledger.RECEIVABLE:
            credits.append(Exposure(x.party_id, -book, ctx.currency, x.on))
    OpenItem.objects.bulk_create(rows)
    if credits:
        expose_many(ctx, credits)


def allocate(
    ctx: Context,
    debit_item: UUID,
    credit_item: UUID,
    amount: Decimal,
    on: dt.date,
    *,
    discount: Decimal = ZERO,
    write_off: Decimal = ZERO,
) -> UUID:
    """Settle two items against each other; discount and write-off leave the invoice in addition.

    The date is moved up to the later item's. Refused if more would be settled than is open.
    """
    items = locked([debit_item, credit_item])
    debit, credit = items[debit_item], items[credit_item]
    if (debit.side, credit.side) != ("debit", "credit"):
        raise Refused(_("One side must be owed to us and the other by us."), code="wrong_side")
    invoice, cover = (credit, debit) if credit.ledger == OpenItem.Ledger.PAYABLE else (debit, credit)
    made, _settled = settle_items(ctx, [Wanted(invoice.id, cover.id, amount, discount, write_off)], on, items=items)
    return UUID(str(made[0].id))


def settle_items(
    ctx: Context, wanted: Sequence[Wanted], on: dt.date, *, items: dict[UUID, Any] | None = None, vouchers: bool = True
) -> tuple[list[Any], list[Settlement]]:
    """Make these allocations: rows, the items' rests, vouchers where value changes accounts, credit.

    ``vouchers=False`` leaves the vouchers to the caller, who posts the facts with a receipt's own.
    """
    items = items or locked([i for w in wanted for i in (w.invoice_id, w.cover_id)])
    rows: list[Any] = []
    settled: list[Settlement] = []
    for w in wanted:
        invoice, cover = items[w.invoice_id], items[w.cover_id]
        check(invoice, cover, w.amount, w.discount, w.write_off, w.at)
        _within_limit(ctx, invoice, w)
        s = settle(invoice, cover, w.amount, w.discount, w.write_off)
        row = w.row or Allocation(id=new_id(), invoice_id=invoice.id)
        if cover.kind in (OpenItem.Kind.RECEIPT, OpenItem.Kind.PAYMENT):
            row.payment_id = cover.id
        row.cover_id, row.amount, row.discount, row.write_off = cover.id, w.amount, w.discount, w.write_off
        row.invoice_book, row.cover_book, row.exchange = s.invoice_book, s.cover_book, s.exchange
        row.state = Allocation.State.ACTIVE
        row.allocated_on = max(on, invoice.opened_on, cover.opened_on)
        rows.append(row)
        settled.append(s)
    _save_items(items.values())
    Allocation.objects.bulk_create([r for r, w in zip(rows, wanted, strict=True) if w.row is None])
    stored = [r for r, w in zip(rows, wanted, strict=True) if w.row is not None]
    if stored:
        Allocation.objects.bulk_update(
            stored,
            [
                "cover",
                "amount",
                "discount",
                "write_off",
                "invoice_book",
                "cover_book",
                "exchange",
                "state",
                "allocated_on",
            ],
        )
    if vouchers:
        posting.post_many(
            ctx,
            [
                p
                for r, s in zip(rows, settled, strict=True)
                if (p := voucher_of(r, s, items[r.invoice_id], items[r.cover_id])) is not None
            ],
        )
    link(
        Link(_ref(items[r.invoice_id]), _ref(items[r.cover_id]), target_line=r.id, amount=r.amount)
        for r in rows
        if r.payment_id is not None
    )
    _forgive(ctx, rows, items, sign=-1)
    _tell(ctx, rows, items)
    return rows, settled


def _within_limit(ctx: Context, invoice: Any, w: Wanted) -> None:
    """Small differences are written off by whoever books; above ``finance.write_off_limit`` (book currency) nobody."""
    limit = configuration.get("finance.write_off_limit", ctx)
    if not w.write_off or limit in (None, ""):
        return
    if round_amount(w.write_off * Decimal(invoice.rate), ctx.currency) > Decimal(str(limit)):
        detail = _("At most %(limit)s %(currency)s may be written off. Credit the invoice, or settle less.") % {
            "limit": amount_text(Decimal(str(limit)), ctx.currency), "currency": ctx.currency,
        }  # fmt: skip
        raise Refused(
            detail, code="write_off_limit",
            errors=[FieldError(f"{w.at}/write_off", "write_off_limit", detail, {"limit": str(limit)})],
        )  # fmt: skip


def voucher_of(row: Any, s: Settlement, invoice: Any, cover: Any) -> Posting | None:
    """The posting of one allocation; None where both items stand on one account at one rate."""
    facts = s.facts()
    moves = {f.name: (f.amount, f.book) for f in facts if f.amount or f.book}
    if set(moves) == {"credited", "receivable"} and moves["credited"] == moves["receivable"]:
        return None
    return Posting(
        Ref(RESOURCE, row.id),
        "finance.allocated",
        row.allocated_on,
        invoice.currency,
        Decimal(cover.rate),
        _("%(cover)s settles %(invoice)s") % {"cover": cover.number, "invoice": invoice.number},
        party_id=invoice.party_id,
        rows=facts,
        branch_id=invoice.branch_id,
        department_path=invoice.department_path,
    )


def unallocate(ctx: Context, allocation_id: UUID, on: dt.date | None = None) -> None:
    """Undo an allocation: both items are open again from the date on (today by default)."""
    row = Allocation.objects.filter(pk=allocation_id).first()
    if row is None:
        raise NotFound(id=str(allocation_id))
    undo(ctx, [row], on or ctx.today)


def undo(ctx: Context, rows: Sequence[Any], on: dt.date, *, with_receipt: bool = False) -> None:
    """Undo these allocations; ``with_receipt`` leaves the value to the reversal of the receipt's voucher."""
    items = locked([i for r in rows for i in (r.invoice_id, r.cover_id)])
    fresh = {r.pk: r for r in Allocation.objects.filter(pk__in=[r.pk for r in rows]).select_for_update().order_by("pk")}
    row: Any
    for row in fresh.values():
        if row.state != Allocation.State.ACTIVE:
            raise Refused(_("This allocation is already undone."), code="illegal_state")
        invoice, cover = items[row.invoice_id], items[row.cover_id]
        invoice.remaining += row.amount + row.discount + row.write_off
        cover.remaining += row.amount
        invoice.book_remaining += row.invoice_book
        cover.book_remaining += row.cover_book
        day = max(on, row.allocated_on)
        _take_back(ctx, row, invoice, cover, day, with_receipt)
        row.state, row.undone_on = Allocation.State.UNDONE, day
    _save_items(items.values())
    Allocation.objects.bulk_update(list(fresh.values()), ["state", "undone_on"])
    Conversion.objects.filter(target_id__in={r.cover_id for r in rows}, target_line_id__in=list(fresh)).delete()
    _forgive(ctx, fresh.values(), items, sign=1)
    _tell(ctx, fresh.values(), items)


def _take_back(ctx: Context, row: Any, invoice: Any, cover: Any, on: dt.date, with_receipt: bool) -> None:
    reason = _("allocation undone")
    own = posting.reverse(ctx, Ref(RESOURCE, row.id), "finance.allocated", on, reason)
    if own is None and row.payment_id is not None and not with_receipt:
        # It was posted within the receipt's voucher: what it moved goes back to the advance.
        s = Settlement.of(row, invoice, cover)
        posting.post(
            ctx,
            Posting(
                Ref(RESOURCE, row.id),
                "finance.unallocated",
                on,
                invoice.currency,
                Decimal(cover.rate),
                _("Undone: %(cover)s settles %(invoice)s") % {"cover": cover.number, "invoice": invoice.number},
                party_id=invoice.party_id,
                rows=s.facts(),
                branch_id=invoice.branch_id,
                department_path=invoice.department_path,
            ),
        )


def cancel_item(ctx: Context, source: Ref, on: dt.date) -> None:
    """Take an item out of the books with its document: what is open is settled by a counter-item.

    As of dates before it was open, as of later ones it is not. Refused while something is allocated.
    """
    items = locked([source.id])
    item = items[source.id]
    if item.remaining != item.amount:
        raise Refused(
            _("%(number)s is settled in part. Undo its allocations first.") % {"number": item.number}, code="allocated"
        )
    other = "credit" if item.side == "debit" else "debit"
    counter = OpenItem(
        id=new_id(),
        source_resource=source.resource,
        source_id=source.id,
        number=item.number,
        kind=OpenItem.Kind.CANCELLATION,
        ledger=item.ledger,
        side=other,
        party_id=item.party_id,
        currency=item.currency,
        rate=item.rate,
        amount=item.amount,
        remaining=item.amount,
        book_amount=item.book_amount,
        book_remaining=item.book_amount,
        book_currency=item.book_currency,
        opened_on=max(on, item.opened_on),
        due_on=max(on, item.opened_on),
        owner_id=item.owner_id,
        department_path=item.department_path,
        branch_id=item.branch_id,
    )
    OpenItem.objects.bulk_create([counter])
    pair = {item.id: item, counter.id: counter}
    settle_items(ctx, [Wanted(item.id, counter.id, item.amount)], on, items=pair, vouchers=False)


def items_of(ctx: Context, source_ids: Iterable[UUID]) -> dict[UUID, OpenItemInfo]:
    """The items of these documents by the document's id, one query."""
    rows = OpenItem.objects.filter(pk__in=list(source_ids))
    return {
        i.source_id: OpenItemInfo(
            i.id, i.amount, i.remaining, i.due_on, "open" if i.remaining else "settled", i.number, i.side, i.currency
        )
        for i in rows
    }


def locked(ids: Iterable[UUID]) -> dict[UUID, Any]:
    """The items of these ids under row lock, taken in id order; NotFound names what is missing."""
    wanted = sorted(set(ids))
    found = {i.id: i for i in OpenItem.objects.filter(pk__in=wanted).select_for_update().order_by("pk")}
    for pk in wanted:
        if pk not in found:
            raise NotFound(_("There is no open item for this document; is it posted?"), id=str(pk))
    return found


def _tell(ctx: Context, rows: Iterable[Any], items: dict[UUID, Any]) -> None:
    """Both documents hear of it, the settled one and the credit note: ``fulfilled(…, "money")``."""
    owners.fulfilled(ctx, [_ref(items[pk]) for row in rows for pk in (row.invoice_id, row.cover_id)], "money")


def _ref(item: Any) -> Ref:
    return Ref(item.source_resource, item.source_id)


def _save_items(items: Iterable[Any]) -> None:
    changed = sorted(items, key=lambda i: i.id)
    for item in changed:
        item.version += 1
    OpenItem.objects.bulk_update(changed, ["remaining", "book_remaining", "version"])


def _forgive(ctx: Context, rows: Iterable[Any], items: dict[UUID, Any], *, sign: int) -> None:
    """Discount, write-off and exchange difference free credit beyond what the cover did; undone, they take it again."""
    by_party: dict[UUID, Decimal] = {}
    for row in rows:
        invoice = items[row.invoice_id]
        beyond = row.invoice_book - row.cover_book
        if invoice.side == "credit":  # a refund pays back a credit: the other way round
            beyond = -beyond
        if beyond and invoice.ledger == OpenItem.Ledger.RECEIVABLE:
            by_party[invoice.party_id] = by_party.get(invoice.party_id, ZERO) + beyond
    if by_party:
        expose_many(ctx, [Exposure(pk, sign * amount, ctx.currency, ctx.today) for pk, amount in by_party.items()])
