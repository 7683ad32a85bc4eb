"""Accounts, journals and rules: read once a process and company, until one of them is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.configuration import kept as kept_rows
from kontor.configuration.kept import kept
from kontor.context import Context
from kontor.errors import Refused
from suite.finance.models import Account, AccountRule, Journal, PostingRule, PostingRuleLine
from suite.finance.rules import ROLES, Rule, RuleLine, most_specific
from suite.finance.values import Fact


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account as posting and reports need it."""

    id: UUID
    code: str
    name: str
    kind: str
    subkind: str
    postable: bool
    open_item: bool
    required: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)

    def label(self, language: str) -> str:
        """The name in the reader's language where the chart has one."""
        return self.names.get(language.lower()) or self.name


def accounts(ctx: Context) -> dict[UUID, AccountInfo]:
    """The chart by id."""
    return kept(ctx, "chart", "finance.accounts", _read_accounts)


def _read_accounts() -> dict[UUID, AccountInfo]:
    return {
        a.id: AccountInfo(
            a.id,
            a.code,
            a.name,
            a.kind,
            a.subkind,
            a.postable and a.is_active,
            a.open_item,
            tuple(a.required_dimensions),
            {k.lower(): v for k, v in a.names.items()},
        )
        for a in Account.objects.filter(chart="local").order_by("code")
    }


def account_for(ctx: Context, role: str, fact: Fact, on: dt.date) -> UUID:
    """The account that plays the role for this fact on the date: what names most wins; Refused if none does."""
    if fact.account_id is not None:
        return fact.account_id
    found = most_specific(
        (row for row in _account_rules(ctx) if row.valid_from <= on),
        role,
        posting_class=fact.posting_class,
        tax_id=fact.tax_id,
        warehouse_id=fact.warehouse_id,
    )
    if found is None:
        raise Refused(
            _("No account is set for “%(role)s”%(detail)s. An accountant sets it under Finance, Account rules.")
            % {"role": ROLES.get(role, role), "detail": f" ({fact.posting_class})" if fact.posting_class else ""},
            code="no_account",
            role=role,
        )
    return UUID(str(found.account_id))


def rule_for(ctx: Context, event: str, on: dt.date) -> Rule:
    """The posting rule of the event in force on the date; Refused if there is none."""
    fitting = [rule for rule in _rules(ctx).get(event, ()) if rule.valid_from <= on]
    if not fitting:
        raise Refused(
            _("There is no posting rule for “%(event)s” on %(date)s. Add one under Finance, Posting rules.")
            % {"event": event, "date": on},
            code="no_posting_rule",
            event=event,
        )
    return fitting[-1]


def journals(ctx: Context) -> list[Any]:
    """All journals by code."""
    return list(_journals(ctx).values())


def journal(ctx: Context, code: str) -> Any:
    """The journal of that code."""
    return _journals(ctx)[code]


def journal_of_kind(ctx: Context, kind: str) -> Any:
    """The first active journal of the kind; Refused if the chart is not set up."""
    found = next((j for j in _journals(ctx).values() if j.kind == kind and j.is_active), None)
    if found is None:
        raise Refused(
            _("There is no journal of kind “%(kind)s”. Add one under Finance, Journals.")
            % {"kind": dict(Journal.Kind.choices).get(kind, kind)},
            code="no_journal",
        )
    return found


def _journals(ctx: Context) -> dict[str, Any]:
    return kept(ctx, "chart", "finance.journals", _read_journals)


def _read_journals() -> dict[str, Any]:
    return {j.code: j for j in Journal.objects.order_by("code")}


def _rules(ctx: Context) -> dict[str, list[Rule]]:
    return kept(ctx, "chart", "finance.rules", _read_rules)


def _read_rules() -> dict[str, list[Rule]]:
    lines: dict[UUID, list[RuleLine]] = {}
    for row in PostingRuleLine.objects.order_by("rule_id", "position", "id"):
        lines.setdefault(row.rule_id, []).append(RuleLine(row.role, row.side, row.amount, tuple(row.dimensions)))
    found: dict[str, list[Rule]] = {}
    for rule in PostingRule.objects.select_related("journal").order_by("valid_from"):
        found.setdefault(rule.event, []).append(
            Rule(rule.event, rule.journal.code, tuple(lines.get(rule.id, ())), rule.name, rule.valid_from)
        )
    return found


def _account_rules(ctx: Context) -> list[Any]:
    return kept(ctx, "chart", "finance.account_rules", lambda: list(AccountRule.objects.order_by("valid_from")))


def forget(ctx: Context) -> None:
    """Drop what this call knows of charts and rules, after they were written."""
    kept_rows.forget(ctx, *(f"finance.{name}" for name in ("accounts", "journals", "rules", "account_rules")))
