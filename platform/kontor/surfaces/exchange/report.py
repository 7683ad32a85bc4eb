"""What an import reports: counts per resource, errors by file, line and field."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong where: file, line and field, with the sentence."""

    file: str
    line: int
    field: str
    message: str

    def saying(self, message: str) -> RowError:
        """The same place with another sentence."""
        return replace(self, message=message)


@dataclass(slots=True)
class Count:
    """What became of a resource's documents."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    def add(self, what: str) -> None:
        """One more that was created, updated, unchanged or refused."""
        setattr(self, what, getattr(self, what) + 1)


@dataclass(slots=True)
class Report:
    """The result of an import."""

    counts: dict[str, Count] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Counts per resource, and the errors if there are any."""
        out: dict[str, Any] = {
            name: {k: getattr(c, k) for k in ("created", "updated", "unchanged", "refused")}
            for name, c in self.counts.items()
        }
        if self.errors:
            out["errors"] = [
                {"file": e.file, "line": e.line, "field": e.field, "message": e.message} for e in self.errors
            ]
        return out
