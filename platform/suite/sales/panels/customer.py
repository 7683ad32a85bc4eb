"""The customer's page: what was sold this year and last, what is ordered, whether we keep our promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DateField, DecimalField, F, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.resources import registry
from kontor.web import showing
from kontor.web.cards import Figure
from kontor.web.record.dossier import (
    Bar,
    Cell,
    Chart,
    Listing,
    RecordCard,
    Shortcut,
    figures,
    length,
    record_card,
    shortcuts,
)
from suite.sales.models import Invoice, InvoiceLine, Order, Quotation
from suite.sales.pricing import rate_or_none
from suite.sales.rules import ZERO

_NUMBER = DecimalField(max_digits=30, decimal_places=10)
_ROWS = 6


@dataclass(frozen=True, slots=True)
class Sold:
    """Net sales of a month in book currency, and what they cost."""

    net: Decimal
    cost: Decimal


def sold_by_month(ctx: Context, customer_id: Any) -> dict[dt.date, Sold]:
    """Sales less credits of this year and last, by month; one query, once a page."""
    key = f"sales.sold:{customer_id}"
    if key not in ctx.cache:
        since = dt.date(ctx.today.year - 1, 1, 1)
        invoices = Invoice.objects.filter(
            predicate(ctx, registry.spec("sales.invoice")), customer_id=customer_id, posted_on__gte=since
        ).exclude(state=Invoice.State.DRAFT)
        sign = Case(When(document__kind=Invoice.Kind.CREDIT, then=Value(-1)), default=Value(1))
        rows = (
            InvoiceLine.objects.filter(document__in=invoices, product__isnull=False)
            .annotate(month=TruncMonth("document__posted_on", output_field=DateField()))
            .values_list("month")
            .annotate(
                net=Sum(F("amount") * F("document__rate") * sign, output_field=_NUMBER),
                cost=Sum(F("cost") * F("document__rate") * sign, output_field=_NUMBER),
            )
        )
        ctx.cache[key] = {month: Sold(net or ZERO, cost or ZERO) for month, net, cost in rows}
    found: dict[dt.date, Sold] = ctx.cache[key]
    return found


@figures("parties.customer", order=10)
def turnover(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """Sales of this year beside the same months of the last; the margin for those with the right."""
    if not ctx.rights.can("sales.invoice", "view"):
        return []
    sold = sold_by_month(ctx, row["id"])
    now, then = _until(sold, ctx.today, 0), _until(sold, ctx.today, 1)
    before = sum((s.net for month, s in sold.items() if month.year < ctx.today.year), ZERO)
    href = f"/reports/sales/?customer={row['id']}&by=month&from={ctx.today.year}-01-01&to={ctx.today}"
    note, look = _last_year(ctx, before, now.net, then.net)
    out = [Figure(_("Sales this year"), showing.figure(now.net, ctx.currency, ctx.language), note, look, href)]
    if ctx.rights.sees("cost"):
        out.append(_margin(now, then))
    return out


def _last_year(ctx: Context, before: Decimal, now: Decimal, then: Decimal) -> tuple[str, str]:
    """What last year brought, and how this year compares with the same months of it."""
    if not before:
        return _("none last year"), ""
    said = _("last year %(amount)s") % {"amount": showing.figure(before, ctx.currency, ctx.language)}
    if not then:
        return said, ""
    change = (now - then) / then
    return f"{change:+.0%} · {said}", "ok" if change >= 0 else "warn"


def _margin(now: Sold, then: Sold) -> Figure:
    if not now.net:
        return Figure(_("Margin this year"), "–")
    share = (now.net - now.cost) / now.net
    note, look = "", ""
    if then.net:
        points = (share - (then.net - then.cost) / then.net) * 100
        note = _("%(points)s points") % {"points": f"{points:+.1f}".replace("-", "−")}
        look = "ok" if points >= 0 else "warn"
    return Figure(_("Margin this year"), f"{share:.1%}", note, look)


def _until(sold: Mapping[dt.date, Sold], today: dt.date, years: int) -> Sold:
    """The months of the year so far, or the same months ``years`` before."""
    chosen = [s for m, s in sold.items() if m.year == today.year - years and m.month <= today.month]
    return Sold(sum((s.net for s in chosen), ZERO), sum((s.cost for s in chosen), ZERO))


@figures("parties.customer", order=30)
def ordered(ctx: Context, row: Mapping[str, Any]) -> list[Figure]:
    """What is ordered and not done, the last order, and how many of the year's orders came on time."""
    spec = registry.spec("sales.order")
    if not ctx.rights.can(spec.name, "view"):
        return []
    mine = Order.objects.filter(
        predicate(ctx, spec), customer_id=row["id"], state__in=(Order.State.CONFIRMED, Order.State.CLOSED)
    )
    open_ = Q(state=Order.State.CONFIRMED) & ~Q(delivery_state="all", invoice_state="all")
    total, count, last = ZERO, 0, None
    for currency, net, n, on in mine.values_list("currency").annotate(
        net=Sum("net", filter=open_), n=Count("pk", filter=open_), on=Max("ordered_on")
    ):
        total += (net or ZERO) * (rate_or_none(ctx, currency, ctx.currency, ctx.today) or ZERO)
        count += n
        last = max(filter(None, (last, on)), default=None)
    note = ngettext("%(n)d order", "%(n)d orders", count) % {"n": count} if count else ""
    if last:
        said = _("last %(date)s") % {"date": showing.date(last, ctx.today)}
        note = f"{note} · {said}" if note else said
    href = f"/{spec.path}/?customer={row['id']}&state=confirmed"
    figure = Figure(
        _("Open orders"), showing.figure(total, ctx.currency, ctx.language), note or _("never ordered"), "", href
    )
    return [figure, *_punctual(ctx, mine)]


def _punctual(ctx: Context, mine: Any) -> list[Figure]:
    """The share of the last twelve months' promises that were kept: all delivered by the promised day."""
    if not ctx.rights.can("sales.delivery", "view"):
        return []
    deliveries = registry.spec("sales.delivery").model._default_manager.filter(
        owner_ref_id=OuterRef("pk"), movement="delivery", state="shipped"
    )
    last = Subquery(deliveries.order_by().values("owner_ref_id").annotate(n=Max("done_on")).values("n"))
    due = mine.filter(promised_on__lt=ctx.today, promised_on__gte=ctx.today - dt.timedelta(days=365))
    told = due.annotate(came=last).aggregate(
        n=Count("pk"), kept=Count("pk", filter=Q(delivery_state="all", came__lte=F("promised_on")))
    )
    if not told["n"]:
        return []
    share = told["kept"] / told["n"]
    look = "ok" if share >= 0.9 else "warn" if share >= 0.7 else "bad"
    note = _("%(kept)d of %(all)d in twelve months") % {"kept": told["kept"], "all": told["n"]}
    return [Figure(_("On time"), f"{share:.0%}", note, look)]


@record_card("parties.customer", order=10)
def months(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """The twelve months up to now beside those a year before."""
    if not ctx.rights.can("sales.invoice", "view"):
        return None
    sold = sold_by_month(ctx, row["id"])
    if not any(s.net for s in sold.values()):
        return None
    keys = [dt.date(ctx.today.year, month, 1) for month in range(1, 13)]
    nets = {m: (_net(sold, m), _net(sold, m.replace(year=m.year - 1))) for m in keys}
    top = max((max(pair) for pair in nets.values()), default=ZERO) or Decimal(1)
    bars = tuple(
        Bar(
            str(m.month), length(now, top), length(then, top),
            showing.amount_plain(now, ctx.currency), showing.amount_plain(then, ctx.currency),
        ) for m, (now, then) in nets.items()
    )  # fmt: skip
    year = ctx.today.year
    finding = _("Sales by month: %(now)s in %(year)s, %(before)s in %(last)s") % {
        "now": showing.amount_plain(sum((n for n, _t in nets.values()), ZERO), ctx.currency), "year": year,
        "before": showing.amount_plain(sum((t for _n, t in nets.values()), ZERO), ctx.currency), "last": year - 1,
    }  # fmt: skip
    href = f"/reports/sales/?customer={row['id']}&by=month&from={year}-01-01&to={ctx.today}"
    return RecordCard(
        _("Sales by month"), href=href, chart=Chart(finding, bars, str(year), str(year - 1)), note=ctx.currency
    )


def _net(sold: Mapping[dt.date, Sold], month: dt.date) -> Decimal:
    return sold[month].net if month in sold else ZERO


@record_card("parties.customer", order=30)
def orders(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """The newest orders, open ones first."""
    spec = registry.spec("sales.order")
    if not ctx.rights.can(spec.name, "view"):
        return None
    rank = Case(When(state__in=(Order.State.DRAFT, Order.State.CONFIRMED), then=Value(0)), default=Value(1))
    mine = Order.objects.filter(predicate(ctx, spec), customer_id=row["id"]).exclude(state=Order.State.CANCELLED)
    rows = mine.order_by(rank, "-ordered_on", "-pk").values_list(
        "pk", "number", "ordered_on", "promised_on", "state", "delivery_state", "total", "currency"
    )[:_ROWS]
    cells = tuple(
        (
            Cell(number or _("Draft"), f"/{spec.path}/{pk}/"),
            Cell(showing.date(on, ctx.today)),
            _standing(ctx, spec, state, delivery, promised),
            Cell(showing.amount_plain(total, currency)),
        ) for pk, number, on, promised, state, delivery, total, currency in rows
    )  # fmt: skip
    heads = ((_("Order"), False), (_("Date"), False), (_("State"), False), (_("Total"), True))
    table = Listing(heads, cells) if cells else None
    href = f"/{spec.path}/?customer={row['id']}"
    return RecordCard(_("Orders"), href=href if cells else "", table=table, empty=_("No orders yet."))


def _standing(ctx: Context, spec: Any, state: str, delivery: str, promised: dt.date | None) -> Cell:
    """The state, and for what is under way how far it went and until when it was promised."""
    if state != Order.State.CONFIRMED:
        return Cell(showing.state(spec, state))
    if delivery == "all":
        return Cell(_("Delivered"), look="ok")
    text = _("Partly delivered") if delivery == "part" else _("To deliver")
    if promised is None:
        return Cell(text)
    late = promised < ctx.today
    note = _("promised %(date)s") % {"date": showing.date(promised, ctx.today)}
    return Cell(text, note=note, look="bad" if late else "")


@record_card("parties.customer", order=40)
def quotations(ctx: Context, row: Mapping[str, Any]) -> RecordCard | None:
    """Offers that wait for an answer; nothing where none does."""
    spec = registry.spec("sales.quotation")
    if not ctx.rights.can(spec.name, "view"):
        return None
    rows = list(
        Quotation.objects.filter(predicate(ctx, spec), customer_id=row["id"], state="sent")
        .order_by("valid_until", "pk")
        .values_list("pk", "number", "valid_until", "total", "currency")[:_ROWS]
    )
    if not rows:
        return None
    cells = tuple(
        (
            Cell(number, f"/{spec.path}/{pk}/"),
            Cell(showing.date(until, ctx.today), look="bad" if until and until < ctx.today else ""),
            Cell(showing.amount_plain(total, currency)),
        ) for pk, number, until, total, currency in rows
    )  # fmt: skip
    heads = ((_("Quotation"), False), (_("Valid until"), False), (_("Total"), True))
    href = f"/{spec.path}/?customer={row['id']}&state=sent"
    return RecordCard(_("Offers waiting for an answer"), href=href, table=Listing(heads, cells))


@shortcuts("parties.customer", order=10)
def begin(ctx: Context, row: Mapping[str, Any]) -> list[Shortcut]:
    """A new order or quotation for this customer; none while it is on hold."""
    out = []
    if ctx.rights.can("sales.quotation", "create"):
        out.append(Shortcut(_("New quotation"), f"/sales/quotations/new/?customer={row['id']}", "file-description"))
    if ctx.rights.can("sales.order", "create") and not row.get("on_hold"):
        out.append(Shortcut(_("New order"), f"/sales/orders/new/?customer={row['id']}", "plus", main=True))
    return out
