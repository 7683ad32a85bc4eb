"""Reading dictionaries, and making sure that shipped entries exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kontor.fields.models import DictionaryItem
from kontor.resources import registry


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
    from kontor.surfaces.search import index  # stands above this package; the row does not pass the gate

    row, made = DictionaryItem.objects.get_or_create(
        dictionary=dictionary, code=code, defaults={"name": name, "payload": payload or {}}
    )
    if made:
        index(registry.spec("fields.dictionary_item"), [row.pk])
    return row.pk


def ensure_many(dictionary: str, rows: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """Make shipped entries (code, name, payload) unless the company has them, in their order; two statements."""
    have = set(DictionaryItem.objects.filter(dictionary=dictionary).values_list("code", flat=True))
    DictionaryItem.objects.bulk_create(
        DictionaryItem(dictionary=dictionary, code=code, name=name, payload=payload, position=position)
        for position, (code, name, payload) in enumerate(rows, start=1)
        if code not in have
    )
