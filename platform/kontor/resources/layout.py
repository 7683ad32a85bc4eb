"""The words in which a declaration arranges a form, a detail page and a board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """Fields beside each other, named in one string."""

    fields: str
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """The editable or shown lines of a document: the relation's name and its columns."""

    name: str
    columns: str
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Label over value, four a row; without names the columns of the form."""

    fields: str = ""
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums under the lines."""

    fields: str


@dataclass(frozen=True, slots=True)
class Related:
    """Counts of related resources that open their lists."""

    resources: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The documents that it came from and led to."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Comments, changes, mails, in one order."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel drawn by the function of that name in the registry of panels."""

    name: str
    title: Any = ""


@dataclass(frozen=True, slots=True)
class Board:
    """Lanes by the values of one field, and what a card shows."""

    by: str
    card: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A named group of parts, for parties with much to show."""

    title: Any
    parts: tuple[Any, ...] = ()


def flat(parts: Iterable[Any]) -> list[Any]:
    """The parts in their order, those of tabs among them."""
    out: list[Any] = []
    for part in parts:
        out += flat(part.parts) if isinstance(part, Tab) else [part]
    return out


Part = Row | Lines | Facts | Totals | Related | Trace | Timeline | Panel | Tab
