"""Where an employee works: what a document copies from its owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kontor.configuration.kept import kept
from kontor.organization.models import Assignment, Branch


@dataclass(frozen=True, slots=True)
class Place:
    """Department path and branch of an employee's main assignment."""

    path: str = ""
    branch_id: UUID | None = None


def place_of(ctx: Any, employee_id: UUID | None) -> Place:
    """The employee's main place; the root branch where there is none."""
    return kept(ctx, "organization", f"place of {employee_id}", lambda: _find(employee_id))


def known_place(ctx: Any, employee_id: UUID | None, place: Place) -> None:
    """Who has read the place already says so for the rest of the call."""
    ctx.cache[f"place of {employee_id}"] = place


def _find(employee_id: UUID | None) -> Place:
    row = None
    if employee_id is not None:
        row = (
            Assignment.objects.filter(employee_id=employee_id, is_main=True)
            .values_list("department__path", "department__branch_id")
            .first()
        )
    path, branch_id = row or ("", None)
    return Place(path, branch_id or root_branch())


def root_branch() -> UUID | None:
    """The company itself."""
    return Branch.objects.filter(parent=None).order_by("created_at").values_list("pk", flat=True).first()
