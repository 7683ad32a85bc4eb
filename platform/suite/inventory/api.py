"""Stock for other modules: demand and supply, reservations, operations, availability, cost.

Ids come in and frozen dataclasses go out; quantities are in the product's base unit, costs in the
company's currency. Everything runs in the caller's transaction.
"""

from __future__ import annotations

from uuid import UUID

from kontor.context import Context
from suite.inventory.availability import availability
from suite.inventory.completing import carry_out, complete, lock_operation
from suite.inventory.contracts import (
    Availability,
    AvailabilityAsk,
    Difference,
    Done,
    DrawAsk,
    DrawRow,
    OperationInfo,
    OperationLine,
    PlanRow,
    Reserved,
    ReturnRow,
    Term,
    TermDocument,
)
from suite.inventory.drawing import draw_up, draw_up_return
from suite.inventory.drawing import put_back as _put_back
from suite.inventory.installing import install
from suite.inventory.outcomes import Outcome, held, lacking, outcomes_of, unit_costs
from suite.inventory.places import default_warehouse
from suite.inventory.planning import plan, plan_many, release, reserve, reserve_waiting, reserved
from suite.inventory.proving import prove
from suite.inventory.reversing import reverse
from suite.inventory.telling import (
    cost_of,
    done_of,
    has_moves,
    last_shipped_lines,
    lines_of,
    operation,
    shipped_between,
)

__all__ = [
    "Availability",
    "AvailabilityAsk",
    "Difference",
    "Done",
    "DrawAsk",
    "DrawRow",
    "OperationInfo",
    "OperationLine",
    "Outcome",
    "PlanRow",
    "Reserved",
    "ReturnRow",
    "Term",
    "TermDocument",
    "availability",
    "carry_out",
    "complete",
    "cost_of",
    "default_warehouse",
    "done_of",
    "draw_up",
    "draw_up_return",
    "has_moves",
    "held",
    "install",
    "lacking",
    "last_shipped_lines",
    "lines_of",
    "operation",
    "outcomes_of",
    "plan",
    "plan_many",
    "prove",
    "put_back",
    "release",
    "reserve",
    "reserve_waiting",
    "reserved",
    "reverse",
    "shipped_between",
    "unit_costs",
]


def put_back(ctx: Context, operation_id: UUID) -> None:
    """Cancel an operation that has not been carried out; its lines go back to their owner, still reserved."""
    _put_back(ctx, lock_operation(operation_id))
