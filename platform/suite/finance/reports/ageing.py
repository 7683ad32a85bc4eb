"""Receivables by age as of any date: only allocations up to that date count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.reports.api import BALANCE, Column, Drill, Line, Parameter, Table, before, report, total_line
from kontor.resources import registry
from suite.finance.models import Allocation, OpenItem
from suite.finance.values import ZERO
from suite.parties import api as parties

# name, label, most days overdue
BUCKETS: tuple[tuple[str, Any, int | None], ...] = (
    ("not_due", lazy("Not yet due"), 0),
    ("days_30", lazy("1–30 days"), 30),
    ("days_60", lazy("31–60 days"), 60),
    ("days_90", lazy("61–90 days"), 90),
    ("over_90", lazy("Over 90 days"), None),
)

_ADVANCES = (OpenItem.Kind.RECEIPT, OpenItem.Kind.PAYMENT)


@dataclass(frozen=True, slots=True)
class Open:
    """An item with what was open on the date; credit items are below zero."""

    item: Any
    remaining: Decimal
    book: Decimal


def open_as_of(
    ctx: Context, on: dt.date, *, party_id: UUID | None = None, ledger: str = OpenItem.Ledger.RECEIVABLE
) -> list[Open]:
    """The items open on a date within the reader's scope: today's rests, with later allocations taken back."""
    later = _settled_after(on)
    rows = OpenItem.objects.filter(
        predicate(ctx, registry.spec("finance.open_item")),
        Q(remaining__gt=0) | Q(book_remaining__gt=0) | Q(pk__in=list(later)),
        opened_on__lte=on,
        ledger=ledger,
    )
    if party_id is not None:
        rows = rows.filter(party_id=party_id)
    out = []
    for item in rows.order_by("due_on", "number"):
        settled, book = later.get(item.id, (ZERO, ZERO))
        sign = 1 if item.side == OpenItem.Side.DEBIT else -1
        remaining, book = sign * (item.remaining + settled), sign * (item.book_remaining + book)
        if remaining or book:
            out.append(Open(item, remaining, book))
    return out


def _settled_after(on: dt.date) -> dict[UUID, tuple[Decimal, Decimal]]:
    """What changed after the date: allocated later (counts back), undone later (counts as settled)."""
    out: dict[UUID, tuple[Decimal, Decimal]] = {}

    def add(item: UUID, amount: Decimal, book: Decimal) -> None:
        a, b = out.get(item, (ZERO, ZERO))
        out[item] = (a + amount, b + book)

    rows = Allocation.objects.filter(
        Q(state=Allocation.State.ACTIVE, allocated_on__gt=on)
        | Q(state=Allocation.State.UNDONE, allocated_on__lte=on, undone_on__gt=on)
    )
    for row in rows:
        sign = 1 if row.state == Allocation.State.ACTIVE else -1
        assert row.cover_id is not None
        add(row.invoice_id, sign * (row.amount + row.discount + row.write_off), sign * row.invoice_book)
        add(row.cover_id, sign * row.amount, sign * row.cover_book)
    return out


def bucket(days: int) -> int:
    """The place in BUCKETS of so many days overdue."""
    return next(at for at, (_name, _label, most) in enumerate(BUCKETS) if most is None or days <= most)


@report(
    "ageing",
    module="finance",
    label=lazy("Receivables ageing"),
    description=lazy("What customers owe as of a date, by days overdue; advances beside it."),
    icon="clock-dollar",
    period=BALANCE,
    parameters=(
        Parameter("customer", lazy("Customer"), "reference", relation="parties.party"),
        Parameter(
            "by", lazy("Age by"), "choice", choices=(("due", lazy("due date")), ("date", lazy("document date"))),
            default=lambda ctx: "due",
        ),
    ),
    roles={"accountant": "view export", "sales_lead": "view export", "sales": "view"},
)  # fmt: skip
def ageing(ctx: Context, p: Mapping[str, Any]) -> Table:
    """A row a customer; for one customer, a row a document. Amounts in book currency.

    With a span the total of the day before it and the change stand behind, also of what is settled by now.
    """
    items = open_as_of(ctx, p["as_of"], party_id=p["customer"])
    day = before(p)
    earlier = [] if day is None else open_as_of(ctx, day, party_id=p["customer"])
    return (_by_item if p["customer"] is not None else _by_party)(ctx, p, items, earlier)


def _days(p: Mapping[str, Any], item: Any) -> int:
    return int((p["as_of"] - (item.due_on if p["by"] == "due" else item.opened_on)).days)


def _cells(p: Mapping[str, Any], found: list[Open], earlier: list[Open]) -> list[Decimal]:
    """Buckets, their total, and the advances; open credit notes lower what is not yet due.

    In a span also what the total was before it, and by how much it changed.
    """
    cells = [ZERO] * len(BUCKETS)
    advances = ZERO
    for o in found:
        if o.item.kind in _ADVANCES:
            advances -= o.book
        else:
            cells[bucket(_days(p, o.item)) if o.book > 0 else 0] += o.book
    total = sum(cells, ZERO)
    if p["from"] is None:
        return [*cells, total, advances]
    opening = sum((o.book for o in earlier if o.item.kind not in _ADVANCES), ZERO)
    return [*cells, total, advances, opening, total - opening]


def _money(ctx: Context, p: Mapping[str, Any]) -> list[Column]:
    span = [("opening", lazy("Opening")), ("change", lazy("Change"))] if p["from"] is not None else []
    return [
        *(Column(name, label, "amount", ctx.currency) for name, label, _most in BUCKETS),
        Column("total", lazy("Total"), "amount", ctx.currency),
        Column("advances", lazy("Advances"), "amount", ctx.currency),
        *(Column(name, label, "amount", ctx.currency) for name, label in span),
    ]


def _asked(p: Mapping[str, Any]) -> dict[str, Any]:
    return {name: p[name] for name in ("as_of", "from", "by") if p[name] is not None}


def _grouped(items: list[Open], earlier: list[Open], key: str) -> dict[UUID, tuple[list[Open], list[Open]]]:
    groups: dict[UUID, tuple[list[Open], list[Open]]] = {}
    for at, found in enumerate((items, earlier)):
        for o in found:
            groups.setdefault(getattr(o.item, key), ([], []))[at].append(o)
    return groups


def _by_party(ctx: Context, p: Mapping[str, Any], items: list[Open], earlier: list[Open]) -> Table:
    groups = _grouped(items, earlier, "party_id")
    known = parties.parties(ctx, groups)
    columns = [Column("code", lazy("Code")), Column("customer", lazy("Customer")), *_money(ctx, p)]
    rows = [
        Line(
            (known[pk].code, known[pk].name, *_cells(p, *found)),
            Drill(report="ageing", parameters={"customer": pk, **_asked(p)}),
        )
        for pk, found in groups.items()
    ]
    total = 2 + len(BUCKETS)
    rows.sort(key=lambda row: (-row.values[total], row.values[1]))
    return Table(columns, rows, total_line(columns, rows, _("Total")))


def _by_item(ctx: Context, p: Mapping[str, Any], items: list[Open], earlier: list[Open]) -> Table:
    columns = [
        Column("number", lazy("Document")),
        Column("kind", lazy("Kind")),
        Column("date", lazy("Date"), "date"),
        Column("due_on", lazy("Due on"), "date"),
        Column("days", lazy("Days overdue"), "integer"),
        *_money(ctx, p),
    ]
    kinds = dict(OpenItem.Kind.choices)
    rows = [
        Line(
            (item.number, str(kinds[item.kind]), item.opened_on, item.due_on, max(_days(p, item), 0),
             *_cells(p, now, then)),
            Drill(item.source_resource, item.source_id),
        )
        for now, then in _grouped(items, earlier, "id").values()
        for item in [(now or then)[0].item]
    ]  # fmt: skip
    totals = total_line(columns, rows, _("Total"))
    totals[4] = None
    return Table(columns, rows, totals)
