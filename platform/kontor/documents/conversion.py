"""What became of what: links between documents with quantities, and the walk over them (trace)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from kontor.documents.models import Conversion
from kontor.documents.records import Ref


@dataclass(frozen=True, slots=True)
class Link:
    """A quantity (or amount) of a source line that went into a target line."""

    source: Ref
    target: Ref
    source_line: UUID | None = None
    target_line: UUID | None = None
    quantity: Decimal | None = None
    amount: Decimal | None = None


def link(links: Iterable[Link]) -> None:
    """Write conversion links; the callers keep the counters of their lines."""
    Conversion.objects.bulk_create(
        Conversion(
            source_resource=x.source.resource,
            source_id=x.source.id,
            source_line_id=x.source_line,
            target_resource=x.target.resource,
            target_id=x.target.id,
            target_line_id=x.target_line,
            quantity=x.quantity,
            amount=x.amount,
        )
        for x in links
    )


def links_from(source_id: UUID) -> list[Conversion]:
    """What was made of a document, line by line."""
    return list(Conversion.objects.filter(source_id=source_id).order_by("id"))


def links_to(target_id: UUID) -> list[Conversion]:
    """What a document was made of."""
    return list(Conversion.objects.filter(target_id=target_id).order_by("id"))


def trace(start: Ref, most: int = 200) -> tuple[list[Ref], list[tuple[Ref, Ref]]]:
    """All documents connected with ``start`` in either direction, and the edges between them.

    Forward edges are followed from everything reached forward, backward ones from everything reached
    backward, so two orders of one invoice do not drag in each other's other deliveries.
    """
    nodes: dict[UUID, Ref] = {start.id: start}
    edges: dict[tuple[UUID, UUID], None] = {}
    for forward in (True, False):
        front = {start.id}
        while front and len(nodes) < most:
            rows = (
                Conversion.objects.filter(Q(source_id__in=front) if forward else Q(target_id__in=front))
                .values_list("source_resource", "source_id", "target_resource", "target_id")
                .distinct()
            )
            front = set()
            for s_name, s_id, t_name, t_id in rows:
                edges[(s_id, t_id)] = None
                near = Ref(t_name, t_id) if forward else Ref(s_name, s_id)
                if near.id not in nodes:
                    nodes[near.id] = near
                    front.add(near.id)
    return list(nodes.values()), [(nodes[s], nodes[t]) for s, t in edges if s in nodes and t in nodes]
