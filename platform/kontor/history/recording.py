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


def record(ctx: Context, deeds: Iterable[Deed], *, events: bool = True) -> None:
    """Write an audit row a deed, and an outbox event ``<resource>.<verb>`` unless told not to."""
    deeds = list(deeds)
    AuditEvent.objects.bulk_create(
        AuditEvent(
            user_id=ctx.user_id,
            user_name=ctx.user_name,
            resource=d.resource,
            record_id=d.record_id,
            verb=d.verb,
            changes=d.changes,
            source=ctx.source,
            address=ctx.address,
            request_id=ctx.request_id,
        )
        for d in deeds
    )
    if events:
        OutboxEvent.objects.bulk_create(
            OutboxEvent(
                name=f"{d.resource}.{d.verb}",
                resource=d.resource,
                record_id=d.record_id,
                record_version=d.version,
                payload=d.payload,
            )
            for d in deeds
            if d.record_id
        )
