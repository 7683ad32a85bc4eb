"""Operations drawn up for owners: deliveries of what is reserved, returns of what was delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.database.rows import put
from kontor.documents import gate
from kontor.documents.conversion import Link, link
from kontor.documents.models import Conversion
from kontor.documents.records import Draft, Ref
from kontor.errors import FieldError, NotFound, Refused
from kontor.organization.api import place_of
from kontor.resources import registry
from kontor.values.money import plain
from suite.catalog import api as catalog
from suite.inventory import locks
from suite.inventory.contracts import DrawAsk, ReturnRow
from suite.inventory.drafts import fill_return
from suite.inventory.models import Operation, PlannedMove
from suite.inventory.places import outside
from suite.inventory.planning import tell_served, unpledge
from suite.inventory.reserving import Books, give_up, open_books, serve, write_levels
from suite.inventory.rules import ZERO
from suite.inventory.splitting import split

_D = PlannedMove.Direction


def draw_up(ctx: Context, face: str, asked: Sequence[DrawAsk]) -> list[Operation]:
    """A draft operation for each: its owner's lines, cut to what is reserved; from another warehouse if so wished.

    Over a face of receipts it takes the owner's supply, uncut. Refused ``not_enough_stock`` only if
    nothing at all of an owner can go, ``more_than_open`` if more is asked of a line than it still has.
    """
    comes_in = registry.spec(face).where.get("movement") == Operation.Movement.RECEIPT
    target = {row.line_id: ask.warehouse_id for ask in asked for row in ask.rows}
    stored = PlannedMove.objects.filter(
        owner_ref_id__in=[ask.owner.id for ask in asked],
        owner_line_id__in=list(target),
        is_open=True,
        operation_id__isnull=True,
        direction=_D.IN if comes_in else _D.OUT,
    )
    found = list(stored.values_list("pk", "product_id", "warehouse_id", "owner_line_id"))
    pairs = {(p, w) for _pk, p, w, _l in found} | {(p, target[line]) for _pk, p, _w, line in found if line}
    moving = any(w != target[line] for _pk, _p, w, line in found if line)
    locked = locks.planned(  # goods are given up elsewhere for others
        [row[0] for row in found], supply=pairs, waiting=pairs if moving else ()
    )
    books = open_books(ctx, locked, pairs)
    mine = {row[0]: locked[row[0]] for row in found if row[0] in locked and locked[row[0]].operation_id is None}
    parts = _parts(mine, asked)
    split(books, parts)
    chosen = [locked[pk] for pk in parts]
    came_from = _rehouse(books, chosen, target)
    short = [r for r in chosen if r.claims and r.is_stocked and r.quantity > r.reserved]
    if short and not comes_in:
        serve(books, {(r.product_id, r.warehouse_id) for r in short}, own=mine)
        books.flush()
    going = {r.pk: r.reserved if r.is_stocked and not comes_in else r.quantity for r in chosen}
    by_owner: dict[UUID | None, list[PlannedMove]] = {}
    for r in chosen:
        by_owner.setdefault(r.owner_ref_id, []).append(r)
    for ask in asked:
        _refuse_empty(ctx, by_owner.get(ask.owner.id, []), going)
    rests = split(books, {pk: q for pk, q in going.items() if q > 0})
    if came_from:  # what cannot go from here waits where it was planned
        back = {rests.get(pk, locked[pk]).pk: w for pk, w in came_from.items() if pk in rests or not going[pk]}
        for pk, old in back.items():
            locked[pk].warehouse_id = old
        put(PlannedMove, {pk: [old] for pk, old in back.items()}, ("warehouse_id",))
        serve(books, pairs, own=mine)
        books.flush()
    made = [_draft(ctx, face, ask, [r for r in by_owner[ask.owner.id] if going[r.pk] > 0]) for ask in asked]
    _store(ctx, face, made, new=False)
    write_levels(books)
    tell_served(books)
    return [one.operation for one in made]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An operation in the making with its lines, and what it comes from."""

    operation: Operation
    source: Ref
    lines: Sequence[PlannedMove]


def _draft(ctx: Context, face: str, ask: DrawAsk, lines: Sequence[PlannedMove]) -> _Drawn:
    operation = _operation(ctx, face, ask.owner, ask.warehouse_id, ask.party_id, ask.employee_id)
    operation.address, operation.currency = ask.address or {}, ask.currency
    operation.planned_on = min((r.planned_on for r in lines if r.planned_on), default=None)
    return _Drawn(operation, ask.owner, lines)


def _refuse_empty(ctx: Context, rows: Sequence[PlannedMove], going: Mapping[UUID, Decimal]) -> None:
    if not any(going[r.pk] for r in rows):
        raise Refused(
            _("Nothing of this can be delivered now: the goods are not in stock."),
            code="not_enough_stock",
            errors=shortage(ctx, _by_product((r.product_id, r.quantity, r.reserved) for r in rows)),
        )


def draw_up_return(
    ctx: Context,
    face: str,
    delivery_id: UUID,
    rows: Sequence[ReturnRow],
    *,
    owner: Ref | None = None,
    owner_employee_id: UUID | None = None,
    reason: str = "",
) -> UUID:
    """A draft return of lines of a delivery; Refused ``more_than_delivered``."""
    delivery = Operation.objects.filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound
    origins = {r.pk: r for r in PlannedMove.objects.filter(operation_id=delivery_id, pk__in=[r.line_id for r in rows])}
    for i, row in enumerate(rows):
        if row.line_id not in origins:
            raise NotFound(_("The delivery has no such line."), pointer=f"/lines/{i}/line")
    operation = _operation(
        ctx, face, owner or _owner_of(delivery), delivery.warehouse_id, delivery.party_id, owner_employee_id
    )
    operation.address, operation.currency, operation.reason = delivery.address, delivery.currency, reason
    lines = [
        PlannedMove(operation_id=operation.pk, position=i + 1, origin=origins[row.line_id], quantity=row.quantity)
        for i, row in enumerate(rows)
    ]
    _fill_returns(ctx, operation, lines)
    _store(ctx, face, [_Drawn(operation, Ref(registry.name_of(delivery), delivery.pk), lines)], new=True)
    return operation.pk


def _fill_returns(ctx: Context, operation: Operation, lines: Sequence[PlannedMove]) -> None:
    errors: list[FieldError] = []
    customer = outside(ctx, "customer").id
    for i, line in enumerate(lines):
        origin = line.origin
        assert origin is not None
        left = origin.done - origin.returned
        if not ZERO < line.quantity <= left:
            said = _("Between 0 and %(left)s of this line can come back.") % {"left": plain(left)}
            errors.append(FieldError(f"/lines/{i}/quantity", "more_than_delivered", said, {"left": plain(left)}))
        fill_return(ctx, line, origin, operation.warehouse_id, customer)
    if errors:
        raise Refused(_("More would come back than was delivered."), code="more_than_delivered", errors=errors)


def put_back(ctx: Context, operation: Operation) -> None:
    """Cancel an operation that has not been carried out: its planned moves go back to their owner.

    They keep what they hold. Lines without an owner (returns, adjustments) are dropped with it.
    """
    if operation.phase != Operation.Phase.OPEN:
        raise Refused(_("The goods have moved already; use a return or a reversal."), code="already_done")
    rows = list(PlannedMove.objects.filter(operation_id=operation.pk).select_for_update(of=("self",)).order_by("pk"))
    back = [r.pk for r in rows if r.owner_ref_id is not None and r.origin_id is None]
    PlannedMove.objects.filter(pk__in=back).update(operation_id=None)
    PlannedMove.objects.filter(pk__in=[r.pk for r in rows if r.pk not in set(back)]).update(is_open=False)
    operation.phase = Operation.Phase.DROPPED
    Operation.objects.filter(pk=operation.pk).update(phase=operation.phase)
    Conversion.objects.filter(target_id=operation.pk).delete()


def shortage(ctx: Context, missing: dict[UUID, tuple[Decimal, Decimal]]) -> list[FieldError]:
    """One refusal a product: wanted and missing, in base units."""
    names = catalog.products(ctx, missing)
    return [
        FieldError(
            f"/lines/{i}",
            "not_enough_stock",
            _("%(code)s %(name)s: %(wanted)s wanted, %(missing)s missing.")
            % {"code": names[p].code, "name": names[p].name, "wanted": plain(wanted), "missing": plain(lacks)},
            {"product": str(p), "product_code": names[p].code, "wanted": plain(wanted), "missing": plain(lacks)},
        )
        for i, (p, (wanted, lacks)) in enumerate(missing.items())
    ]


def _by_product(rows: Any) -> dict[UUID, tuple[Decimal, Decimal]]:
    out: dict[UUID, tuple[Decimal, Decimal]] = {}
    for product_id, wanted, held in rows:
        before = out.get(product_id, (ZERO, ZERO))
        out[product_id] = (before[0] + wanted, before[1] + wanted - held)
    return out


def _parts(mine: Mapping[UUID, PlannedMove], asked: Sequence[DrawAsk]) -> dict[UUID, Decimal]:
    """How much of which planned move answers the rows: the earliest first."""
    out: dict[UUID, Decimal] = {}
    by_line: dict[UUID | None, list[PlannedMove]] = {}
    for planned in sorted(mine.values(), key=lambda r: (r.planned_on or dt.date.max, r.entered_at, str(r.pk))):
        by_line.setdefault(planned.owner_line_id, []).append(planned)
    for ask in asked:
        for i, row in enumerate(ask.rows):
            left = row.quantity
            for planned in by_line.get(row.line_id, ()):
                part = min(left, planned.quantity - out.get(planned.pk, ZERO))
                if part > 0:
                    out[planned.pk] = out.get(planned.pk, ZERO) + part
                    left -= part
            if left > 0:
                raise _more_than_open(i, left)
    return out


def _more_than_open(i: int, over: Decimal) -> Refused:
    return Refused(
        _("%(over)s more are asked of a line than are still to be delivered.") % {"over": plain(over)},
        code="more_than_open",
        errors=[
            FieldError(f"/lines/{i}/quantity", "more_than_open", _("The line has less left."), {"over": plain(over)})
        ],
    )


def _rehouse(books: Books, rows: Sequence[PlannedMove], target: Mapping[UUID, UUID]) -> dict[UUID, UUID]:
    """What is drawn from another warehouse than planned gives up its goods there; whence, by row."""
    moved = [r for r in rows if r.owner_line_id and r.warehouse_id != target[r.owner_line_id]]
    came_from = {r.pk: r.warehouse_id for r in moved}
    if not moved:
        return came_from
    give_up(books, {r.pk: ZERO for r in moved if r.direction == _D.OUT})
    unpledge(books, {r.pk: ZERO for r in moved if r.direction == _D.IN})
    books.flush()
    for row in moved:
        assert row.owner_line_id is not None
        row.warehouse_id, row.location_id = target[row.owner_line_id], None
    put(PlannedMove, {r.pk: [r.warehouse_id, None] for r in moved}, ("warehouse_id", "location_id"))
    return came_from


def _owner_of(operation: Operation) -> Ref | None:
    return Ref(operation.owner_resource, operation.owner_ref_id) if operation.owner_ref_id else None


def _operation(
    ctx: Context,
    face: str,
    owner: Ref | None,
    warehouse_id: UUID | None,
    party_id: UUID | None,
    employee_id: UUID | None,
) -> Operation:
    spec = registry.spec(face)
    place = place_of(ctx, employee_id or ctx.employee_id)
    return Operation(
        **spec.where,
        state=spec.initial,
        warehouse_id=warehouse_id,
        party_id=party_id,
        owner_id=employee_id or ctx.employee_id,
        branch_id=place.branch_id,
        department_path=place.path,
        owner_resource=owner.resource if owner else "",
        owner_ref_id=owner.id if owner else None,
    )


def _store(ctx: Context, face: str, drawn: Sequence[_Drawn], *, new: bool) -> None:
    """Write operations, give them their lines, and link them with what they came from."""
    gate.store(ctx, face, [Draft(one.operation) for one in drawn])
    if new:
        PlannedMove.objects.bulk_create([line for one in drawn for line in one.lines])
    else:
        for one in drawn:
            for i, line in enumerate(sorted(one.lines, key=lambda r: (r.position, r.entered_at, str(r.pk)))):
                line.operation_id, line.position = one.operation.pk, i + 1
        put(
            PlannedMove,
            {line.pk: [line.operation_id, line.position] for one in drawn for line in one.lines},
            ("operation_id", "position"),
        )
    link(
        Link(one.source, Ref(face, one.operation.pk), line.origin_id or line.owner_line_id, line.pk, line.quantity)
        for one in drawn
        for line in one.lines
    )
