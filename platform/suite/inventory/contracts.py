"""What crosses the module's border: frozen dataclasses, ids, quantities in base units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from kontor.documents.records import Ref

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """An owner's line as demand (``out``) or supply (``in``): the whole quantity, base unit."""

    line_id: UUID
    product_id: UUID
    quantity: Decimal
    kind: str
    warehouse_id: UUID
    on: dt.date | None
    priority: int = 5
    party_id: UUID | None = None
    unit_id: UUID | None = None  # as entered
    entered: Decimal | None = None
    unit_cost: Decimal | None = None  # of a supply, in the company's currency


@dataclass(frozen=True, slots=True)
class Reserved:
    """What of a line's open quantity is held on stock, what is missing there, what supply is promised."""

    reserved: Decimal = ZERO
    short: Decimal = ZERO
    expected: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class DrawRow:
    """So much of an owner's line goes onto an operation."""

    line_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class DrawAsk:
    """What to draw up for an owner: its rows, from where, for whom; ``address`` is frozen on the operation."""

    owner: Ref
    rows: Sequence[DrawRow]
    warehouse_id: UUID
    party_id: UUID | None
    address: dict[str, Any] | None
    currency: str
    employee_id: UUID | None


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """So much of a delivered line comes back."""

    line_id: UUID  # of the delivery: the planned move's id
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Done:
    """What completing an operation did: number of moves, cost (positive: goods left, in book currency)."""

    moves: int
    cost: Decimal
    on: dt.date | None = None
    voucher_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationLine:
    """A line of an operation; ``cost`` is what its goods cost when they moved."""

    id: UUID
    owner_line_id: UUID | None
    product_id: UUID
    quantity: Decimal
    done: Decimal
    returned: Decimal
    cost: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class OperationInfo:
    """An operation with its lines."""

    id: UUID
    number: str
    movement: str
    phase: str
    owner: Ref | None
    party_id: UUID | None
    warehouse_id: UUID | None
    done_on: dt.date | None
    lines: tuple[OperationLine, ...] = ()


@dataclass(frozen=True, slots=True)
class AvailabilityAsk:
    """Can this much of a product go on that day? ``owner_id``: the document whose own demand is left out."""

    product_id: UUID
    warehouse_id: UUID | None
    quantity: Decimal
    on: dt.date
    until: dt.date | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TermDocument:
    """A document behind a term."""

    ref: Ref
    label: str
    quantity: Decimal
    on: dt.date | None


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of what can be sold: ``on_hand``, ``at_inspection``, ``awaiting_put_away``,
    ``expected_work_orders``, ``expected_purchases``, ``ordered`` (negative)."""

    name: str
    label: str
    quantity: Decimal
    documents: tuple[TermDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Availability:
    """The arithmetic: ``free`` is the sum of the terms, ``now`` what is usable and not reserved."""

    terms: tuple[Term, ...]
    free: Decimal
    promise_on: dt.date | None
    now: Decimal = ZERO
    product_id: UUID | None = None
    warehouse_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept sum that disagrees with the moves: what, which row, kept, and as recomputed."""

    what: str
    key: str
    kept: Decimal
    proven: Decimal
    facts: dict[str, str] = field(default_factory=dict)
