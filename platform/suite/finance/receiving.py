"""Receipts: drafts with planned allocations, posting in one voucher, settling later, reversing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.numbering import give
from kontor.documents.records import Draft, Ref
from kontor.errors import FieldError, Invalid, NotFound, Refused
from kontor.resources import registry
from kontor.values.money import digits, round_amount
from suite.finance import exchange, items, posting
from suite.finance.credit import expose
from suite.finance.items import Wanted
from suite.finance.models import Allocation, MoneyAccount, OpenItem
from suite.finance.settling import Settlement
from suite.finance.values import ZERO, Fact, NewItem, Posting

RESOURCE = "finance.receipt"


def derive(ctx: Context, drafts: list[Draft]) -> None:
    """Fill date, currency and rate; check amount and planned allocations, each wrong value by pointer."""
    errors: list[FieldError] = []
    currencies = dict(
        MoneyAccount.objects.filter(pk__in={d.record.account_id for d in drafts}).values_list("pk", "currency")
    )
    wanted = {row.invoice_id for d in drafts for row in d.lines.get("allocations", []) if row.invoice_id}
    found = {i.id: i for i in OpenItem.objects.filter(pk__in=wanted)} if wanted else {}
    for draft in drafts:
        r = draft.record
        r.received_on = r.received_on or ctx.today
        r.currency = r.currency or currencies.get(r.account_id) or ctx.currency
        if "rate" not in draft.given and (draft.is_new or draft.given & {"currency", "received_on"}):
            r.rate = None
        if r.rate is None:
            r.rate = exchange.rate(ctx, r.currency, ctx.currency, r.received_on)
        if r.amount is not None and (r.amount <= 0 or round_amount(r.amount, r.currency) != r.amount):
            errors.append(
                FieldError(
                    f"{draft.at}/amount",
                    "wrong_amount",
                    _("An amount above zero with at most %(digits)d decimals is expected in %(currency)s.")
                    % {"digits": digits(r.currency), "currency": r.currency},
                )
            )
        if r.rate <= 0:
            errors.append(FieldError(f"{draft.at}/rate", "wrong_rate", _("A rate is above zero.")))
        _planned(draft, found, errors)
    if errors:
        raise Invalid(errors)


def _planned(draft: Draft, found: dict[UUID, Any], errors: list[FieldError]) -> None:
    r, total = draft.record, ZERO
    for i, row in enumerate(draft.lines.get("allocations", [])):
        at = draft.line_at.get(row.pk) or f"{draft.at}/allocations/{i}"
        row.amount, row.discount, row.write_off = (v or ZERO for v in (row.amount, row.discount, row.write_off))
        item = found.get(row.invoice_id)
        total += row.amount
        if item is None:
            continue
        if item.party_id != r.party_id:
            errors.append(FieldError(f"{at}/invoice", "wrong_party", _("This is an invoice of another party.")))
        elif item.currency != r.currency:
            errors.append(
                FieldError(
                    f"{at}/invoice",
                    "wrong_currency",
                    _("The invoice is in %(currency)s.") % {"currency": item.currency},
                )
            )
        for name in ("amount", "discount", "write_off"):
            value = getattr(row, name)
            if value < 0 or round_amount(value, r.currency) != value:
                errors.append(
                    FieldError(
                        f"{at}/{name}",
                        "wrong_amount",
                        _("At most %(digits)d decimals, not below zero, are expected.")
                        % {"digits": digits(r.currency)},
                    )
                )
    if r.amount is not None and total > r.amount:
        errors.append(FieldError(f"{draft.at}/allocations", "overdrawn", _("More is allocated than was received.")))


def post(receipt: Any, ctx: Context) -> None:
    """One voucher for the money, what it settles, discounts, differences, and the advance that is left."""
    if not receipt.number:
        spec = registry.spec(RESOURCE)
        receipt.number = give(RESOURCE, spec.numbering, [receipt.received_on], ctx=ctx)[0]
    on, ref = receipt.received_on, Ref(RESOURCE, receipt.id)
    expose(ctx, receipt.party_id, -_book(ctx, receipt), ctx.currency, on)
    items.open_item(
        ctx,
        NewItem(
            ref,
            number=receipt.number,
            kind="receipt",
            party_id=receipt.party_id,
            side="credit",
            amount=receipt.amount,
            currency=receipt.currency,
            rate=receipt.rate,
            on=on,
            due_on=on,
            owner_id=receipt.owner_id,
        ),
    )
    rows = list(Allocation.objects.filter(payment_id=receipt.id, state=Allocation.State.PLANNED).order_by("id"))
    held = items.locked([receipt.id, *(row.invoice_id for row in rows)])
    now = [row for row in rows if held[row.invoice_id].opened_on <= on]
    later = [row for row in rows if held[row.invoice_id].opened_on > on]  # invoiced after the money came
    settled = _settle(ctx, receipt, now, held, vouchers=False)
    facts = _facts(ctx, receipt, settled)
    posting.post(
        ctx,
        Posting(
            ref,
            "finance.received",
            on,
            receipt.currency,
            Decimal(receipt.rate),
            _("Receipt %(number)s") % {"number": receipt.number},
            party_id=receipt.party_id,
            rows=facts,
            branch_id=receipt.branch_id,
            department_path=receipt.department_path,
        ),
    )
    _settle(ctx, receipt, later, held, vouchers=True)


def allocate(receipt: Any, ctx: Context, allocations: list[dict[str, Any]]) -> None:
    """Settle invoices with what is left of a posted receipt, from today on."""
    wanted = [
        Wanted(
            row["invoice"],
            receipt.id,
            row["amount"],
            row.get("discount") or ZERO,
            row.get("write_off") or ZERO,
            at=f"/allocations/{i}",
        )
        for i, row in enumerate(allocations)
    ]
    items.settle_items(ctx, wanted, max(ctx.today, receipt.received_on))


def unallocate(receipt: Any, ctx: Context, allocation: UUID) -> None:
    """Undo one allocation of the receipt; its amount is an advance again."""
    row = Allocation.objects.filter(pk=allocation, cover_id=receipt.id).first()
    if row is None:
        raise NotFound(_("This receipt has no such allocation."), id=str(allocation))
    items.undo(ctx, [row], max(ctx.today, receipt.received_on))


def reverse(receipt: Any, ctx: Context, reason: str) -> None:
    """Take a receipt back: allocations undone, vouchers mirrored, its item out of the books."""
    on, ref = max(ctx.today, receipt.received_on), Ref(RESOURCE, receipt.id)
    rows = list(Allocation.objects.filter(cover_id=receipt.id).order_by("id"))
    if any(row.state == Allocation.State.UNDONE and row.payment_id is None for row in rows):
        raise Refused(_("This receipt is settled against something else; undo that first."), code="allocated")
    undone = [row for row in rows if row.state == Allocation.State.UNDONE]
    active = [row for row in rows if row.state == Allocation.State.ACTIVE]
    if active:
        items.undo(ctx, active, on, with_receipt=True)
    for row in undone:  # what went back to the advance then, goes with the receipt now
        posting.reverse(ctx, Ref(items.RESOURCE, row.id), "finance.unallocated", on, reason)
    posting.reverse(ctx, ref, "finance.received", on, reason)
    items.cancel_item(ctx, ref, on)
    expose(ctx, receipt.party_id, _book(ctx, receipt), ctx.currency, on)


def _settle(ctx: Context, receipt: Any, rows: list[Any], held: dict[UUID, Any], *, vouchers: bool) -> list[Settlement]:
    if not rows:
        return []
    wanted = [Wanted(row.invoice_id, receipt.id, row.amount, row.discount, row.write_off, row=row) for row in rows]
    return items.settle_items(ctx, wanted, receipt.received_on, items=held, vouchers=vouchers)[1]


def _facts(ctx: Context, receipt: Any, settled: list[Settlement]) -> list[Fact]:
    money = _book(ctx, receipt)
    account = receipt.account.account_id
    facts = [Fact("money", receipt.amount, account_id=account, book=money)]
    for s in settled:
        facts += [f for f in s.facts() if f.name != "advance"]
    rest = receipt.amount - sum((s.amount for s in settled), ZERO)
    facts.append(Fact("advance", rest, book=money - sum((s.cover_book for s in settled), ZERO)))
    return facts


def _book(ctx: Context, receipt: Any) -> Decimal:
    return round_amount(receipt.amount * Decimal(receipt.rate), ctx.currency)


def unallocated(ctx: Context) -> Any:
    """The part of a receipt that settles nothing yet, for the query of lists."""
    rest = OpenItem.objects.filter(pk=OuterRef("pk")).values("remaining")[:1]
    return Case(
        When(state="posted", then=Subquery(rest)),
        default=Value(ZERO),
        output_field=OpenItem._meta.get_field("remaining"),
    )
