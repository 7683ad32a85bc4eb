"""Posting: an event with its facts becomes one balanced, numbered voucher, once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.documents import gate
from kontor.documents.numbering import give
from kontor.documents.records import Draft, Ref
from kontor.errors import Invalid, Refused
from kontor.organization.api import place_of
from kontor.values.columns import new_id
from kontor.values.money import amount_text
from suite.finance.accounts import account_for, accounts, journal, journals, rule_for
from suite.finance.models import Voucher, VoucherLine
from suite.finance.rules import Entry, entries
from suite.finance.values import ZERO, Fact, LinePreview, Posting, VoucherInfo, VoucherPreview

Key = tuple[UUID, str, str]


def post(ctx: Context, posting: Posting, *, first: bool = False) -> UUID | None:
    """Post one event; the id of its voucher, also when it was posted before; None if it has no amounts."""
    return post_many(ctx, [posting], first=first)[0]


def post_many(ctx: Context, postings: Sequence[Posting], *, first: bool = False) -> list[UUID | None]:
    """Post many events, one statement a table; ids in the same order.

    Two callers who post the same event at once get one voucher: the second waits for the first,
    meets the unique source, and takes what is there. ``first``: the caller holds the documents' locks and
    knows that they cannot have been posted, so nothing is looked up; should one be posted all the same,
    the unique source refuses.
    """
    if first:
        asked = [_draft(ctx, p) for p in postings]
        made = iter(write(ctx, [d for d in asked if d is not None]))
        return [None if d is None else UUID(str(next(made).id)) for d in asked]
    for _attempt in range(3):
        known = _posted(postings)
        fresh = {_key(p): p for p in postings if _key(p) not in known}
        drafts = [d for d in (_draft(ctx, p) for p in fresh.values()) if d is not None]
        try:
            with transaction.atomic():
                known.update({(v.source_id, v.event, v.source_resource): v.id for v in write(ctx, drafts)})
        except Invalid as error:
            if not any(e.pointer == "/source_id" for e in error.errors):
                raise
            continue  # somebody else has just posted one of them
        return [known.get(_key(p)) for p in postings]
    raise Refused(_("Somebody else is posting the same documents right now. Try again in a moment."), code="busy")


def preview(ctx: Context, posting: Posting) -> VoucherPreview:
    """The voucher that ``post`` would make; nothing is stored, no number taken."""
    draft = _draft(ctx, posting)
    voucher = draft.record if draft else None
    lines = tuple(_line_preview(ctx, line) for line in draft.lines["lines"]) if draft else ()
    rule = rule_for(ctx, posting.event, posting.on)
    return VoucherPreview(
        rule.journal, posting.on, posting.text, posting.currency, lines, voucher.total if voucher else ZERO
    )


def reverse(ctx: Context, source: Ref, event: str, on: dt.date, reason: str) -> UUID | None:
    """Post the mirror of the voucher of (source, event); its id, also if done before; None if there is none."""
    found = list(
        Voucher.objects.filter(source_id=source.id, source_resource=source.resource, event=event).select_for_update(
            of=("self",)
        )
    )
    return mirror(ctx, found[0], on, reason) if found else None


def mirror(ctx: Context, voucher: Any, on: dt.date, reason: str, *, save: bool = True) -> UUID:
    """The counter-voucher of a locked, posted one; both point to each other (``save=False``: the gate saves it)."""
    if voucher.state == Voucher.State.REVERSED:
        return UUID(str(voucher.reversed_by_id))
    if voucher.state != Voucher.State.POSTED:
        raise Refused(_("Only a posted voucher can be reversed."), code="illegal_state")
    period = calendars.guard(ctx, on, calendars.LEDGER)
    counter = Voucher(
        date=on,
        journal_id=voucher.journal_id,
        period_id=period.id,
        state=Voucher.State.POSTED,
        text=_("Reversal of %(number)s: %(reason)s") % {"number": voucher.number, "reason": reason[:200]},
        currency=voucher.currency,
        book_currency=voucher.book_currency,
        rate=voucher.rate,
        total=voucher.total,
        party_id=voucher.party_id,
        reverses_id=voucher.id,
        owner_id=ctx.employee_id,
        branch_id=voucher.branch_id,
        department_path=voucher.department_path,
        source_resource=voucher.source_resource or "finance.voucher",
        source_id=voucher.source_id or voucher.id,
        event=f"{voucher.event}.reversed"[-60:] if voucher.event else "reversed",
    )
    lines = list(VoucherLine.objects.filter(voucher_id=voucher.id).order_by("position"))
    for line in lines:
        line.pk = new_id()
        line._state.adding = True
        line.debit, line.credit, line.amount = line.credit, line.debit, -line.amount
    write(ctx, [Draft(counter, lines={"lines": lines})])
    voucher.state, voucher.reversed_by_id = Voucher.State.REVERSED, counter.id
    if save:
        voucher.version += 1
        voucher.save(update_fields=["state", "reversed_by", "version", "updated_at"])
    return UUID(str(counter.id))


def write(ctx: Context, drafts: list[Draft]) -> list[Any]:
    """Number and store posted vouchers with their lines; the counters are taken last."""
    if not drafts:
        return []
    by_journal: dict[UUID, list[Any]] = {}
    for draft in drafts:
        by_journal.setdefault(draft.record.journal_id, []).append(draft.record)
        draft.record.line_count = len(draft.lines["lines"])
    books = {j.id: j for j in journals(ctx)}
    for journal_id in sorted(by_journal):
        number(books[journal_id], by_journal[journal_id])
    made = gate.store(ctx, "finance.voucher", drafts)
    for draft in drafts:
        note(ctx, draft.record, draft.lines["lines"])
    return made


def number(book: Any, vouchers: list[Any]) -> None:
    """Give the vouchers of a journal their gapless numbers."""
    given = give(f"finance.voucher/{book.code}", book.pattern, [v.date for v in vouchers], gapless=True, custom=False)
    for voucher, text in zip(vouchers, given, strict=True):
        voucher.number = text


def note(ctx: Context, voucher: Any, lines: Iterable[Any]) -> None:
    """Tell a dry run what was posted, ready for JSON."""
    if not ctx.dry_run:
        return
    chart = accounts(ctx)
    ctx.note(
        "vouchers",
        {
            "id": str(voucher.id),
            "number": voucher.number,
            "date": str(voucher.date),
            "text": str(voucher.text),
            "event": voucher.event,
            "currency": voucher.book_currency,
            "total": amount_text(voucher.total, voucher.book_currency),
            "lines": [
                {
                    "account": chart[line.account_id].code,
                    "account_name": chart[line.account_id].label(ctx.language),
                    "debit": amount_text(line.debit, voucher.book_currency),
                    "credit": amount_text(line.credit, voucher.book_currency),
                    "amount": amount_text(line.amount, line.currency),
                    "currency": line.currency,
                    "party": str(line.party_id) if line.party_id else None,
                }
                for line in lines
            ],
        },
    )


def vouchers_of(ctx: Context, ids: Iterable[UUID]) -> dict[UUID, list[VoucherInfo]]:
    """The vouchers made for these sources, in order of date and number; two queries."""
    rows = list(Voucher.objects.filter(source_id__in=list(ids)).order_by("date", "number"))
    lines: dict[UUID, list[LinePreview]] = {}
    for line in VoucherLine.objects.filter(voucher__in=rows).order_by("voucher_id", "position"):
        lines.setdefault(line.voucher_id, []).append(_line_preview(ctx, line))
    out: dict[UUID, list[VoucherInfo]] = {}
    for v in rows:
        assert v.source_id is not None
        out.setdefault(v.source_id, []).append(
            VoucherInfo(v.id, v.number, v.date, v.event, v.state, v.text, v.total, tuple(lines.get(v.id, ())))
        )
    return out


def _posted(postings: Sequence[Posting]) -> dict[Key, UUID]:
    wanted = {_key(p) for p in postings}
    rows = Voucher.objects.filter(
        Q(source_id__in={k[0] for k in wanted}), event__in={k[1] for k in wanted}
    ).values_list("source_id", "event", "source_resource", "id")
    return {(s, e, r): pk for s, e, r, pk in rows if s is not None and (s, e, r) in wanted}


def _key(p: Posting) -> Key:
    return (p.source.id, p.event, p.source.resource)


def _draft(ctx: Context, p: Posting) -> Draft | None:
    period = calendars.guard(ctx, p.on, calendars.LEDGER)
    rule = rule_for(ctx, p.event, p.on)
    branch_id = p.branch_id or ctx.branch_id or place_of(ctx, None).branch_id

    def account_of(role: str, fact: Fact) -> UUID:
        return account_for(ctx, role, fact, p.on)

    made = entries(
        rule,
        p.rows,
        currency=p.currency,
        rate=p.rate,
        book_currency=ctx.currency,
        account_of=account_of,
        exchange=lambda: account_of("exchange", Fact("exchange", ZERO)),
        party_id=p.party_id,
        department_path=p.department_path,
        branch_id=branch_id,
    )
    if not made:
        return None
    voucher = Voucher(
        date=p.on,
        journal_id=journal(ctx, rule.journal).id,
        period_id=period.id,
        state=Voucher.State.POSTED,
        text=str(p.text)[:300],
        currency=p.currency,
        book_currency=ctx.currency,
        rate=p.rate,
        party_id=p.party_id,
        source_resource=p.source.resource,
        source_id=p.source.id,
        event=p.event,
        owner_id=ctx.employee_id,
        branch_id=branch_id,
        department_path=p.department_path or ctx.department_path,
    )
    lines = [_line(voucher, at, entry, p.currency) for at, entry in enumerate(made, start=1)]
    voucher.total = sum((line.debit for line in lines), ZERO)
    check_lines(ctx, lines)
    return Draft(voucher, lines={"lines": lines})


def _line(voucher: Any, at: int, e: Entry, currency: str) -> Any:
    on_debit = e.book > 0 or (e.book == 0 and e.amount > 0)
    book = abs(e.book)
    return VoucherLine(
        voucher=voucher,
        position=at,
        account_id=e.account_id,
        debit=book if on_debit else ZERO,
        credit=ZERO if on_debit else book,
        amount=e.amount,
        currency=currency,
        party_id=e.party_id,
        department_path=e.department_path,
        branch_id=e.branch_id,
        warehouse_id=e.warehouse_id,
        tax_id=e.tax_id,
        due_on=e.due_on,
    )


def check_lines(ctx: Context, lines: Sequence[Any]) -> None:
    """Accounts must take postings and have the dimensions they require."""
    chart = accounts(ctx)
    for line in lines:
        account = chart.get(line.account_id)
        if account is None or not account.postable:
            raise Refused(
                _("Account %(code)s cannot be posted to. Choose an account below it, or open it for posting.")
                % {"code": account.code if account else "?"},
                code="not_postable",
            )
        for name in account.required:
            if not _dimension(line, name):
                raise Refused(
                    _("Account %(code)s needs the dimension “%(name)s” on every line.")
                    % {"code": account.code, "name": name},
                    code="dimension_missing",
                )


def _dimension(line: Any, name: str) -> Any:
    columns = {
        "party": "party_id",
        "department": "department_path",
        "branch": "branch_id",
        "warehouse": "warehouse_id",
        "tax": "tax_id",
        "due": "due_on",
    }
    return getattr(line, columns[name]) if name in columns else line.dimensions.get(name)


def _line_preview(ctx: Context, line: Any) -> LinePreview:
    account = accounts(ctx)[line.account_id]
    return LinePreview(
        account.id,
        account.code,
        account.label(ctx.language),
        Decimal(line.debit),
        Decimal(line.credit),
        Decimal(line.amount),
        line.currency,
        line.party_id,
        line.text,
    )
