"""Can it be promised: the arithmetic of seed 000 with its documents, and the day from which it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, Sum, UUIDField, Value, When
from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.documents.records import Ref
from kontor.resources import registry
from kontor.resources.titles import titles_of
from suite.inventory import places
from suite.inventory.contracts import Availability, AvailabilityAsk, Term, TermDocument
from suite.inventory.models import Balance, Location, PlannedMove
from suite.inventory.rules import ZERO, promise

_MOST_DOCUMENTS = 20
_ON_HAND, _INSPECTION, _PUT_AWAY = "on_hand", "at_inspection", "awaiting_put_away"
_WORK, _BOUGHT, _ORDERED = "expected_work_orders", "expected_purchases", "ordered"
_BY_KIND = {Location.Kind.INSPECTION: _INSPECTION, Location.Kind.PUT_AWAY: _PUT_AWAY}

_FIRST_DOCUMENTS = """
    SELECT k.product_id, k.warehouse_id, k.direction, r.owner_resource, r.owner_ref_id, r.planned_on, r.rest
      FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) AS k (product_id, warehouse_id, direction)
     CROSS JOIN LATERAL (
           SELECT owner_resource, owner_ref_id, planned_on, quantity - done AS rest FROM inventory_plannedmove p
            WHERE p.product_id = k.product_id AND p.warehouse_id = k.warehouse_id AND p.direction = k.direction
              AND p.is_open AND p.is_stocked AND p.origin_id IS NULL AND p.owner_ref_id IS NOT NULL
            ORDER BY p.planned_on LIMIT %s) r
     ORDER BY r.planned_on"""

Key = tuple[UUID, UUID]  # product, warehouse


@dataclass(slots=True)
class _Facts:
    """What is known of the asked products: balances, dated supply and demand, the documents behind."""

    stock: dict[Key, dict[str, Decimal]] = field(default_factory=dict)
    reserved: dict[Key, Decimal] = field(default_factory=dict)
    # of a product: warehouse, term, owner (of those who ask), date, quantity
    buckets: dict[UUID, list[tuple[UUID, str, UUID | None, dt.date | None, Decimal]]] = field(default_factory=dict)
    documents: dict[tuple[UUID, str], list[tuple[UUID, TermDocument]]] = field(default_factory=dict)
    bins: dict[Key, list[tuple[str, TermDocument]]] = field(default_factory=dict)


def availability(ctx: Context, asks: Sequence[AvailabilityAsk]) -> list[Availability]:
    """The terms, their sum, what is free now, and the promise date of each ask; four queries for all.

    ``until`` leaves out supply and demand of later dates; ``owner_id`` the asking document's own demand.
    """
    facts = _gather(ctx, asks)
    labels = {
        _ON_HAND: _("On hand"),
        _INSPECTION: _("Awaiting inspection"),
        _PUT_AWAY: _("Awaiting put-away"),
        _WORK: _("Expected from work orders"),
        _BOUGHT: _("Expected from purchases"),
        _ORDERED: _("Ordered, not delivered"),
    }
    return [_answer(ctx, ask, facts, labels) for ask in asks]


def _answer(ctx: Context, ask: AvailabilityAsk, facts: _Facts, labels: dict[str, str]) -> Availability:
    here = [w for w in places.warehouses(ctx) if ask.warehouse_id in (None, w)]
    keys = [(ask.product_id, w) for w in here]
    sums = dict.fromkeys((_ON_HAND, _INSPECTION, _PUT_AWAY, _WORK, _BOUGHT, _ORDERED), ZERO)
    for key in keys:
        for name, quantity in facts.stock.get(key, {}).items():
            sums[name] += quantity
    stock = sums[_ON_HAND] + sums[_INSPECTION] + sums[_PUT_AWAY]
    events: list[tuple[dt.date, Decimal]] = []
    for warehouse_id, term, owner, on, quantity in facts.buckets.get(ask.product_id, ()):
        if ask.warehouse_id is not None and warehouse_id != ask.warehouse_id:
            continue
        if owner is not None and owner == ask.owner_id:
            continue
        events.append((on or ask.on, quantity))
        if ask.until is None or on is None or on <= ask.until:
            sums[term] += quantity
    now = sums[_ON_HAND] - sum((facts.reserved.get(key, ZERO) for key in keys), ZERO)
    terms = tuple(
        Term(name, labels[name], quantity, tuple(_documents(ask, keys, name, facts))) for name, quantity in sums.items()
    )
    return Availability(
        terms,
        sum(sums.values(), ZERO),
        promise(stock, events, ask.quantity, ask.on),
        now,
        ask.product_id,
        ask.warehouse_id,
    )


def _documents(ask: AvailabilityAsk, keys: Sequence[Key], term: str, facts: _Facts) -> list[TermDocument]:
    out = [d for key in keys for name, d in facts.bins.get(key, ()) if name == term]
    for warehouse_id, document in facts.documents.get((ask.product_id, term), ()):
        if ask.warehouse_id not in (None, warehouse_id) or document.ref.id == ask.owner_id:
            continue
        if ask.until is None or document.on is None or document.on <= ask.until:
            out.append(document)
    return out[:_MOST_DOCUMENTS]


def _gather(ctx: Context, asks: Sequence[AvailabilityAsk]) -> _Facts:
    facts = _Facts()
    products = {a.product_id for a in asks}
    houses = {a.warehouse_id for a in asks}
    wanted = None if None in houses else {w for w in houses if w is not None}
    _stock(ctx, facts, products, wanted)
    _planned(facts, products, wanted, {a.owner_id for a in asks if a.owner_id})
    _papers(facts)
    return facts


def _stock(ctx: Context, facts: _Facts, products: set[UUID], warehouses: set[UUID] | None) -> None:
    known = places.places(ctx)
    rows = (
        Balance.objects.filter(product_id__in=products, internal=True, owner_party_id__isnull=True)
        .values_list("product_id", "location_id")
        .annotate(n=Sum("on_hand"), r=Sum("reserved"))
        .order_by("product_id", "location_id")
    )
    for product_id, location_id, on_hand, reserved in rows:
        place = known[location_id]
        if place.warehouse_id is None or (warehouses is not None and place.warehouse_id not in warehouses):
            continue
        key = (product_id, place.warehouse_id)
        facts.reserved[key] = facts.reserved.get(key, ZERO) + reserved
        term = _ON_HAND if place.available else _BY_KIND.get(Location.Kind(place.kind))
        if term is not None and on_hand:
            sums = facts.stock.setdefault(key, {})
            sums[term] = sums.get(term, ZERO) + on_hand
            facts.bins.setdefault(key, []).append(
                (term, TermDocument(Ref("inventory.location", place.id), place.path, on_hand, None))
            )


def _planned(facts: _Facts, products: set[UUID], warehouses: set[UUID] | None, askers: set[UUID]) -> None:
    """Open supply and demand summed by day, that of the askers apart; read from the index of open rows."""
    asker = Case(When(owner_ref_id__in=askers, then=F("owner_ref_id")), default=None, output_field=UUIDField())
    rows = (
        _open_rows(products, warehouses)
        .annotate(asker=asker if askers else Value(None, output_field=UUIDField()))
        .values_list("product_id", "warehouse_id", "direction", "owner_resource", "asker", "planned_on")
        .annotate(n=Sum(F("quantity") - F("done")))
        .order_by()
    )
    for product_id, warehouse_id, direction, resource, owner_id, on, quantity in rows:
        term = _term(direction, resource)
        signed = -quantity if term == _ORDERED else quantity
        facts.buckets.setdefault(product_id, []).append((warehouse_id, term, owner_id, on, signed))


def _papers(facts: _Facts) -> None:
    """The documents behind: the first by date of each product, place and direction, in index order."""
    wanted = sorted(
        {(p, w, "out" if term == _ORDERED else "in") for p, held in facts.buckets.items() for w, term, *_rest in held},
        key=str,
    )
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_DOCUMENTS, [*(list(column) for column in zip(*wanted, strict=True)), _MOST_DOCUMENTS])
        rows = cursor.fetchall()
    found: dict[tuple[UUID, str], dict[tuple[UUID, Ref, dt.date | None], Decimal]] = {}
    for product_id, warehouse_id, direction, resource, owner_id, on, rest in rows:
        term = _term(direction, resource)
        mine = found.setdefault((product_id, term), {})
        key = (warehouse_id, Ref(resource, owner_id), on)
        mine[key] = mine.get(key, ZERO) + (-rest if term == _ORDERED else rest)
    labels = _labels({ref.id: ref.resource for mine in found.values() for _w, ref, _on in mine})
    for of, mine in found.items():
        facts.documents[of] = [
            (warehouse_id, TermDocument(ref, labels.get(ref.id, ""), quantity, on))
            for (warehouse_id, ref, on), quantity in mine.items()
        ]


def _labels(resources: dict[UUID, str]) -> dict[UUID, str]:
    """What people call the documents: their number, read through the registry, a query a resource."""
    by_resource: dict[str, list[UUID]] = {}
    for pk, resource in resources.items():
        by_resource.setdefault(resource, []).append(pk)
    out: dict[UUID, str] = {}
    for resource, ids in by_resource.items():
        spec = registry.find(resource)
        if spec is not None:
            out |= titles_of(spec, ids)
    return out


def _term(direction: str, resource: str) -> str:
    if direction == PlannedMove.Direction.OUT:
        return _ORDERED
    return _WORK if resource.startswith("manufacturing.") else _BOUGHT


def _open_rows(products: set[UUID], warehouses: set[UUID] | None) -> Any:
    rows = PlannedMove.objects.filter(
        Q(direction="out") | Q(direction="in", origin_id__isnull=True),
        is_open=True,
        is_stocked=True,
        product_id__in=products,
    )
    return rows if warehouses is None else rows.filter(warehouse_id__in=warehouses)
