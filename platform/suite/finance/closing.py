"""Year-end: income and expense are carried to retained earnings, and the year is closed as a whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.calendars import api as calendars
from kontor.context import Context
from kontor.documents.records import Draft
from kontor.errors import Refused
from kontor.resources.actions import action
from kontor.resources.registry import contribute
from suite.finance import posting
from suite.finance.accounts import account_for, accounts, journal_of_kind
from suite.finance.models import Voucher, VoucherLine
from suite.finance.reports.balances import sums
from suite.finance.values import ZERO, Fact

RESOURCE, EVENT = "calendars.period", "year-end"


@contribute(RESOURCE)
class YearEnd:
    """Hung on a period: closes and reopens the fiscal year in which it lies."""

    @staticmethod
    @action(
        event="year_end_posted", label=lazy("Close the year"), effects=True,
        confirm=lazy("Income and expense are carried to retained earnings, and all twelve periods are closed."),
    )  # fmt: skip
    def close_year(period: Any, ctx: Any) -> None:
        """Carry forward and close; reopening reverses it."""
        close_year(ctx, period)

    @staticmethod
    @action(
        event="year_end_reversed", label=lazy("Reopen the year"), effects=True,
        confirm=lazy("The carry-forward is reversed and all twelve periods are opened."),
    )  # fmt: skip
    def reopen_year(period: Any, ctx: Any) -> None:
        """Reverse the carry-forward and open the periods."""
        reopen_year(ctx, period)


def close_year(ctx: Context, period: Any) -> UUID | None:
    """Post the carry-forward on the last day and close the twelve periods; the voucher's id."""
    if period.year_closed:
        raise Refused(_("The fiscal year %(year)s is already closed.") % {"year": period.year}, code="illegal_state")
    periods = _periods(ctx, period)
    made = _carry_forward(ctx, periods[-1])
    calendars.set_year(ctx, periods, closed=True)
    return made


def reopen_year(ctx: Context, period: Any) -> None:
    """Open the twelve periods and reverse the carry-forward; later years must be open."""
    if not period.year_closed:
        raise Refused(_("The fiscal year %(year)s is open.") % {"year": period.year}, code="illegal_state")
    if type(period).objects.filter(year__gt=period.year, year_closed=True).exists():
        raise Refused(_("A later fiscal year is closed. Reopen that one first."), code="later_year_closed")
    periods = _periods(ctx, period)
    calendars.set_year(ctx, periods, closed=False)
    last = periods[-1]
    found = Voucher.objects.filter(
        source_id=last.pk, source_resource=RESOURCE, event__startswith=EVENT, state=Voucher.State.POSTED, reverses=None
    ).select_for_update(of=("self",))
    for voucher in list(found):
        posting.mirror(ctx, voucher, last.ends_on, _("the fiscal year is reopened"))


def _periods(ctx: Context, period: Any) -> list[Any]:
    """All twelve, locked; the caller's own instance among them, so that the gate sees its change."""
    found = calendars.periods_of_year(ctx, period.year)
    return [period if row.pk == period.pk else row for row in found]


def _carry_forward(ctx: Context, last: Any) -> UUID | None:
    calendars.guard(ctx, last.ends_on, calendars.LEDGER)
    chart = accounts(ctx)
    balances = {
        pk: s.closing
        for pk, s in sums(None, last.ends_on).items()
        if chart[pk].kind in ("income", "expense") and s.closing
    }
    if not balances:
        return None
    retained = account_for(ctx, "retained_earnings", Fact("result", ZERO), last.ends_on)
    result = sum(balances.values(), ZERO)
    lines = [_line(ctx, at, pk, -amount) for at, (pk, amount) in enumerate(_in_order(chart, balances), start=1)]
    if result:
        lines.append(_line(ctx, len(lines) + 1, retained, result))
    posting.check_lines(ctx, lines)
    voucher = _voucher(ctx, last, sum((line.debit for line in lines), ZERO))
    posting.write(ctx, [Draft(voucher, lines={"lines": lines})])
    return UUID(str(voucher.id))


def _in_order(chart: Any, balances: dict[UUID, Decimal]) -> list[tuple[UUID, Decimal]]:
    return sorted(balances.items(), key=lambda pair: chart[pair[0]].code)


def _voucher(ctx: Context, last: Any, total: Decimal) -> Any:
    times = Voucher.objects.filter(source_id=last.pk, source_resource=RESOURCE, reverses=None).count()
    return Voucher(
        date=last.ends_on, journal_id=journal_of_kind(ctx, "closing").id, period_id=last.pk,
        state=Voucher.State.POSTED, text=_("Carry-forward of %(year)s") % {"year": last.year}, currency=ctx.currency,
        book_currency=ctx.currency, total=total, source_resource=RESOURCE, source_id=last.pk,
        event=EVENT if not times else f"{EVENT}-{times + 1}", owner_id=ctx.employee_id, branch_id=ctx.branch_id,
    )  # fmt: skip


def _line(ctx: Context, at: int, account_id: UUID, signed: Decimal) -> Any:
    return VoucherLine(
        position=at, account_id=account_id, debit=max(signed, ZERO), credit=max(-signed, ZERO), amount=signed,
        currency=ctx.currency, branch_id=ctx.branch_id,
    )  # fmt: skip
