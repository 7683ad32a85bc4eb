"""Cards and key figures: of the workbench, and of the pages of customers, suppliers and products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row of a card: what, whose, and a short fact at the end; ``look`` bad, warn, ok or empty."""

    title: str
    href: str = ""
    note: str = ""
    fact: Any = ""
    icon: str = ""
    look: str = ""
    time: str = ""
    time_look: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Rows under a title; ``href`` opens the list behind it, ``empty`` is said where there is nothing."""

    title: Any
    rows: Sequence[CardRow] = ()
    count: str = ""
    href: str = ""
    empty: Any = ""
    quiet: ClassVar[bool] = False  # counts in two columns


@dataclass(frozen=True, slots=True)
class Counts(Card):
    """A card of the workbench whose rows are quiet counts, in two columns."""

    quiet: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure with one short judgement and the list or report behind it."""

    label: Any
    value: str
    note: str = ""
    look: str = ""
    href: str = ""
