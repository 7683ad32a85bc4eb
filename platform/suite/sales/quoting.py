"""Quotations: versions of one number, of which one is accepted, once."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max
from django.utils.translation import gettext as _

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents import gate
from kontor.documents.conversion import Link, link
from kontor.documents.records import Draft, Ref
from kontor.errors import FieldError, Invalid, Refused
from kontor.values.money import round_stored
from suite.sales import copying, pricing
from suite.sales.addresses import frozen_address
from suite.sales.models import Order, OrderLine, Quotation, QuotationLine


def derive(ctx: Context, drafts: list[Draft]) -> None:
    """Dates, terms, prices and totals of quotations in the making."""
    days = int(configuration.get("sales.quotation_days", ctx))
    errors = []
    for draft in drafts:
        q = draft.record
        q.quoted_on = q.quoted_on or ctx.today
        if q.valid_until is None and draft.is_new:
            q.valid_until = q.quoted_on + dt.timedelta(days=days)
        if q.valid_until and q.valid_until < q.quoted_on:
            errors.append(FieldError(f"{draft.at}/valid_until", "invalid", _("It would be over before it begins.")))
    if errors:
        raise Invalid(errors)
    pricing.fill_terms(ctx, drafts)
    pricing.fill_lines(ctx, drafts, lambda q: q.quoted_on)
    for draft in drafts:
        pricing.total(ctx, draft.record, draft.lines.get("lines", []))


def send(ctx: Context, quotation: Quotation, to: str, sent_on: dt.date | None) -> None:
    """Freeze the addresses; a quotation without lines is not sent."""
    if not quotation.lines.exists():
        raise Refused(_("A quotation needs at least one line before it is sent."), code="no_lines")
    quotation.sent_to = to[:200]
    quotation.bill_to = quotation.bill_to or frozen_address(ctx, quotation.customer_id, "invoice")
    quotation.ship_to = quotation.ship_to or frozen_address(ctx, quotation.customer_id, "delivery")
    if sent_on and quotation.valid_until and sent_on > quotation.valid_until:
        raise Refused(
            _("This quotation is valid until %(date)s only. Change its validity before you send it.")
            % {"date": quotation.valid_until}, code="expired",
        )  # fmt: skip


def accept(ctx: Context, quotation: Quotation, accepted_on: dt.date | None) -> Order:
    """The order of an accepted quotation: the same prices, in draft, linked line by line."""
    on = accepted_on or ctx.today
    if quotation.valid_until and on > quotation.valid_until:
        raise Refused(
            _("This quotation was valid until %(date)s. Revise it to make a new version.")
            % {"date": quotation.valid_until}, code="expired",
        )  # fmt: skip
    order = Order(**copying.header(quotation), state=Order.State.DRAFT, ordered_on=on)
    for name in ("freight", "net", "tax", "total", "taxes", "cost", "margin"):
        setattr(order, name, getattr(quotation, name))
    sources = list(quotation.lines.order_by("position"))
    products = pricing.catalog.products(ctx, {s.product_id for s in sources})
    lines = [
        OrderLine(
            **copying.line(s), document=order, position=s.position, amount=s.amount, tax=s.tax,
            promised_on=s.promised_on, is_stocked=products[s.product_id].is_stocked,
            posting_class=products[s.product_id].posting_class,
            tolerance=round_stored(s.base_quantity * products[s.product_id].over_delivery),
        )
        for s in sources
    ]  # fmt: skip
    gate.store(ctx, "sales.order", [Draft(order, lines={"lines": lines})])
    source, target = Ref("sales.quotation", quotation.pk), Ref("sales.order", order.pk)
    link(Link(source, target, s.pk, line.pk, s.base_quantity, s.amount) for s, line in zip(sources, lines, strict=True))
    return order


def revise(ctx: Context, quotation: Quotation) -> Quotation:
    """A new version under the same number; one that is still out is not valid any more."""
    open_draft = Quotation.objects.filter(number=quotation.number, state=Quotation.State.DRAFT).first()
    if open_draft is not None:
        raise Refused(
            _("Version %(edition)d of this quotation is being written already.") % {"edition": open_draft.edition},
            code="already_revised", id=str(open_draft.pk),
        )  # fmt: skip
    if Quotation.objects.filter(number=quotation.number, state=Quotation.State.ACCEPTED).exists():
        raise Refused(_("Another version of this quotation was accepted."), code="already_accepted")
    last = Quotation.objects.filter(number=quotation.number).aggregate(last=Max("edition"))["last"]
    days = (quotation.valid_until - quotation.quoted_on).days if quotation.valid_until else None
    new = Quotation(
        **copying.header(quotation), state=Quotation.State.DRAFT, number=quotation.number, edition=last + 1,
        previous=quotation, quoted_on=ctx.today, freight=quotation.freight,
        valid_until=None if days is None else ctx.today + dt.timedelta(days=days),
    )  # fmt: skip
    for name in ("net", "tax", "total", "taxes", "cost", "margin"):
        setattr(new, name, getattr(quotation, name))
    lines = [
        QuotationLine(
            **copying.line(s), document=new, position=s.position, amount=s.amount, tax=s.tax,
            promised_on=s.promised_on,
        )
        for s in quotation.lines.order_by("position")
    ]  # fmt: skip
    gate.store(ctx, "sales.quotation", [Draft(new, lines={"lines": lines})])
    link([Link(Ref("sales.quotation", quotation.pk), Ref("sales.quotation", new.pk))])
    if quotation.state == Quotation.State.SENT:
        quotation.state = Quotation.State.EXPIRED
    return new


def expire_overdue(ctx: Context, on: dt.date | None = None) -> int:
    """Expire the sent quotations whose validity is over; the nightly task calls it. Returns how many."""
    day = on or ctx.today
    due = Quotation.objects.filter(state=Quotation.State.SENT, valid_until__lt=day).values_list("pk", flat=True)
    ids = list(due)
    if ids:
        gate.perform_many(ctx.as_system(), "sales.quotation", ids, "expire")
    return len(ids)
