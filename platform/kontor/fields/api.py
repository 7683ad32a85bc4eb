"""Reading dictionaries, and making sure that shipped entries exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kontor.fields.models import DictionaryItem


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as other modules see it."""

    id: UUID
    code: str
    name: str
    payload: dict[str, Any]


def items(dictionary: str) -> list[Item]:
    """The active entries of a dictionary in their order."""
    rows = DictionaryItem.objects.filter(dictionary=dictionary, is_active=True).order_by("position", "code")
    return [Item(r.pk, r.code, r.name, r.payload) for r in rows]


def item(pk: UUID) -> Item | None:
    """One entry by its id."""
    r = DictionaryItem.objects.filter(pk=pk).first()
    return Item(r.pk, r.code, r.name, r.payload) if r else None


def ensure(dictionary: str, code: str, name: str, payload: dict[str, Any] | None = None) -> UUID:
    """Make a shipped entry unless the company has one of that code."""
    row, _made = DictionaryItem.objects.get_or_create(
        dictionary=dictionary, code=code, defaults={"name": name, "payload": payload or {}}
    )
    return row.pk
