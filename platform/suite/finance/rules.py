"""Pure parts of the ledger: roles, shipped posting rules, and from facts to balanced lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.errors import Refused
from kontor.values.money import digits, round_amount
from suite.finance.values import ZERO, Fact

DEBIT, CREDIT = "debit", "credit"

# Which account plays the role is data (AccountRule); that these roles exist is code.
ROLES: dict[str, Any] = {
    "receivable": lazy("Trade receivables"),
    "payable": lazy("Trade payables"),
    "customer_advance": lazy("Advances from customers"),
    "supplier_advance": lazy("Advances to suppliers"),
    "revenue": lazy("Revenue"),
    "freight_income": lazy("Freight charged to customers"),
    "sales_returns": lazy("Returns and allowances"),
    "output_tax": lazy("Output tax"),
    "input_tax": lazy("Input tax"),
    "stock": lazy("Stock"),
    "cost_of_sales": lazy("Cost of sales"),
    "stock_difference": lazy("Stock differences"),
    "goods_received": lazy("Goods received, not invoiced"),
    "opening_balance": lazy("Opening balance"),
    "money": lazy("Bank and cash"),
    "discount": lazy("Cash discount given"),
    "write_off": lazy("Written-off receivables"),
    "exchange": lazy("Exchange differences and rounding"),
    "retained_earnings": lazy("Retained earnings"),
}

DIMENSIONS = ("party", "department", "branch", "warehouse", "tax", "due")


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A line of a posting rule: the fact called ``amount`` goes to the account of ``role`` on ``side``."""

    role: str
    side: str
    amount: str
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """An event and the lines it makes, from ``valid_from`` on, in the journal of that kind."""

    event: str
    journal: str
    lines: tuple[RuleLine, ...]
    label: Any = ""
    valid_from: dt.date = dt.date(1900, 1, 1)


def _r(event: str, journal: str, label: Any, *lines: str) -> Rule:
    """``"Dr receivable receivable party,due"``: side, role, fact name, dimensions."""
    made = []
    for line in lines:
        side, role, amount, *dims = line.split()
        made.append(
            RuleLine(role, DEBIT if side == "Dr" else CREDIT, amount, tuple(dims[0].split(",")) if dims else ())
        )
    return Rule(event, journal, tuple(made), label)


SHIPPED: tuple[Rule, ...] = (
    _r(
        "inventory.shipped",
        "stock",
        lazy("Goods shipped"),
        "Dr cost_of_sales cost department,branch",
        "Cr stock cost branch,warehouse",
    ),
    _r(
        "inventory.returned",
        "stock",
        lazy("Goods returned by a customer"),
        "Dr stock cost branch,warehouse",
        "Cr cost_of_sales cost department,branch",
    ),
    _r(
        "inventory.received",
        "stock",
        lazy("Goods received"),
        "Dr stock cost branch,warehouse",
        "Cr goods_received cost branch",
    ),
    _r(
        "inventory.adjusted",
        "stock",
        lazy("Stock adjusted"),
        "Dr stock opening branch,warehouse",
        "Cr opening_balance opening branch",
        "Dr stock gain branch,warehouse",
        "Cr stock_difference gain branch",
        "Dr stock_difference loss branch",
        "Cr stock loss branch,warehouse",
    ),
    _r(
        "sales.invoiced",
        "sales",
        lazy("Sales invoice posted"),
        "Dr receivable receivable party,due,branch",
        "Dr customer_advance advance party,branch",
        "Cr revenue revenue department,branch",
        "Cr freight_income freight department,branch",
        "Cr output_tax tax tax",
    ),
    _r(
        "sales.credited",
        "sales",
        lazy("Credit note posted"),
        "Dr sales_returns revenue department,branch",
        "Dr freight_income freight department,branch",
        "Dr output_tax tax tax",
        "Dr customer_advance advance party,branch",
        "Cr receivable receivable party,due,branch",
    ),
    _r(
        "finance.received",
        "cash",
        lazy("Money received"),
        "Dr money money branch",
        "Dr discount discount party,branch",
        "Dr write_off write_off party,branch",
        "Cr receivable receivable party,branch",
        "Cr customer_advance advance party,branch",
        "Cr exchange fx branch",
    ),
    _r(
        "finance.refunded",
        "cash",
        lazy("Money paid back to a customer"),
        "Dr customer_advance advance party,branch",
        "Dr receivable credited party,branch",
        "Cr money money branch",
        "Cr exchange fx branch",
    ),
    _r(
        "finance.allocated",
        "general",
        lazy("Items settled against each other"),
        "Dr customer_advance advance party,branch",
        "Dr receivable credited party,branch",
        "Dr discount discount party,branch",
        "Dr write_off write_off party,branch",
        "Cr receivable receivable party,branch",
        "Cr exchange fx branch",
    ),
    _r(
        "finance.unallocated",
        "general",
        lazy("Settlement undone"),
        "Dr receivable receivable party,branch",
        "Dr exchange fx branch",
        "Cr customer_advance advance party,branch",
        "Cr receivable credited party,branch",
        "Cr discount discount party,branch",
        "Cr write_off write_off party,branch",
    ),
)


@dataclass(slots=True)
class Entry:
    """One voucher line in the making: signed amounts, debit positive."""

    account_id: UUID
    side: str
    amount: Decimal
    book: Decimal
    party_id: UUID | None = None
    department_path: str = ""
    branch_id: UUID | None = None
    warehouse_id: UUID | None = None
    tax_id: UUID | None = None
    due_on: dt.date | None = None


def entries(
    rule: Rule,
    facts: Sequence[Fact],
    *,
    currency: str,
    rate: Decimal,
    book_currency: str,
    account_of: Callable[[str, Fact], UUID],
    exchange: Callable[[], UUID],
    party_id: UUID | None = None,
    department_path: str = "",
    branch_id: UUID | None = None,
) -> list[Entry]:
    """The lines of the voucher for these facts: merged by account and dimensions, balanced in both currencies.

    Refused if a fact has no line in the rule, or the document's own amounts do not balance. What
    rounding leaves over in book currency goes to the exchange account.
    """
    by_name: dict[str, list[RuleLine]] = {}
    for line in rule.lines:
        by_name.setdefault(line.amount, []).append(line)
    merged: dict[tuple[Any, ...], Entry] = {}
    for fact in facts:
        if not fact.amount and not fact.book:
            continue
        if fact.name not in by_name:
            raise Refused(
                _("The posting rule for “%(event)s” has no line for “%(name)s”. Add one under Posting rules.")
                % {"event": rule.event, "name": fact.name},
                code="no_rule_line",
            )
        for line in by_name[fact.name]:
            _add(
                merged,
                rule.lines.index(line),
                line,
                fact,
                account_of(line.role, fact),
                currency,
                rate,
                book_currency,
                party_id,
                department_path,
                branch_id,
            )
    made = [e for e in merged.values() if e.amount or e.book]
    if made:
        _settle(made, rule.event, book_currency, exchange, branch_id)
    return [e for e in made if e.book]  # what is worth nothing in book currency is no line


def _add(
    merged: dict[tuple[Any, ...], Entry],
    at: int,
    line: RuleLine,
    fact: Fact,
    account_id: UUID,
    currency: str,
    rate: Decimal,
    book_currency: str,
    party_id: UUID | None,
    department_path: str,
    branch_id: UUID | None,
) -> None:
    dims = line.dimensions
    key = (
        at,
        account_id,
        (fact.party_id or party_id) if "party" in dims else None,
        (fact.department_path or department_path) if "department" in dims else "",
        (fact.branch_id or branch_id) if "branch" in dims else None,
        fact.warehouse_id if "warehouse" in dims else None,
        fact.tax_id if "tax" in dims else None,
        fact.due_on if "due" in dims else None,
    )
    sign = 1 if line.side == DEBIT else -1
    amount = round_amount(fact.amount, currency)
    book = fact.book if fact.book is not None else amount * rate
    entry = merged.get(key)
    if entry is None:
        _at, account, party, department, branch, warehouse, tax, due = key
        entry = merged[key] = Entry(account, line.side, ZERO, ZERO, party, department, branch, warehouse, tax, due)
    entry.amount += sign * amount
    entry.book += sign * round_amount(book, book_currency)


def _settle(
    made: list[Entry], event: str, book_currency: str, exchange: Callable[[], UUID], branch_id: UUID | None
) -> None:
    over = sum((e.amount for e in made), ZERO)
    rest = sum((e.book for e in made), ZERO)
    most = Decimal(1).scaleb(-digits(book_currency)) * len(made)
    if over or abs(rest) > most:
        raise Refused(
            _("The amounts of “%(event)s” do not balance: %(over)s (%(rest)s in book currency) are left over.")
            % {"event": event, "over": over, "rest": rest},
            code="unbalanced",
        )
    if rest:
        side = CREDIT if rest > 0 else DEBIT
        made.append(Entry(exchange(), side, ZERO, -rest, branch_id=branch_id))


def most_specific(rows: Iterable[Any], role: str, **wanted: Any) -> Any | None:
    """The account rule that fits and names most; later dates win among equals, then the newer row."""
    best, rank = None, (-1, dt.date.min, "")
    for row in rows:
        if row.role != role:
            continue
        given = {k: getattr(row, k) for k in wanted if getattr(row, k) not in (None, "")}
        if any(wanted[k] != v for k, v in given.items()):
            continue
        mine = (len(given), row.valid_from, str(row.id))
        if mine > rank:
            best, rank = row, mine
    return best
