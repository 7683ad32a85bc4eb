"""Audit and outbox rows, written in the transaction of what they tell of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kontor.context import Context
from kontor.history.models import AuditEvent, OutboxEvent


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed to one record, as the gate reports it."""

    resource: str
    record_id: UUID | None
    verb: str  # created, updated, deleted or the action's event
    changes: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    payload: dict[str, Any] = field(default_factory=dict)


Entry = tuple[AuditEvent, OutboxEvent | None]


def entry(ctx: Context, deed: Deed, *, events: bool = True) -> Entry:
    """The audit row of a deed and its outbox event ``<resource>.<verb>``, not yet written."""
    audit = AuditEvent(
        user_id=ctx.user_id,
        user_name=ctx.user_name,
        resource=deed.resource,
        record_id=deed.record_id,
        verb=deed.verb,
        changes=deed.changes,
        source=ctx.source,
        address=ctx.address,
        request_id=ctx.request_id,
    )
    if not events or not deed.record_id:
        return audit, None
    return audit, OutboxEvent(
        name=f"{deed.resource}.{deed.verb}",
        resource=deed.resource,
        record_id=deed.record_id,
        record_version=deed.version,
        payload=deed.payload,
    )


def write(entries: Iterable[Entry]) -> None:
    """Write what was noted, a statement a table."""
    entries = list(entries)
    AuditEvent.objects.bulk_create(audit for audit, _event in entries)
    OutboxEvent.objects.bulk_create(event for _audit, event in entries if event)


def record(ctx: Context, deeds: Iterable[Deed], *, events: bool = True) -> None:
    """Write an audit row a deed, and an outbox event unless told not to, at once."""
    write(entry(ctx, deed, events=events) for deed in deeds)
