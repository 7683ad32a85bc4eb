"""The workbench's cards and key figures; a module contributes its own by a decorated function.

    @card("sales.late_orders", roles="sales sales_lead manager", column="do")
    def late_orders(ctx) -> Card | None: ...

    @figure("finance.overdue", roles="accountant manager")
    def overdue(ctx) -> Figure | None: ...

in the module's ``panels.py``, which is read at start. ``roles`` empty: everybody; who has every right
sees all. None: nothing to show today. Columns: ``do`` (what is due), ``decide``, ``know``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kontor.context import Context
from kontor.web.arranging import WORKBENCH, arranged
from kontor.web.cards import Card, CardRow, Figure

COLUMNS = ("do", "decide", "know")
PLACES = ("wide", *COLUMNS)  # a card may also lie across all columns
SHORT = 3  # rows of a short card


Maker = Callable[[Context], Any]


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    roles: frozenset[str]
    column: str
    order: int
    make: Maker


_cards: dict[str, _Part] = {}
_figures: dict[str, _Part] = {}


def card(name: str, *, roles: str = "", column: str = "know", order: int = 50) -> Callable[[Maker], Maker]:
    """Decorator: the function makes a card of the workbench."""

    def keep(make: Maker) -> Maker:
        if column not in COLUMNS:
            raise ValueError(f"{name}: the column is one of {', '.join(COLUMNS)}")
        _cards[name] = _Part(name, frozenset(roles.split()), column, order, make)
        return make

    return keep


def figure(name: str, *, roles: str = "", order: int = 50) -> Callable[[Maker], Maker]:
    """Decorator: the function makes a key figure of the workbench."""

    def keep(make: Maker) -> Maker:
        _figures[name] = _Part(name, frozenset(roles.split()), "", order, make)
        return make

    return keep


@dataclass(frozen=True, slots=True)
class Placed:
    """A card on somebody's workbench: under which name it is moved, how much of it shows, whether it is put away."""

    name: str
    card: Card
    size: str = ""  # short: its first rows alone
    hidden: bool = False

    @property
    def rows(self) -> Sequence[CardRow]:
        """The rows that its size leaves."""
        return self.card.rows[:SHORT] if self.size == "short" else self.card.rows


def cards_for(ctx: Context, *, hidden: bool = False) -> dict[str, list[Placed]]:
    """The user's cards by place, as he or his role arranged them; ``hidden`` brings those put away too."""
    wish = arranged(ctx, WORKBENCH)
    away = set(wish.get("hidden", ()))
    order = {name: (place, at) for place in PLACES for at, name in enumerate(wish.get("places", {}).get(place, ()))}
    found: list[tuple[str, int, Placed]] = []
    for at, part in enumerate(_meant(ctx, _cards)):
        if part.name in away and not hidden:
            continue
        made = part.make(ctx)
        if made is not None:
            place, rank = order.get(part.name, (part.column, 1_000 + at))
            size = wish.get("sizes", {}).get(part.name, "")
            found.append((place, rank, Placed(part.name, made, size, part.name in away)))
    out: dict[str, list[Placed]] = {place: [] for place in PLACES}
    for place, _rank, placed in sorted(found, key=lambda row: row[1]):
        out[place].append(placed)
    return out


def arrangement(value: Any) -> dict[str, Any]:
    """What a browser sent as an arrangement, with nothing in it that is no card of ours."""
    given = value if isinstance(value, dict) else {}
    places, sizes = given.get("places", {}), given.get("sizes", {})
    if not isinstance(places, dict) or not isinstance(sizes, dict):
        return {}
    return {
        "places": {p: [n for n in places.get(p, []) if n in _cards] for p in PLACES},
        "hidden": [n for n in given.get("hidden", []) if n in _cards],
        "sizes": {n: "short" for n, size in sizes.items() if n in _cards and size == "short"},
    }


def figures_for(ctx: Context) -> list[Figure]:
    """The user's key figures, in order; six at most."""
    return [f for part in _meant(ctx, _figures) if (f := part.make(ctx)) is not None][:6]


def _meant(ctx: Context, parts: dict[str, _Part]) -> list[_Part]:
    mine = {r.code for r in ctx.rights.roles}
    return sorted(
        (p for p in parts.values() if not p.roles or ctx.rights.everything or p.roles & mine),
        key=lambda p: (p.order, p.name),
    )
