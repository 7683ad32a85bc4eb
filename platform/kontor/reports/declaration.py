"""What a report is: a declared function over parameters, and the table it answers with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kontor.context import Context


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a report asks for.

    ``kind`` is date, reference, choice, boolean, integer or text; ``relation`` names the resource of a
    reference (id, number or code may be given). ``default`` is computed from the context. ``form=False``: taken,
    but no screen asks for it.
    """

    name: str
    label: Any
    kind: str = "text"
    required: bool = False
    relation: str = ""
    choices: tuple[tuple[str, Any], ...] = ()
    default: Callable[[Context], Any] | None = None
    help: Any = ""
    form: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``type`` is text, amount, quantity, price, percent, integer, date or boolean.

    ``currency`` is an ISO code, or the name of the column in which each row has its own. ``guard`` names the
    field right (``cost``) without which the column is left out wherever the report is shown.
    """

    name: str
    label: Any
    type: str = "text"
    currency: str = ""
    guard: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """What opens behind a row: a record, a list with filters, or another report."""

    resource: str = ""
    id: UUID | str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)
    report: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: values in the order of the columns.

    ``style`` is line, heading or total; ``level`` indents; headings and totals are not summed again.
    """

    values: Sequence[Any]
    drill: Drill | None = None
    style: str = "line"
    level: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A report's answer; ``totals`` in the order of the columns, None where nothing is summed."""

    columns: Sequence[Column]
    rows: Sequence[Line]
    totals: Sequence[Any] | None = None
    notes: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A declared report; ``roles`` says which built-in role may ``view`` and ``export`` it.

    ``period`` is balance, flow or empty (see ``reports.period``); ``guard`` names a field right (``cost``) without
    which nobody opens it, whatever the role.
    """

    name: str
    module: str
    label: Any
    run: Callable[[Context, Mapping[str, Any]], Table]
    parameters: tuple[Parameter, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    description: Any = ""
    icon: str = "report"
    menu: bool = True  # False: only a target of drilling down
    period: str = ""
    guard: str = ""

    @property
    def right(self) -> str:
        """The name under which a role's rights may be changed: ``reports.trial-balance``."""
        return f"reports.{self.name}"
