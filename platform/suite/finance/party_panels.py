"""What a customer or supplier owes, is owed and how it pays: on its page and in the type-ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, Sum, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.fields import api as fields
from kontor.resources import registry
from kontor.web import showing
from kontor.web.cards import Figure
from kontor.web.picking import extra
from kontor.web.record.dossier import (
    Cell,
    Listing,
    Meter,
    RecordCard,
    Shortcut,
    figures,
    length,
    meter,
    record_card,
    shortcuts,
)
from suite.finance.credit import credit, credits_of
from suite.finance.models import Allocation, OpenItem
from suite.finance.values import ZERO

_ROWS, _PAYMENTS = 6, 500


def _mine(ctx: Context, party_id: Any, ledger: str) -> Any:
    """The open items of the party that the reader may see."""
    scope = predicate(ctx, registry.spec("finance.open_item"))
    return OpenItem.objects.filter(scope, party_id=party_id, ledger=ledger, remaining__gt=0)


def _sums(ctx: Context, party_id: Any, ledger: str) -> dict[str, Any]:
    """Open, overdue and what stands against it, in book currency; one query, once a page."""
    key = f"finance.open:{ledger}:{party_id}"
    if key not in ctx.cache:
        owed = "debit" if ledger == OpenItem.Ledger.RECEIVABLE else "credit"
        late = Q(side=owed, due_on__lt=ctx.today)
        ctx.cache[key] = _mine(ctx, party_id, ledger).aggregate(
            open=Sum(Case(When(side=owed, then=F("book_remaining")), default=-F("book_remaining"))),
            late=Sum("book_remaining", filter=late), count=Count("pk", filter=Q(side=owed)),
            late_count=Count("pk", filter=late),
        )  # fmt: skip
    found: dict[str, Any] = ctx.cache[key]
    return found


@figures("parties.customer", order=20)
def receivable(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """What the customer owes, how much of it is overdue, and how long it takes to pay."""
    if not ctx.rights.can("finance.open_item", "view"):
        return []
    return [_open(ctx, row, OpenItem.Ledger.RECEIVABLE, _("To be received")), *_days_to_pay(ctx, row)]


@figures("parties.supplier", order=20)
def payable(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """What we owe the supplier."""
    if not ctx.rights.can("finance.open_item", "view"):
        return []
    return [_open(ctx, row, OpenItem.Ledger.PAYABLE, _("To be paid"))]


def _open(ctx: Context, row: Mapping[str, Any], ledger: str, label: str) -> Figure:
    told = _sums(ctx, row["id"], ledger)
    amount = showing.figure(told["open"] or ZERO, ctx.currency, ctx.language)
    href = f"/finance/open-items/?party={row['id']}&ledger={ledger}&state=open"
    if told["late"]:
        late = showing.figure(told["late"], ctx.currency, ctx.language)
        return Figure(label, amount, _("overdue %(amount)s") % {"amount": late}, "bad", href)
    n = told["count"]
    note = ngettext("%(n)d document", "%(n)d documents", n) % {"n": n} if n else _("nothing open")
    return Figure(label, amount, note, "", href)


def _days_to_pay(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """From invoice to money in the last twelve months, weighted by amount, beside what was agreed."""
    paid = Allocation.objects.filter(
        invoice__party_id=row["id"], invoice__kind=OpenItem.Kind.INVOICE, state=Allocation.State.ACTIVE,
        payment__isnull=False, allocated_on__gte=ctx.today - dt.timedelta(days=365),
    )  # fmt: skip
    rows = paid.order_by("-allocated_on").values_list("invoice_book", "invoice__opened_on", "allocated_on")[:_PAYMENTS]
    weight, days = ZERO, ZERO
    for amount, opened, settled in rows:
        if settled is None:
            continue
        weight += amount
        days += amount * (settled - opened).days
    if not weight:
        return []
    mean = int((days / weight).to_integral_value())
    value = ngettext("%(n)d day", "%(n)d days", mean) % {"n": mean}
    term = fields.item(row["payment_term"]) if row.get("payment_term") else None
    if term is None:
        return [Figure(_("Pays after"), value)]
    agreed = int(term.payload.get("days") or 0)
    look = "ok" if mean <= agreed else "warn" if mean <= agreed + 30 else "bad"
    return [Figure(_("Pays after"), value, _("agreed %(term)s") % {"term": term.name}, look)]


@meter("parties.customer")
def credit_meter(ctx: Context, row: Mapping[str, Any]) -> Meter | None:
    """Used and free credit, the overdue part apart; for those who may see credit."""
    if not ctx.rights.sees("credit"):
        return None
    state = credit(ctx, row["id"])
    used = showing.amount_plain(state.used, ctx.currency)
    if state.limit is None or state.free is None:
        return Meter(_("Credit limit"), used, "", right=_("no limit")) if state.used else None
    late = (
        (_sums(ctx, row["id"], "receivable")["late"] or ZERO) if ctx.rights.can("finance.open_item", "view") else ZERO
    )
    whole = max(state.limit, state.used, Decimal(1))
    shares = (
        (length(state.used - late, whole), "used"),
        (length(min(late, state.used), whole), "late"),
    )
    free = showing.amount_plain(abs(state.free), ctx.currency)
    over = state.free < 0
    return Meter(
        _("Credit limit"), used, showing.amount_plain(state.limit, ctx.currency), shares,
        left=_("overdue %(amount)s") % {"amount": showing.amount_plain(late, ctx.currency)} if late else "",
        left_look="bad", right=(_("over by %(amount)s") if over else _("free %(amount)s")) % {"amount": free},
        right_look="bad" if over else "",
    )  # fmt: skip


@record_card("parties.customer", order=20)
def open_invoices(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """What is to be received, the oldest due first."""
    return _items(ctx, row, OpenItem.Ledger.RECEIVABLE, _("Open items"), _("Nothing is open: all is paid."))


@record_card("parties.supplier", order=20)
def open_bills(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """What is to be paid, the oldest due first."""
    return _items(ctx, row, OpenItem.Ledger.PAYABLE, _("Open items"), _("Nothing is to be paid."))


def _items(ctx: Context, row: Mapping[str, Any], ledger: str, title: str, empty: str) -> RecordCard | None:
    spec = registry.spec("finance.open_item")
    if not ctx.rights.can(spec.name, "view"):
        return None
    owed = "debit" if ledger == OpenItem.Ledger.RECEIVABLE else "credit"
    rows = (
        _mine(ctx, row["id"], ledger)
        .order_by("due_on", "pk")
        .values_list("pk", "number", "kind", "due_on", "remaining", "currency", "side")[:_ROWS]
    )
    kinds = dict(OpenItem.Kind.choices)
    cells = []
    for pk, number, kind, due, remaining, currency, side in rows:
        late = (ctx.today - due).days if side == owed else 0
        note = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late} if late > 0 else ""
        amount = showing.amount_plain(remaining if side == owed else -remaining, currency)
        cells.append(
            (
                Cell(number or str(kinds.get(kind, kind)), f"/{spec.path}/{pk}/", note=str(kinds.get(kind, kind))),
                Cell(showing.date(due, ctx.today), note=note, look="bad" if late > 0 else ""),
                Cell(amount),
            )
        )
    heads = ((_("Document"), False), (_("Due on"), False), (pgettext("amount", "Open"), True))
    href = f"/{spec.path}/?party={row['id']}&ledger={ledger}&state=open"
    count = _sums(ctx, row["id"], ledger)["count"]
    return RecordCard(
        title, count=str(count or ""), href=href if cells else "", empty=empty,
        table=Listing(heads, tuple(cells)) if cells else None,
    )  # fmt: skip


@shortcuts("parties.customer", order=5)
def begin(ctx: Context, row: Mapping[str, Any]) -> list[Shortcut]:
    """A receipt from this customer."""
    if not ctx.rights.can("finance.receipt", "create"):
        return []
    return [Shortcut(_("New receipt"), f"/finance/receipts/new/?party={row['id']}", "cash")]


@extra("parties.customer", order=60)
def credit_facts(ctx: Context, ids: Sequence[UUID], params: Mapping[str, str]) -> dict[UUID, dict[str, Any]]:
    """How much credit is free, beside each customer that has a limit; for those who may see credit."""
    if not ctx.rights.sees("credit"):
        return {}
    out: dict[UUID, dict[str, Any]] = {}
    for pk, state in credits_of(ctx, ids).items():
        if state.limit is None or state.free is None:
            continue
        amount = showing.figure(abs(state.free), ctx.currency, ctx.language)
        if state.free < 0:
            out[pk] = {"facts": [{"text": _("over by %(amount)s") % {"amount": amount}, "look": "bad"}]}
        else:
            look = "warn" if state.free < state.limit / 10 else ""
            out[pk] = {"facts": [{"text": _("free %(amount)s") % {"amount": amount}, "look": look}]}
    return out
