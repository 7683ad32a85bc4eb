"""How far an order, an invoice, a quotation has come, and what each next stage still lacks."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.resources import registry
from kontor.web import showing
from kontor.web.record.course import DONE, LATER, NOW, Stage, course
from suite.sales.models import Invoice, OrderLine, Quotation
from suite.sales.rules import ZERO


@course("sales.order")
def order(ctx: Context, row: Mapping[str, Any]) -> list[Stage] | None:
    """Agreed, confirmed, delivered, invoiced, paid, closed; the first that is not done is now."""
    if row["state"] == "cancelled":
        return None
    confirmed = row["state"] in ("confirmed", "closed")
    stages = [
        (_("Draft"), True, "", (), "draft"),
        (_("Confirmed"), confirmed, "", () if confirmed else _to_confirm(row), "confirmed"),
        _delivered(ctx, row, confirmed),
        _invoiced(ctx, row),
    ]
    paid = _paid(ctx, row)
    if paid:
        stages.append(paid)
    stages.append((_("Closed"), row["state"] == "closed", "", (), "closed"))
    if not any(line.get("product") for line in row["lines"]):
        stages = [s for s in stages if s[0] != _("Delivered")]
    now = next((i for i, s in enumerate(stages) if not s[1]), len(stages))
    return [
        Stage(label, DONE if done else NOW if i == now else LATER, note, missing if i == now else (), state)
        for i, (label, done, note, missing, state) in enumerate(stages)
    ]


def _to_confirm(row: Mapping[str, Any]) -> tuple[str, ...]:
    missing = []
    if not row["lines"]:
        missing.append(_("no lines yet"))
    if any(not line["unit_price"] for line in row["lines"]):
        missing.append(_("a price is zero"))
    if not row.get("promised_on") and not any(line.get("promised_on") for line in row["lines"]):
        missing.append(_("no delivery date"))
    return tuple(missing)


def _delivered(ctx: Context, row: Mapping[str, Any], confirmed: bool) -> Any:
    """Lines done of all, the promised day, and what is short."""
    goods = OrderLine.objects.filter(document_id=row["id"], is_stocked=True).aggregate(
        n=Count("pk"), done=Count("pk", filter=Q(delivered__gte=F("base_quantity")))
    )
    done = row["delivery_state"] == "all" or (confirmed and not goods["n"])
    if row["state"] == "closed" and not done:
        done = True  # closed with a rest that will not come
    note = ""
    if confirmed and goods["n"] and goods["done"]:
        note = _("%(done)d of %(all)d lines") % {"done": goods["done"], "all": goods["n"]}
    elif row.get("promised_on") and not done:
        note = _("promised %(date)s") % {"date": showing.date(row["promised_on"], ctx.today)}
    missing = []
    short = sum(1 for line in row["lines"] if (line.get("short") or ZERO) > 0)
    if short:
        missing.append(ngettext("%(n)d line short", "%(n)d lines short", short) % {"n": short})
    if row.get("late"):
        missing.append(_("late"))
    return _("Delivered"), done, note, tuple(missing), ""


def _invoiced(ctx: Context, row: Mapping[str, Any]) -> Any:
    done = row["invoice_state"] == "all" or row["state"] == "closed"
    note = _("in part") if row["invoice_state"] == "part" else ""
    return _("Invoiced"), done, note, (), ""


def _paid(ctx: Context, row: Mapping[str, Any]) -> Any:
    """What of the order's posted invoices is open; nothing for those who may not see invoices."""
    spec = registry.spec("sales.invoice")
    if not ctx.rights.can(spec.name, "view"):
        return None
    told = (
        Invoice.objects.filter(predicate(ctx, spec), order_id=row["id"], state=Invoice.State.POSTED)
        .exclude(kind=Invoice.Kind.CREDIT)
        .aggregate(n=Count("pk"), open=Sum("open_amount"), late=Count("pk", filter=_late(ctx)))
    )
    open_: Decimal = told["open"] or ZERO
    done = bool(told["n"]) and not open_ and row["invoice_state"] == "all"
    note = _("open %(amount)s") % {"amount": showing.amount_plain(open_, row["currency"])} if open_ else ""
    return _("Paid"), done, note, (_("overdue"),) if told["late"] else (), ""


def _late(ctx: Context) -> Q:
    return Q(due_on__lt=ctx.today, open_amount__gt=0)


@course("sales.invoice")
def invoice(ctx: Context, row: Mapping[str, Any]) -> list[Stage] | None:
    """Draft, posted, paid; a credit note ends with posting."""
    if row["state"] not in ("draft", "posted"):
        return None
    posted = row["state"] == "posted"
    stages = [Stage(_("Draft"), DONE, state="draft"), Stage(_("Posted"), DONE if posted else NOW, state="posted")]
    if row["kind"] == Invoice.Kind.CREDIT:
        return stages
    paid = posted and row["payment_state"] == "all"
    note = ""
    if posted and not paid:
        note = _("open %(amount)s") % {"amount": showing.amount_plain(row["open_amount"], row["currency"])}
    elif row.get("due_on") and not paid:
        note = _("due %(date)s") % {"date": showing.date(row["due_on"], ctx.today)}
    missing: tuple[str, ...] = ()
    if posted and not paid and row.get("due_on"):
        late = (ctx.today - row["due_on"]).days
        due = showing.date(row["due_on"], ctx.today)
        missing = (
            (ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late},) if late > 0
            else (_("due %(date)s") % {"date": due},)
        )  # fmt: skip
    return [*stages, Stage(_("Paid"), DONE if paid else NOW if posted else LATER, note, missing)]


@course("sales.quotation")
def quotation(ctx: Context, row: Mapping[str, Any]) -> list[Stage] | None:
    """Draft, sent, accepted; while it waits, until when it holds."""
    if row["state"] not in ("draft", "sent", "accepted"):
        return None
    at = ("draft", "sent", "accepted").index(row["state"])
    missing: tuple[str, ...] = ()
    until = row.get("valid_until")
    if row["state"] == Quotation.State.SENT and until:
        day = showing.date(until, ctx.today)
        missing = (_("holds until %(date)s") % {"date": day},) if until >= ctx.today else (_("expired"),)
    elif row["state"] == Quotation.State.DRAFT:
        missing = _to_confirm({**row, "promised_on": True})
    labels = (_("Draft"), _("Sent"), _("Accepted"))
    names = ("draft", "sent", "accepted")
    return [
        Stage(
            labels[i], DONE if i <= at else NOW if i == at + 1 else LATER, "",
            missing if i == at + 1 else (), names[i],
        ) for i in range(3)
    ]  # fmt: skip
