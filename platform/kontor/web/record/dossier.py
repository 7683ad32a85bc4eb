"""What modules hang on the page of a customer, a product, a supplier: figures, a meter, cards, shortcuts.

    @figures("parties.customer", order=10)
    def turnover(ctx, row) -> list[Figure]: ...

in a module's ``panels.py``; ``row`` is the record as ``query.one`` reads it. A function that has nothing to
say, or whose reader lacks the right, answers an empty list or None. Cards stand at the ``side`` (who and
where) or in the ``main`` column (what is going on), in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kontor.context import Context
from kontor.web.cards import Card, Figure

MOST_FIGURES = 6
SIDE, MAIN = "side", "main"


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a limit is used: shares of the whole (0 to 1) with their look, words under both ends."""

    label: Any
    used: str
    limit: str
    shares: tuple[tuple[float, str], ...] = ()  # look: used, late
    left: str = ""
    left_look: str = ""
    right: str = ""
    right_look: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a card's table; numbers stand at the end."""

    text: Any
    href: str = ""
    note: str = ""
    look: str = ""

    @property
    def is_whole(self) -> bool:
        """Dates and numbers are not broken into lines."""
        return str(self.text)[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Listing:
    """A small table: labels (empty: read aloud only by the row), which columns are numbers, rows."""

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A pair of bars: now and the same time before, as shares of the highest, and both in words."""

    label: str
    now: float
    before: float
    text: str
    before_text: str = ""


def length(part: Decimal, whole: Decimal) -> float:
    """How long a bar is, from 0 to 1; what is below nothing has none."""
    return float(max(part, Decimal(0)) / whole) if whole else 0.0


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars beside each other with the finding in one sentence and the words for both kinds."""

    finding: str
    bars: tuple[Bar, ...]
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person to call or to write to."""

    name: str
    note: str = ""
    tag: str = ""
    phone: str = ""
    email: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class RecordCard(Card):
    """A card that may hold a table, people, a chart or labelled facts in place of rows."""

    table: Listing | None = None
    people: tuple[Person, ...] = ()
    chart: Chart | None = None
    facts: tuple[tuple[Any, Any], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What is begun from here: ``/sales/orders/new/?customer=…``; at most one is the main one."""

    label: Any
    href: str
    icon: str = "plus"
    main: bool = False


@dataclass(slots=True)
class Dossier:
    """All that the modules say of one record."""

    figures: list[Figure] = field(default_factory=list)
    meter: Meter | None = None
    side: list[RecordCard] = field(default_factory=list)
    main: list[RecordCard] = field(default_factory=list)
    shortcuts: list[Shortcut] = field(default_factory=list)


Row = Mapping[str, Any]
Maker = Callable[[Context, Row], Any]


@dataclass(frozen=True, slots=True)
class _Part:
    order: int
    make: Maker
    column: str = MAIN


_parts: dict[str, dict[str, list[_Part]]] = {}


def figures(resource: str, *, order: int = 50) -> Callable[[Maker], Maker]:
    """Decorator: ``function(ctx, row) -> list[Figure]``; six stand in the strip, by order."""
    return _keep(resource, "figures", order)


def meter(resource: str, *, order: int = 50) -> Callable[[Maker], Maker]:
    """Decorator: ``function(ctx, row) -> Meter | None``; the first one stands in the head."""
    return _keep(resource, "meter", order)


def record_card(resource: str, *, order: int = 50, column: str = MAIN) -> Callable[[Maker], Maker]:
    """Decorator: ``function(ctx, row) -> RecordCard | None``."""
    return _keep(resource, "cards", order, column)


def shortcuts(resource: str, *, order: int = 50) -> Callable[[Maker], Maker]:
    """Decorator: ``function(ctx, row) -> list[Shortcut]``."""
    return _keep(resource, "shortcuts", order)


def _keep(resource: str, kind: str, order: int, column: str = MAIN) -> Callable[[Maker], Maker]:
    if column not in (SIDE, MAIN):
        raise ValueError(f"{resource}: the column is {SIDE} or {MAIN}")

    def keep(make: Maker) -> Maker:
        _parts.setdefault(resource, {}).setdefault(kind, []).append(_Part(order, make, column))
        return make

    return keep


def has_dossier(resource: str) -> bool:
    """Whether any module has something to say of records of this kind."""
    return resource in _parts


def dossier_of(ctx: Context, resource: str, row: Row) -> Dossier | None:
    """What the modules say of the record; None for a kind of which no module speaks."""
    if resource not in _parts:
        return None
    out = Dossier()
    for _part, told in _told(ctx, resource, "figures", row):
        out.figures += told
    del out.figures[MOST_FIGURES:]
    out.meter = next((told for _part, told in _told(ctx, resource, "meter", row)), None)
    for part, told in _told(ctx, resource, "cards", row):
        (out.side if part.column == SIDE else out.main).append(told)
    for _part, told in _told(ctx, resource, "shortcuts", row):
        out.shortcuts += told
    return out


def _told(ctx: Context, resource: str, kind: str, row: Row) -> Sequence[tuple[_Part, Any]]:
    parts = sorted(_parts[resource].get(kind, []), key=lambda p: p.order)
    return [(part, told) for part in parts if (told := part.make(ctx, row))]
