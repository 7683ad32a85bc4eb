"""Sales by customer, product, person or month, beside another time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, DateField, DecimalField, F, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from kontor.access.scope import predicate
from kontor.context import Context
from kontor.reports.api import FLOW, Column, Drill, Line, Parameter, Table, report
from kontor.resources import registry
from kontor.values.money import round_amount
from suite.sales.models import Invoice, InvoiceLine
from suite.sales.rules import ZERO

_NUMBER = DecimalField(max_digits=30, decimal_places=10)
_BY = (
    ("customer", gettext_lazy("Customer")),
    ("product", gettext_lazy("Product")),
    ("owner", gettext_lazy("Sales person")),
    ("month", gettext_lazy("Month")),
)
_COMPARE = (
    ("year", gettext_lazy("The same time last year")),
    ("before", gettext_lazy("The time before")),
    ("none", gettext_lazy("Nothing")),
)
_ROLES = {"sales_lead": "view export", "sales": "view export", "accountant": "view export"}
_KEYS = {
    "customer": (F("document__customer_id"), F("document__customer__party__name")),
    "product": (F("product_id"), F("product__name")),
    "owner": (F("document__owner_id"), F("document__owner__name")),
}


@report(
    "sales",
    module="sales",
    label=gettext_lazy("Sales"),
    description=gettext_lazy("What was invoiced, less credits, without tax, in the company's currency."),
    period=FLOW,
    parameters=(
        Parameter("by", gettext_lazy("By"), "choice", choices=_BY, default=lambda ctx: "customer"),
        Parameter("compare", gettext_lazy("Compare with"), "choice", choices=_COMPARE, default=lambda ctx: "year"),
        Parameter("customer", gettext_lazy("Customer"), "reference", relation="parties.customer"),
        Parameter("product", gettext_lazy("Product"), "reference", relation="catalog.product"),
        Parameter("owner", gettext_lazy("Sales person"), "reference", relation="organization.employee"),
    ),
    roles=_ROLES,
    icon="chart-bar",
)
def sales(ctx: Context, parameters: Mapping[str, Any]) -> Table:
    """Revenue by one dimension beside that of another time; margin for those who may see it."""
    start, end, by = parameters["from"], parameters["to"], parameters["by"]
    now = _sums(ctx, start, end, by, parameters)
    other = compared(start, end, parameters["compare"])
    then = _sums(ctx, *other, by, parameters) if other else {}
    if by == "month" and other:
        then = {_shifted(key, start, other[0]): told for key, told in then.items()}
    margins, counts = ctx.rights.sees("cost"), by == "product"
    columns = [Column("name", dict(_BY)[by])]
    columns += [Column("quantity", _("Quantity"), "quantity")] if counts else []
    columns.append(Column("net", _("Net"), "amount", ctx.currency))
    if margins:
        columns += [Column("margin", _("Margin"), "amount", ctx.currency), Column("share", _("Margin %"), "percent")]
    if other:
        span = f"{other[0]} – {other[1]}"
        columns += [
            Column("before", span, "amount", ctx.currency),
            Column("change", pgettext("figure", "Change"), "percent"),
        ]
    keys = sorted({*now, *then}) if by == "month" else sorted(
        {*now, *then}, key=lambda k: (-(now.get(k) or then[k]).net if k in now else ZERO, str(k))
    )  # fmt: skip
    rows = [_line(ctx, k, now.get(k), then.get(k), by, parameters, (counts, margins, bool(other))) for k in keys]
    return Table(columns, rows, _totals(now, then, (counts, margins, bool(other))))


class _Told:
    """Sums of one key."""

    __slots__ = ("cost", "name", "net", "quantity")

    def __init__(self, name: str, quantity: Decimal, net: Decimal, cost: Decimal | None) -> None:
        self.name, self.quantity, self.net, self.cost = name, quantity, net, cost


def compared(start: dt.date, end: dt.date, how: str) -> tuple[dt.date, dt.date] | None:
    """The span to compare with: a year earlier, or as many days before."""
    if how == "year":
        return _year_before(start), _year_before(end)
    if how == "before":
        return start - (end - start) - dt.timedelta(days=1), start - dt.timedelta(days=1)
    return None


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _sums(ctx: Context, start: dt.date, end: dt.date, by: str, parameters: Mapping[str, Any]) -> dict[Any, _Told]:
    invoices = Invoice.objects.filter(
        predicate(ctx, registry.spec("sales.invoice")), posted_on__gte=start, posted_on__lte=end
    ).exclude(state=Invoice.State.DRAFT)
    rows = InvoiceLine.objects.filter(document__in=invoices.values("pk"), product__isnull=False)
    for name, path in (
        ("customer", "document__customer_id"),
        ("product", "product_id"),
        ("owner", "document__owner_id"),
    ):
        if parameters.get(name):
            rows = rows.filter(**{path: parameters[name]})
    sign = Case(When(document__kind=Invoice.Kind.CREDIT, then=Value(-1)), default=Value(1))
    if by == "month":
        month = TruncMonth("document__posted_on", output_field=DateField())
        keyed = rows.annotate(key=month, name=Cast(month, CharField()))
    else:
        key, called = _KEYS[by]
        keyed = rows.annotate(key=key, name=called)
    told = (
        keyed.order_by()
        .values_list("key", "name")
        .annotate(
            quantity=Sum(F("base_quantity") * sign, output_field=_NUMBER),
            net=Sum(F("amount") * F("document__rate") * sign, output_field=_NUMBER),
            cost=Sum(
                Coalesce("cost", Value(ZERO), output_field=_NUMBER) * F("document__rate") * sign, output_field=_NUMBER
            ),
        )
    )
    return {
        key: _Told(name[:7] if by == "month" else name or "–", n, round_amount(net, ctx.currency),
                   round_amount(cost, ctx.currency))
        for key, name, n, net, cost in told
    }  # fmt: skip


def _shifted(key: dt.date, start: dt.date, other: dt.date) -> dt.date:
    """A month of the compared span as the month of the asked one that stands beside it."""
    months = key.year * 12 + key.month - 1 + (start.year - other.year) * 12 + start.month - other.month
    return dt.date(months // 12, months % 12 + 1, 1)


def _line(
    ctx: Context, key: Any, now: _Told | None, then: _Told | None, by: str, parameters: Mapping[str, Any],
    shown: tuple[bool, bool, bool],
) -> Line:  # fmt: skip
    name = now.name if now else str(key)[:7] if by == "month" else then.name if then else ""
    values = [name, *_figures(now, then, shown)]
    if by == "month":
        drill = Drill(report="sales", parameters={**_given(parameters), **_month(key), "by": "customer"})
    elif by == "customer":
        drill = Drill(
            "sales.invoice",
            filters={"customer": str(key), "posted_on__gte": str(parameters["from"]),
                     "posted_on__lte": str(parameters["to"])},
        )  # fmt: skip
    else:
        drill = Drill(
            report="sales", parameters={**_given(parameters), by: str(key) if key else None, "by": "customer"}
        )
    return Line(values, drill)


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {k: str(v) for k, v in parameters.items() if v is not None}


def _month(key: dt.date) -> dict[str, str]:
    following = (key.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return {"from": str(key), "to": str(following - dt.timedelta(days=1))}


def _figures(now: _Told | None, then: _Told | None, shown: tuple[bool, bool, bool]) -> list[Any]:
    counts, margins, other = shown
    net = now.net if now else ZERO
    out: list[Any] = [now.quantity if now else ZERO] if counts else []
    out.append(net)
    if margins:
        margin = net - (now.cost or ZERO) if now else ZERO
        out += [margin, _share(margin, net)]
    if other:
        before = then.net if then else ZERO
        out += [before, _share(net - before, before)]
    return out


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(Decimal("0.0001")) if whole else None


def _totals(now: Mapping[Any, _Told], then: Mapping[Any, _Told], shown: tuple[bool, bool, bool]) -> list[Any]:
    def whole(rows: Mapping[Any, _Told]) -> _Told:
        return _Told(
            "", ZERO, sum((t.net for t in rows.values()), ZERO), sum((t.cost or ZERO for t in rows.values()), ZERO)
        )

    figures = _figures(whole(now), whole(then), shown)
    if shown[0]:
        figures[0] = None  # pieces and metres do not add up
    return [None, *figures]
