"""What confirming an order would bring: what is put aside, what is short and from when it can be promised, credit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kontor.context import Context
from kontor.surfaces.printing.wording import quantity
from kontor.web import showing
from kontor.web.record.foresight import Foreseen, foresight
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.sales.models import OrderLine


@foresight("sales.order", "confirm", "override_credit")
def confirm(ctx: Context, record: Any) -> list[Foreseen]:
    """A row a goods line: reserved, or short with the day from which all can be promised; then the credit."""
    lines = list(OrderLine.objects.filter(document_id=record.pk, is_stocked=True).order_by("position"))
    told = inventory.reserved(ctx, [line.pk for line in lines])
    products = catalog.products(ctx, {line.product_id for line in lines})
    short = [line for line in lines if line.pk in told and told[line.pk].short > 0]
    # its own demand is left out of the sum, so the whole rest of the line is asked for, not what is short alone
    asks = [
        inventory.AvailabilityAsk(
            line.product_id, record.warehouse_id, line.base_quantity - line.delivered, ctx.today, owner_id=record.pk
        ) for line in short
    ]  # fmt: skip
    answers = inventory.availability(ctx, asks) if asks else []
    days = {line.pk: answer.promise_on for line, answer in zip(short, answers, strict=True)}
    out = []
    for line in lines:
        if line.pk in told:
            out.append(_row(ctx, products[line.product_id], told[line.pk], days.get(line.pk)))
    out.sort(key=lambda row: row.look != "warn")
    return [*out, *_credit(ctx, record)]


def _row(ctx: Context, product: Any, held: Any, day: Any) -> Foreseen:
    name = f"{product.code} {product.name}"
    if held.short <= 0:
        fact = _("%(n)s reserved") % {"n": quantity(held.reserved, product.unit_name)}
        return Foreseen(name, fact=fact, look="ok", icon="circle-check")
    words = [_("%(n)s reserved now") % {"n": quantity(held.reserved)}] if held.reserved else []
    if held.expected:
        words.append(_("%(n)s promised from what is expected") % {"n": quantity(held.expected)})
    words.append(
        _("all can be promised from %(date)s") % {"date": showing.date(day, ctx.today)} if day
        else _("nothing is on the way: it has to be bought")
    )  # fmt: skip
    fact = _("%(n)s short") % {"n": quantity(held.short, product.unit_name)}
    return Foreseen(name, " · ".join(words), fact, "warn", "alert-triangle")


def _credit(ctx: Context, record: Any) -> list[Foreseen]:
    """What of the customer's limit is used after this order; for those who may see credit."""
    if not ctx.rights.sees("credit"):
        return []
    state = finance.credit(ctx, record.customer_id)
    if state.limit is None or state.free is None:
        return []
    note = _("%(used)s of %(limit)s used with this order") % {
        "used": showing.amount_plain(state.used, ctx.currency), "limit": showing.amount_plain(state.limit, ctx.currency)
    }  # fmt: skip
    free = showing.amount_plain(abs(state.free), ctx.currency)
    if state.free < 0:
        return [Foreseen(_("Credit limit"), note, _("over by %(amount)s") % {"amount": free}, "bad", "credit-card")]
    return [Foreseen(_("Credit limit"), note, _("free %(amount)s") % {"amount": free}, "", "credit-card")]
