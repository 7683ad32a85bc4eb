"""The workbench of those who sell, ship and collect."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.resources import registry
from kontor.surfaces.printing.wording import date, money
from kontor.surfaces.query import Ask, select
from kontor.web.cards import Card, CardRow, Figure
from kontor.web.workbench import card, figure
from suite.sales.models import Invoice, Order
from suite.sales.pricing import rate_or_none
from suite.sales.rules import ZERO

_SALES = "sales sales_lead manager"


@card("sales.my_open_orders", roles=_SALES, column="do", order=20)
def my_open_orders(ctx: Context) -> Card | None:
    """Confirmed orders of mine that are not done, the nearest promise first."""
    return _orders_card(ctx, _("My open orders"), {"state": "confirmed", "owner": str(ctx.employee_id)})


@card("sales.late_orders", roles=f"{_SALES} warehouse", column="do", order=10)
def late_orders(ctx: Context) -> Card | None:
    """Orders whose promised date is over."""
    return _orders_card(ctx, _("Late orders"), {"late": "true"}, hide_empty=True)


@card("sales.to_ship", roles="warehouse sales_lead manager", column="do", order=15)
def to_ship(ctx: Context) -> Card | None:
    """Deliveries that are drawn up and not shipped."""
    spec = registry.spec("sales.delivery")
    if not ctx.rights.can(spec.name, "view"):
        return None
    ask = Ask(("party", "order_number", "planned_on"), {"state": "draft"}, limit=6, count="capped", titles=True)
    page = select(ctx, spec, ask)
    rows = [
        CardRow(
            str(row["party__title"] or ""), f"/{spec.path}/{row['id']}/", row["order_number"] or "",
            date(row["planned_on"]), spec.icon, "bad" if row["planned_on"] and row["planned_on"] < ctx.today else "",
        )
        for row in page.rows
    ]  # fmt: skip
    href = f"/{spec.path}/?state=draft"
    return Card(_("To ship"), rows, count=page.count_text, href=href, empty=_("Nothing waits to be shipped."))


def _orders_card(ctx: Context, title: str, filters: dict[str, str], *, hide_empty: bool = False) -> Card | None:
    spec = registry.spec("sales.order")
    if not ctx.rights.can(spec.name, "view") or filters.get("owner") == "None":
        return None
    ask = Ask(
        ("number", "customer", "promised_on", "total", "currency"), filters, order="promised_on", limit=6,
        count="capped", titles=True,
    )  # fmt: skip
    page = select(ctx, spec, ask)
    if hide_empty and not page.rows:
        return None
    rows = [
        CardRow(
            f"{row['number']} · {row['customer__title']}", f"/{spec.path}/{row['id']}/", date(row["promised_on"]),
            money(row["total"], row["currency"], symbol=True), spec.icon,
            "bad" if row["promised_on"] and row["promised_on"] < ctx.today else "",
        )
        for row in page.rows
    ]  # fmt: skip
    href = f"/{spec.path}/?" + "&".join(f"{k}={v}" for k, v in filters.items())
    return Card(title, rows, count=page.count_text, href=href, empty=_("No open orders."))


@figure("sales.orders_this_month", roles=_SALES, order=10)
def orders_this_month(ctx: Context) -> Figure | None:
    """What was ordered this month beside the same days of the last."""
    spec = registry.spec("sales.order")
    if not ctx.rights.can(spec.name, "view"):
        return None
    start = ctx.today.replace(day=1)
    last = (start - dt.timedelta(days=1)).replace(day=1)
    until = min(last + (ctx.today - start), start - dt.timedelta(days=1))
    now, then = _ordered(ctx, start, ctx.today), _ordered(ctx, last, until)
    note, look = _("none last month"), ""
    if then:
        change = (now - then) / then
        note = _("%(change)s against last month") % {"change": f"{change:+.0%}"}
        look = "ok" if change >= 0 else "warn"
    href = f"/{spec.path}/?ordered_on__gte={start}&state__in=confirmed,closed"
    return Figure(_("Orders this month"), money(now, ctx.currency, symbol=True), note, look, href)


def _ordered(ctx: Context, start: dt.date, end: dt.date) -> Decimal:
    rows = Order.objects.filter(
        predicate(ctx, registry.spec("sales.order")), ordered_on__gte=start, ordered_on__lte=end,
        state__in=(Order.State.CONFIRMED, Order.State.CLOSED),
    )  # fmt: skip
    total = ZERO
    for currency, net in rows.values_list("currency").annotate(n=Sum("net")):
        total += net * (rate_or_none(ctx, currency, ctx.currency, end) or ZERO)
    return total


@figure("sales.overdue_receivables", roles=f"{_SALES} accountant", order=20)
def overdue_receivables(ctx: Context) -> Figure | None:
    """What customers should have paid already, and how many they are."""
    spec = registry.spec("sales.invoice")
    if not ctx.rights.can(spec.name, "view"):
        return None
    rows = Invoice.objects.filter(
        predicate(ctx, spec), state=Invoice.State.POSTED, due_on__lt=ctx.today, open_amount__gt=0
    ).exclude(kind=Invoice.Kind.CREDIT)
    total = rows.aggregate(n=Sum(F("open_amount") * F("rate")))["n"] or ZERO
    count = rows.values("customer_id").distinct().count()
    note = ngettext("%(n)d customer", "%(n)d customers", count) % {"n": count} if count else _("nobody owes overdue")
    href = f"/{spec.path}/?overdue=true"
    return Figure(
        _("Overdue receivables"), money(total, ctx.currency, symbol=True), note, "bad" if total else "ok", href
    )
