"""Installing a country's chart: accounts, journals, roles, posting rules, money accounts; idempotent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.errors import Refused
from kontor.values.wording import listed
from suite.finance.accounts import forget
from suite.finance.models import Account, AccountRule, Journal, MoneyAccount, PostingRule, PostingRuleLine
from suite.finance.models.accounts import pattern_of
from suite.finance.rules import ROLES, SHIPPED
from suite.finance.statements import SUBKINDS
from suite.finance.values import AccountRow, ChartPack, JournalRow

BEGINNING = dt.date(1900, 1, 1)  # shipped rules hold for any date, so that old data can be brought in

DEFAULT_JOURNALS = (
    JournalRow("JV", "General journal"),
    JournalRow("SA", "Sales journal", "sales"),
    JournalRow("PU", "Purchase journal", "purchase"),
    JournalRow("CA", "Cash journal", "cash"),
    JournalRow("ST", "Stock journal", "stock"),
    JournalRow("CL", "Year-end", "closing"),
)


def install_chart(ctx: Context, pack: ChartPack) -> None:
    """Bring in the pack: what is there already stays as the company has it, a statement a table."""
    missing = [role for role in ROLES if role not in pack.roles]
    if missing:
        raise Refused(
            _("The chart gives no account for: %(roles)s.") % {"roles": listed(missing)}, code="chart_incomplete"
        )
    codes = _accounts(pack)
    journals = _journals(pack)
    _account_rules(pack, codes)
    _posting_rules(journals)
    _money_accounts(pack, codes)
    forget(ctx)


def add_account_rules(
    ctx: Context, rows: Iterable[tuple[str, str, UUID | None, str]], *, valid_from: dt.date = BEGINNING
) -> None:
    """Rules (role, posting class, tax id, account code) beside those there are; known keys stay."""
    codes = dict(Account.objects.filter(chart="local").values_list("code", "id"))
    have = set(
        AccountRule.objects.filter(valid_from=valid_from, warehouse_id=None).values_list(
            "role", "posting_class", "tax_id"
        )
    )
    AccountRule.objects.bulk_create(
        [
            AccountRule(
                role=role, posting_class=klass, tax_id=tax_id, valid_from=valid_from, account_id=_code(codes, code)
            )
            for role, klass, tax_id, code in rows
            if (role, klass, tax_id) not in have
        ]
    )
    forget(ctx)


def _accounts(pack: ChartPack) -> dict[str, UUID]:
    have = dict(Account.objects.filter(chart=pack.chart).values_list("code", "id"))
    rows = [_account(row, pack.chart) for row in pack.accounts if row.code not in have]
    Account.objects.bulk_create(rows)
    return {**have, **{row.code: row.id for row in rows}}


def _account(row: AccountRow, chart: str) -> Any:
    subkind = row.subkind or SUBKINDS[row.kind][-1]
    if subkind not in SUBKINDS[row.kind]:
        raise Refused(f"Account {row.code}: {subkind!r} is no statement line of {row.kind!r}.", code="chart_wrong")
    return Account(
        chart=chart,
        code=row.code,
        name=row.name,
        names=dict(row.names),
        kind=row.kind,
        subkind=subkind,
        postable=row.postable,
        open_item=row.open_item,
    )


def _journals(pack: ChartPack) -> dict[str, UUID]:
    have = {j.code: j for j in Journal.objects.all()}
    given = {row.code: row for row in (*DEFAULT_JOURNALS, *pack.journals)}
    rows = [
        Journal(code=row.code, name=row.name, kind=row.kind, pattern=row.pattern or pattern_of(row.code))
        for row in given.values()
        if row.code not in have
    ]
    Journal.objects.bulk_create(rows)
    by_kind: dict[str, UUID] = {}
    for journal in sorted([*have.values(), *rows], key=lambda j: j.code):
        by_kind.setdefault(journal.kind, journal.id)
    return by_kind


def _account_rules(pack: ChartPack, codes: dict[str, UUID]) -> None:
    wanted: list[tuple[str, str, UUID | None, str]] = [
        *((role, "", None, code) for role, code in pack.roles.items()),
        *((role, "", tax_id, code) for (role, tax_id), code in pack.tax_roles.items()),
        *((role, klass, None, code) for (role, klass), code in pack.class_roles.items()),
    ]
    have = set(AccountRule.objects.values_list("role", "posting_class", "tax_id"))
    AccountRule.objects.bulk_create(
        [
            AccountRule(
                role=role, posting_class=klass, tax_id=tax_id, account_id=_code(codes, code), valid_from=BEGINNING
            )
            for role, klass, tax_id, code in wanted
            if (role, klass, tax_id) not in have
        ]
    )


def _code(codes: dict[str, UUID], code: str) -> UUID:
    try:
        return codes[code]
    except KeyError:
        raise Refused(_("The chart has no account %(code)s.") % {"code": code}, code="chart_wrong") from None


def _posting_rules(journals: dict[str, UUID]) -> None:
    have = set(PostingRule.objects.values_list("event", flat=True))
    rules, lines = [], []
    for shipped in SHIPPED:
        if shipped.event in have:
            continue
        rule = PostingRule(
            event=shipped.event, name=str(shipped.label), valid_from=BEGINNING, journal_id=journals[shipped.journal]
        )
        rules.append(rule)
        lines += [
            PostingRuleLine(
                rule=rule,
                position=at,
                side=line.side,
                role=line.role,
                amount=line.amount,
                dimensions=list(line.dimensions),
            )
            for at, line in enumerate(shipped.lines, start=1)
        ]
    PostingRule.objects.bulk_create(rules)
    PostingRuleLine.objects.bulk_create(lines)


def _money_accounts(pack: ChartPack, codes: dict[str, UUID]) -> None:
    have = set(MoneyAccount.objects.values_list("code", flat=True))
    MoneyAccount.objects.bulk_create(
        [
            MoneyAccount(
                code=row.code, name=row.name, kind=row.kind, currency=row.currency, account_id=_code(codes, row.account)
            )
            for row in pack.money_accounts
            if row.code not in have
        ]
    )
