"""The statement of a customer's account: opening, every movement, closing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.reports.api import FLOW, Column, Drill, Line, Parameter, Table, report
from kontor.resources import registry
from kontor.values.wording import listed
from suite.finance.models import Allocation, OpenItem
from suite.finance.values import ZERO


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the account: above zero the customer owes more."""

    on: dt.date
    number: str
    text: str
    due_on: dt.date | None
    amount: Decimal
    drill: Drill | None
    order: str = ""


@report(
    "customer-statement",
    module="finance",
    label=lazy("Customer statement"),
    description=lazy("Invoices, credit notes and receipts of one customer with a running balance."),
    icon="file-invoice",
    period=FLOW,
    parameters=(
        Parameter("customer", lazy("Customer"), "reference", required=True, relation="parties.party"),
        Parameter("currency", lazy("Currency"), "currency", default=lambda ctx: ctx.currency),
    ),
    roles={"accountant": "view export", "sales_lead": "view export", "sales": "view"},
)
def customer_statement(ctx: Context, p: Mapping[str, Any]) -> Table:
    """In the currency of the documents; a note names other currencies in which something happened."""
    first, last, currency = p["from"], p["to"], p["currency"]
    items = OpenItem.objects.filter(
        predicate(ctx, registry.spec("finance.open_item")), party_id=p["customer"], opened_on__lte=last,
        ledger=OpenItem.Ledger.RECEIVABLE,
    )  # fmt: skip
    others = sorted(set(items.exclude(currency=currency).values_list("currency", flat=True)))
    moved = _movements(list(items.filter(currency=currency)), last)
    balance = sum((m.amount for m in moved if m.on < first), ZERO)
    columns = [
        Column("date", lazy("Date"), "date"),
        Column("number", lazy("Document")),
        Column("text", lazy("Text")),
        Column("due_on", lazy("Due on"), "date"),
        Column("debit", lazy("Charged"), "amount", currency),
        Column("credit", lazy("Credited"), "amount", currency),
        Column("balance", lazy("Balance"), "amount", currency),
    ]
    rows = [Line((first, "", _("Opening balance"), None, None, None, balance), style="total")]
    debit = credit = ZERO
    for m in moved:
        if m.on < first:
            continue
        balance += m.amount
        debit, credit = debit + max(m.amount, ZERO), credit + max(-m.amount, ZERO)
        sides = (m.amount, None) if m.amount > 0 else (None, -m.amount)
        rows.append(Line((m.on, m.number, m.text, m.due_on, *sides, balance), m.drill))
    notes = [_("There are also documents in: %(list)s.") % {"list": listed(others)}] if others else []
    return Table(columns, rows, (last, "", _("Closing balance"), None, debit, credit, balance), notes)


def _movements(items: list[Any], last: dt.date) -> list[Movement]:
    kinds = dict(OpenItem.Kind.choices)
    by_id = {i.id: i for i in items}
    out = [
        Movement(
            i.opened_on, i.number, str(kinds[i.kind]), i.due_on if i.kind == "invoice" else None,
            i.amount if i.side == OpenItem.Side.DEBIT else -i.amount, Drill(i.source_resource, i.source_id), f"0{i.id}")
        for i in items
    ]  # fmt: skip
    given = Allocation.objects.filter(invoice_id__in=by_id).exclude(state=Allocation.State.PLANNED)
    for row in given.filter(Q(discount__gt=0) | Q(write_off__gt=0)):
        item = by_id[row.invoice_id]
        sign = -1 if item.side == OpenItem.Side.DEBIT else 1
        drill = Drill(item.source_resource, item.source_id)
        for amount, text in ((row.discount, _("Discount")), (row.write_off, _("Write-off"))):
            if not amount:
                continue
            assert row.allocated_on is not None
            out.append(Movement(row.allocated_on, item.number, text, None, sign * amount, drill, f"1{row.id}"))
            if row.undone_on is not None:
                undone = _("Undone: %(text)s") % {"text": text}
                out.append(Movement(row.undone_on, item.number, undone, None, -sign * amount, drill, f"1{row.id}"))
    return sorted((m for m in out if m.on <= last), key=lambda m: (m.on, m.order))
