"""Vouchers that accountants write: checked while drafted, posted and reversed on their word."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import FieldError, Invalid, Refused
from kontor.values.money import amount_text, digits, round_amount
from suite.finance import posting
from suite.finance.accounts import accounts, journal_of_kind, journals
from suite.finance.models import VoucherLine
from suite.finance.values import ZERO


def derive(ctx: Context, drafts: list[Draft]) -> None:
    """Date, journal and currency by default; every line has one side, in the digits of the book currency."""
    errors: list[FieldError] = []
    for draft in drafts:
        voucher = draft.record
        voucher.date = voucher.date or ctx.today
        voucher.journal_id = voucher.journal_id or journal_of_kind(ctx, "general").id
        voucher.currency = voucher.book_currency = ctx.currency
        lines = draft.lines.get("lines", [])
        for i, line in enumerate(lines):
            _line(ctx, line, draft.line_at.get(line.pk) or f"{draft.at}/lines/{i}", errors)
        voucher.total = sum((line.debit for line in lines), ZERO)
        voucher.line_count = len(lines)
    if errors:
        raise Invalid(errors)


def _line(ctx: Context, line: Any, at: str, errors: list[FieldError]) -> None:
    for name in ("debit", "credit"):
        value = getattr(line, name) or ZERO
        setattr(line, name, value)
        if value < 0:
            errors.append(FieldError(f"{at}/{name}", "invalid", _("An amount above zero is expected here.")))
        elif round_amount(value, ctx.currency) != value:
            errors.append(
                FieldError(
                    f"{at}/{name}",
                    "too_many_digits",
                    _("%(currency)s has %(digits)d decimals.")
                    % {"currency": ctx.currency, "digits": digits(ctx.currency)},
                )
            )
    if bool(line.debit) == bool(line.credit):
        errors.append(FieldError(f"{at}/debit", "one_side", _("A line has either a debit or a credit, above zero.")))
    account = accounts(ctx).get(line.account_id)
    if line.account_id and (account is None or not account.postable):
        errors.append(
            FieldError(
                f"{at}/account", "not_postable", _("This account cannot be posted to. Choose an account below it.")
            )
        )
    line.amount, line.currency = line.debit - line.credit, ctx.currency


def post(ctx: Context, voucher: Any) -> None:
    """Number a balanced draft in an open period; the gate writes its state."""
    lines = list(VoucherLine.objects.filter(voucher_id=voucher.id))
    debit, credit = sum((x.debit for x in lines), ZERO), sum((x.credit for x in lines), ZERO)
    if len(lines) < 2 or debit != credit:
        raise Refused(
            _("Debit %(debit)s and credit %(credit)s differ; a voucher is posted when they are equal.")
            % {
                "debit": amount_text(debit, voucher.book_currency),
                "credit": amount_text(credit, voucher.book_currency),
            },
            code="unbalanced",
        )
    posting.check_lines(ctx, lines)
    voucher.period_id = calendars.guard(ctx, voucher.date, calendars.LEDGER).id
    voucher.total, voucher.line_count = debit, len(lines)
    posting.number(next(j for j in journals(ctx) if j.id == voucher.journal_id), [voucher])
    posting.note(ctx, voucher, lines)


def reverse(ctx: Context, voucher: Any, date: dt.date | None, reason: str) -> None:
    """Post the mirror of a voucher written by hand; documents reverse their own."""
    if voucher.source_id is not None and voucher.reverses_id is None and not voucher.event.startswith("year-end"):
        raise Refused(
            _("This voucher was made by a document. Reverse or credit the document, and its voucher follows."),
            code="has_source",
            resource=voucher.source_resource,
            id=str(voucher.source_id),
        )
    if voucher.reverses_id is not None:
        raise Refused(_("A reversal is not reversed; write the voucher again instead."), code="is_reversal")
    posting.mirror(ctx, voucher, date or ctx.today, reason, save=False)
