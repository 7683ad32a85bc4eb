"""Looking at what exists and making an order's counters and states right: derived, idempotent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, DecimalField, F, Sum, Value, When

from kontor.context import Context
from kontor.database import rows
from kontor.documents import gate
from kontor.values.money import round_amount
from suite.inventory import api as inventory
from suite.sales import rules
from suite.sales.closing import close
from suite.sales.demand import ref
from suite.sales.models import Invoice, InvoiceLine, Order, OrderLine
from suite.sales.pricing import rate_or_none
from suite.sales.rules import ZERO

NOTHING = inventory.Outcome()
NUMBER = DecimalField(max_digits=20, decimal_places=6)
_HELD = "sales.order held"
_DERIVED = ("delivery_state", "invoice_state", "exposure", "cost", "margin")
Lines = Mapping[UUID, Sequence[OrderLine]]


def process(ctx: Context, order: Order) -> None:
    """Recount everything of one locked order; its action saves what changed."""
    lines = OrderLine.of([order.pk])
    count_goods(ctx, [order], lines)
    count_invoiced([order], lines)
    if settle_states(order, lines[order.pk]) and order.state == Order.State.CONFIRMED:
        close(ctx, [order])
        order.state = Order.State.CLOSED


def goods_moved(ctx: Context, ids: Iterable[UUID]) -> None:
    """Inventory has carried something out for these orders: counters, states, the end."""
    orders, lines = locked(ids, ctx.cache.pop(_HELD, ()))
    count_goods(ctx, orders, lines)
    settle(ctx, orders, lines)


def hold(ctx: Context, ids: Iterable[UUID | None]) -> list[Order]:
    """Lock orders before their goods move; what inventory tells of them then need not read them again."""
    ctx.cache[_HELD] = orders = _locked_orders({pk for pk in ids if pk is not None})
    return orders


def _locked_orders(ids: Collection[UUID]) -> list[Order]:
    """Their keys stay free: an invoice that a receipt writes is checked against its order and must not wait for
    a credit note that holds the order and waits for the invoice.
    """
    found = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    return list(found.order_by("pk")) if ids else []


def locked(ids: Iterable[UUID], held: Sequence[Order] = ()) -> tuple[list[Order], dict[UUID, list[OrderLine]]]:
    """Orders and their lines, locked in id order; ``held`` are those that this call has locked already."""
    wanted = set(ids)
    orders = list(held) if {order.pk for order in held} == wanted else _locked_orders(wanted)
    lines: dict[UUID, list[OrderLine]] = {order.pk: [] for order in orders}
    found = OrderLine.objects.select_for_update(of=("self",), no_key=True).filter(document_id__in=lines)
    for line in found.order_by("pk") if lines else ():
        lines[line.document_id].append(line)
    return orders, lines


def count_goods(ctx: Context, orders: Sequence[Order], lines: Lines) -> None:
    """Delivered, returned and real cost of the goods lines, as inventory tells them."""
    changed: dict[UUID, tuple[Decimal | None, ...]] = {}
    told = inventory.outcomes_of(ctx, [ref(order) for order in orders])
    for order in orders:
        rate = rate_or_none(ctx, ctx.currency, order.currency, order.ordered_on)
        for line in lines[order.pk]:
            done = told.get(line.pk, NOTHING)
            if (done.delivered, done.returned) == (line.delivered, line.returned):
                continue
            line.delivered, line.returned = done.delivered, done.returned
            line.cost = _cost(line, done, rate, order.currency)
            changed[line.pk] = (line.delivered, line.returned, line.cost)
        order.cost, order.margin = rules.margin(order.net, [line.cost for line in lines[order.pk]])
    rows.put(OrderLine, changed, ("delivered", "returned", "cost"))


def _cost(line: OrderLine, done: inventory.Outcome, rate: Decimal | None, currency: str) -> Decimal | None:
    """Real cost of what went and expected cost of the rest, in the order's currency."""
    rest = max(line.base_quantity - done.delivered, ZERO)
    if rate is None or not done.delivered or (rest and line.unit_cost is None):
        return line.cost
    return round_amount(done.cost * rate + (line.unit_cost or ZERO) * rest, currency)


def count_invoiced(orders: Sequence[Order], lines: Lines) -> None:
    """Invoiced quantities from posted invoices, less what credit notes took back."""
    posted = InvoiceLine.objects.filter(
        order_line__in=[line.pk for rows in lines.values() for line in rows],
        document__state__in=(Invoice.State.POSTED, Invoice.State.REVERSED),
    )
    sign = Case(When(document__kind=Invoice.Kind.CREDIT, then=Value(-1)), default=Value(1))
    sums = dict(posted.values_list("order_line").annotate(n=Sum(F("base_quantity") * sign, output_field=NUMBER)))
    changed: dict[UUID, tuple[Decimal | None, ...]] = {}
    for order in orders:
        for line in lines[order.pk]:
            if line.invoiced != sums.get(line.pk, ZERO):
                line.invoiced = sums.get(line.pk, ZERO)
                changed[line.pk] = (line.invoiced,)
    rows.put(OrderLine, changed, ("invoiced",))


def settle_states(order: Order, lines: Sequence[OrderLine]) -> bool:
    """Set the derived states from the lines; whether nothing is left to do."""
    told = [
        rules.Counters(line.base_quantity, line.delivered, line.invoiced, line.returned, line.is_stocked)
        for line in lines
    ]
    order.delivery_state, order.invoice_state = rules.delivery_state(told), rules.invoice_state(told)
    return bool(told) and order.delivery_state == order.invoice_state == rules.ALL


def settle(ctx: Context, orders: Sequence[Order], lines: Lines) -> None:
    """Write the derived states of orders that no action is saving, and close those that are done.

    The version stays: what others do to an order must not make its editor's own save stale.
    """
    done = [
        order.pk for order in orders if settle_states(order, lines[order.pk]) and order.state == Order.State.CONFIRMED
    ]
    rows.put(Order, {order.pk: [getattr(order, name) for name in _DERIVED] for order in orders}, _DERIVED)
    if done:
        gate.perform_many(ctx.as_system(), "sales.order", done, "close")
