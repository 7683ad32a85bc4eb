"""What the facade takes and gives: frozen dataclasses, ids and decimals, no model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from kontor.documents.records import Ref

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Fact:
    """One amount of an event under the name that the posting rule knows it by.

    ``amount`` is in the currency of the posting, with that currency's digits; a negative one is
    written on the other side. ``book`` replaces amount × rate where history fixed the book amount
    (a receivable at the rate of its invoice); with amount 0 it is a difference in book currency alone.
    ``account_id`` replaces the account that the rule's role would give.
    """

    name: str
    amount: Decimal
    posting_class: str = ""
    tax_id: UUID | None = None
    account_id: UUID | None = None
    party_id: UUID | None = None
    department_path: str = ""
    branch_id: UUID | None = None
    warehouse_id: UUID | None = None
    due_on: dt.date | None = None
    book: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """An event of a document that the ledger shall show: (source, event) is posted once.

    ``rate`` is book currency per unit of ``currency``. ``number`` is the document's, for the text.
    """

    source: Ref
    event: str
    on: dt.date
    currency: str
    rate: Decimal
    text: str
    party_id: UUID | None = None
    rows: list[Fact] = field(default_factory=list)
    branch_id: UUID | None = None
    department_path: str = ""


@dataclass(frozen=True, slots=True)
class LinePreview:
    """One line of a voucher, posted or not; debit and credit in book currency."""

    account_id: UUID
    account_code: str
    account_name: str
    debit: Decimal
    credit: Decimal
    amount: Decimal
    currency: str
    party_id: UUID | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class VoucherPreview:
    """What would be posted: nothing is stored and no number is taken."""

    journal: str
    on: dt.date
    text: str
    currency: str
    lines: tuple[LinePreview, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class VoucherInfo:
    """A stored voucher of a source."""

    id: UUID
    number: str
    on: dt.date
    event: str
    state: str
    text: str
    total: Decimal
    lines: tuple[LinePreview, ...]


@dataclass(frozen=True, slots=True)
class OpenItemInfo:
    """The open item of a document: amounts in its own currency, ``side`` debit is owed to us."""

    id: UUID
    amount: Decimal
    remaining: Decimal
    due_on: dt.date
    state: str
    number: str = ""
    side: str = "debit"
    currency: str = ""


@dataclass(frozen=True, slots=True)
class NewItem:
    """What a posted document leaves to be settled; the item carries the document's id.

    ``side`` debit is owed to us; ``book_amount`` where it does not follow from amount and rate.
    """

    source: Ref
    number: str
    kind: str
    party_id: UUID
    amount: Decimal
    currency: str
    rate: Decimal
    on: dt.date
    due_on: dt.date
    side: str = "debit"
    owner_id: UUID | None = None
    ledger: str = "receivable"
    book_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CreditState:
    """A customer's credit in book currency; ``limit`` and ``free`` are None without a limit."""

    limit: Decimal | None
    used: Decimal
    free: Decimal | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account of a shipped chart; ``names`` by language code, ``kind`` and ``subkind`` as in Account."""

    code: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    kind: str = "asset"
    subkind: str = ""
    postable: bool = True
    open_item: bool = False


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A journal of a pack; ``kind`` as in Journal. Empty pattern: ``JV-<code>-{yyyy}-{n:05}``."""

    code: str
    name: str
    kind: str = "general"
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class MoneyAccountRow:
    """A bank, cash, till or wallet account and the code of its ledger account."""

    code: str
    name: str
    kind: str
    currency: str
    account: str


@dataclass(frozen=True, slots=True)
class ChartPack:
    """Everything the ledger needs of a country: accounts, which account plays which role, journals, money.

    ``roles`` must name every role in ``suite.finance.rules.ROLES``. ``tax_roles`` gives single taxes
    their own account: (role, tax id) → code. ``class_roles``: (role, posting class) → code.
    """

    accounts: list[AccountRow]
    roles: Mapping[str, str]
    journals: list[JournalRow] = field(default_factory=list)
    money_accounts: list[MoneyAccountRow] = field(default_factory=list)
    tax_roles: Mapping[tuple[str, UUID], str] = field(default_factory=dict)
    class_roles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    chart: str = "local"
