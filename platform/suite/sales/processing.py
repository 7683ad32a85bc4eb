"""Looking at what exists and making an order's counters and states right: derived, idempotent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, DecimalField, F, Sum, Value, When

from kontor import clock
from kontor.context import Context
from kontor.documents import gate
from kontor.values.money import round_amount
from suite.inventory import api as inventory
from suite.sales import counters, rules
from suite.sales.demand import ref
from suite.sales.models import Invoice, InvoiceLine, Order, OrderLine
from suite.sales.pricing import rate_or_none
from suite.sales.rules import ZERO

NOTHING = inventory.Outcome()
NUMBER = DecimalField(max_digits=20, decimal_places=6)
_HELD = "sales.order held"
Lines = Mapping[UUID, Sequence[OrderLine]]


def process(ctx: Context, order: Order) -> None:
    """Recount everything of one locked order; its action saves what changed."""
    lines = list(order.lines.order_by("position"))
    count_goods(ctx, [order], {order.pk: lines})
    count_invoiced([order], {order.pk: lines})
    if settle_states(order, lines) and order.state == Order.State.CONFIRMED:
        from suite.sales.closing import close

        close(ctx, order)
        order.state = Order.State.CLOSED


def goods_moved(ctx: Context, ids: Iterable[UUID]) -> None:
    """Inventory has carried something out for these orders: counters, states, the end."""
    orders, lines = locked(ids, ctx.cache.pop(_HELD, None))
    count_goods(ctx, orders, lines)
    settle(ctx, orders, lines)


def hold(ctx: Context, pk: UUID | None) -> Order | None:
    """Lock an order before its goods move; what inventory tells of it then need not read it again."""
    order = (
        None
        if pk is None
        else Order.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).order_by().first()
    )
    ctx.cache[_HELD] = order
    return order


def locked(ids: Iterable[UUID], held: Order | None = None) -> tuple[list[Order], dict[UUID, list[OrderLine]]]:
    """Orders and their lines, locked in id order; ``held`` is one that this call has locked already.

    Their keys stay free: an invoice that a receipt writes is checked against its order and must not wait for
    a credit note that holds the order and waits for the invoice.
    """
    wanted = set(ids)
    if held is not None and wanted == {held.pk}:
        orders = [held]
    else:
        orders = list(Order.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted).order_by("pk"))
    lines: dict[UUID, list[OrderLine]] = {order.pk: [] for order in orders}
    rows = OrderLine.objects.select_for_update(of=("self",), no_key=True).filter(document_id__in=lines).order_by("pk")
    for line in rows:
        lines[line.document_id].append(line)
    return orders, lines


def count_goods(ctx: Context, orders: Sequence[Order], lines: Lines) -> None:
    """Delivered, returned and real cost of the goods lines, as inventory tells them."""
    changed: dict[UUID, tuple[Decimal | None, ...]] = {}
    for order in orders:
        told = inventory.outcome_of(ctx, ref(order))
        rate = rate_or_none(ctx, ctx.currency, order.currency, order.ordered_on) if told else None
        for line in lines[order.pk]:
            done = told.get(line.pk, NOTHING)
            if (done.delivered, done.returned) == (line.delivered, line.returned):
                continue
            line.delivered, line.returned = done.delivered, done.returned
            line.cost = _cost(line, done, rate, order.currency)
            changed[line.pk] = (line.delivered, line.returned, line.cost)
        order.cost, order.margin = rules.margin(order.net, [line.cost for line in lines[order.pk]])
    counters.write(OrderLine, ("delivered", "returned", "cost"), changed)


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
    counters.write(OrderLine, ("invoiced",), changed)


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
    done = []
    for order in orders:
        finished = settle_states(order, lines[order.pk])
        Order.objects.filter(pk=order.pk).update(
            delivery_state=order.delivery_state, invoice_state=order.invoice_state, exposure=order.exposure,
            cost=order.cost, margin=order.margin, updated_at=clock.now(),
        )  # fmt: skip
        if finished and order.state == Order.State.CONFIRMED:
            done.append(order.pk)
    if done:
        gate.perform_many(ctx.as_system(), "sales.order", done, "close")
