"""What a dry run would do beside the document: vouchers and stock moves, ready for a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kontor.context import Context
from kontor.surfaces.expansions import effects_shown
from kontor.web import showing


@dataclass(frozen=True, slots=True)
class Effects:
    """Vouchers with their lines, and moves; empty where nothing would be moved or posted."""

    vouchers: list[dict[str, Any]]
    moves: list[dict[str, Any]]

    @property
    def nothing(self) -> bool:
        return not self.vouchers and not self.moves


def effects_of(ctx: Context, raw: Mapping[str, list[dict[str, Any]]]) -> Effects:
    """The effects of a call as its context collected them, as far as the user may know them, numbers grouped."""
    raw = effects_shown(ctx, raw)
    vouchers = [
        {**v, "lines": [_shown(line, "debit", "credit") for line in v.get("lines", [])]} for v in raw["vouchers"]
    ]
    return Effects(vouchers, [_shown(m, "quantity", "value", "cost") for m in raw["moves"]])


def _shown(row: Mapping[str, Any], *numbers: str) -> dict[str, Any]:
    return {**row, **{name: _grouped(row[name]) for name in numbers if name in row}}


def _grouped(value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value or "")
    return showing.group(str(value)) if number else ""
