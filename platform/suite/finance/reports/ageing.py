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
from kontor.reports.api import Column, Drill, Line, Parameter, Table, as_of_parameter, report, total_line
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
    parameters=(
        as_of_parameter(),
        Parameter("customer", lazy("Customer"), "reference", relation="parties.party"),
        Parameter(
            "by", lazy("Age by"), "choice", choices=(("due", lazy("due date")), ("date", lazy("document date"))),
            default=lambda ctx: "due",
        ),
    ),
    roles={"accountant": "view export", "sales_lead": "view export", "sales": "view"},
)  # fmt: skip
def ageing(ctx: Context, p: Mapping[str, Any]) -> Table:
    """A row a customer; for one customer, a row a document. Amounts in book currency."""
    on = p["as_of"]
    items = open_as_of(ctx, on, party_id=p["customer"])
    return _by_item(ctx, p, items) if p["customer"] is not None else _by_party(ctx, p, items)


def _days(p: Mapping[str, Any], item: Any) -> int:
    return int((p["as_of"] - (item.due_on if p["by"] == "due" else item.opened_on)).days)


def _cells(p: Mapping[str, Any], found: list[Open]) -> list[Decimal]:
    """Buckets, their total, and the advances; open credit notes lower what is not yet due."""
    cells = [ZERO] * len(BUCKETS)
    advances = ZERO
    for o in found:
        if o.item.kind in (OpenItem.Kind.RECEIPT, OpenItem.Kind.PAYMENT):
            advances -= o.book
        else:
            cells[bucket(_days(p, o.item)) if o.book > 0 else 0] += o.book
    return [*cells, sum(cells, ZERO), advances]


def _money(ctx: Context) -> list[Column]:
    return [
        *(Column(name, label, "amount", ctx.currency) for name, label, _most in BUCKETS),
        Column("total", lazy("Total"), "amount", ctx.currency),
        Column("advances", lazy("Advances"), "amount", ctx.currency),
    ]


def _by_party(ctx: Context, p: Mapping[str, Any], items: list[Open]) -> Table:
    groups: dict[UUID, list[Open]] = {}
    for o in items:
        groups.setdefault(o.item.party_id, []).append(o)
    known = parties.parties(ctx, groups)
    columns = [Column("code", lazy("Code")), Column("customer", lazy("Customer")), *_money(ctx)]
    rows = [
        Line(
            (known[pk].code, known[pk].name, *_cells(p, found)),
            Drill(report="ageing", parameters={"customer": pk, "as_of": p["as_of"], "by": p["by"]}),
        )
        for pk, found in groups.items()
    ]
    rows.sort(key=lambda row: (-row.values[-2], row.values[1]))
    return Table(columns, rows, total_line(columns, rows, _("Total")))


def _by_item(ctx: Context, p: Mapping[str, Any], items: list[Open]) -> Table:
    columns = [
        Column("number", lazy("Document")),
        Column("kind", lazy("Kind")),
        Column("date", lazy("Date"), "date"),
        Column("due_on", lazy("Due on"), "date"),
        Column("days", lazy("Days overdue"), "integer"),
        *_money(ctx),
    ]
    kinds = dict(OpenItem.Kind.choices)
    rows = [
        Line(
            (o.item.number, str(kinds[o.item.kind]), o.item.opened_on, o.item.due_on, max(_days(p, o.item), 0),
             *_cells(p, [o])),
            Drill(o.item.source_resource, o.item.source_id),
        )
        for o in items
    ]  # fmt: skip
    totals = total_line(columns, rows, _("Total"))
    totals[4] = None
    return Table(columns, rows, totals)
