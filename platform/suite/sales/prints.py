"""Quotation, order, delivery note and invoice on paper, in the customer's language."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kontor.context import Context
from kontor.errors import NotFound
from kontor.fields import api as fields
from kontor.resources import registry
from kontor.surfaces.printing import Block, Cell, Column, Fact, Note, Sheet, Total, printout
from kontor.surfaces.printing.letterhead import letterhead, logo
from kontor.surfaces.printing.wording import amount_in_words, date, money, percent, price, quantity
from suite.catalog import api as catalog
from suite.finance import api as finance
from suite.inventory import api as inventory
from suite.parties import api as parties
from suite.sales.addresses import frozen_address
from suite.sales.models import Invoice, Order, Quotation


@printout("sales.quotation", title=gettext_lazy("Quotation"))
def quotation(ctx: Context, pk: UUID) -> Sheet:
    """The offer as the customer gets it."""
    doc = _get(Quotation, pk)
    with translation.override(_language(ctx, doc.customer_id)):
        facts = [
            Fact(_("Date"), date(doc.quoted_on)),
            Fact(_("Valid until"), date(doc.valid_until)),
            *([Fact(_("Version"), str(doc.edition))] if doc.edition > 1 else []),
            *_common(doc),
        ]
        return _sheet(ctx, doc, _("Quotation"), facts, signatures=(_("For us"), _("Accepted by the customer")))


@printout("sales.order", title=gettext_lazy("Order confirmation"))
def order(ctx: Context, pk: UUID) -> Sheet:
    """What was agreed."""
    doc = _get(Order, pk)
    with translation.override(_language(ctx, doc.customer_id)):
        facts = [
            Fact(_("Order date"), date(doc.ordered_on)),
            *([Fact(_("Promised"), date(doc.promised_on))] if doc.promised_on else []),
            *_common(doc),
        ]
        return _sheet(ctx, doc, _("Order confirmation"), facts, ship=True)


@printout("sales.invoice", title=gettext_lazy("Invoice"))
def invoice(ctx: Context, pk: UUID) -> Sheet:
    """Invoice, deposit request or credit note: the kind decides the title."""
    doc = _get(Invoice, pk)
    with translation.override(_language(ctx, doc.customer_id)):
        titles = {"invoice": _("Invoice"), "deposit": _("Deposit invoice"), "credit": _("Credit note")}
        facts = [
            Fact(_("Date"), date(doc.posted_on)),
            *([Fact(_("Due"), date(doc.due_on))] if doc.due_on and doc.kind != Invoice.Kind.CREDIT else []),
            *([Fact(_("Order"), doc.order.number)] if doc.order else []),
            *([Fact(_("Credits invoice"), doc.credits.number)] if doc.credits else []),
            *_common(doc),
        ]
        more = []
        if doc.advance:
            more = [
                Total(_("Deposits taken up"), money(-doc.advance, doc.currency)),
                Total(_("To be paid"), money(doc.total - doc.advance, doc.currency), grand=True),
            ]
        account = () if doc.kind == Invoice.Kind.CREDIT else _account(ctx, doc)
        return _sheet(ctx, doc, titles[doc.kind], facts, more=more, payment=account)


@printout("sales.delivery", title=gettext_lazy("Delivery note"), name="delivery")
def delivery(ctx: Context, pk: UUID) -> Sheet:
    """What is in the box: no prices."""
    doc: Any = _get(registry.spec("sales.delivery").model, pk)
    with translation.override(_language(ctx, doc.party_id)):
        told = [line for line in inventory.operation(ctx, pk).lines if line.done or doc.state == "draft"]
        products = catalog.products(ctx, {line.product_id for line in told})
        rows = tuple(
            (
                str(i), Cell(products[x.product_id].code, products[x.product_id].name),
                quantity(x.done or x.quantity, products[x.product_id].unit_name),
            )
            for i, x in enumerate(told, start=1)
        )  # fmt: skip
        source = Order.objects.filter(pk=doc.owner_ref_id).values_list("number", "customer_reference").first()
        number, reference = source or ("", "")
        facts = (
            Fact(_("Shipped on"), date(doc.done_on)),
            *((Fact(_("Order"), number),) if number else ()),
            *((Fact(_("Your number"), reference),) if reference else ()),
            *((Fact(_("Carrier"), f"{doc.carrier} {doc.tracking}".strip()),) if doc.carrier else ()),
        )
        return Sheet(
            title=_("Delivery note"), number=doc.number, language=_language(ctx, doc.party_id),
            company=letterhead(ctx, doc.branch_id), logo=logo(ctx),
            party=_block(doc.address or frozen_address(ctx, doc.party_id, "delivery"), _("Deliver to")), facts=facts,
            columns=(Column("#"), Column(_("Product"), share=1), Column(_("Quantity"), align="right")), rows=rows,
            notes=(Note(doc.notes),) if doc.notes else (), signatures=(_("Shipped by"), _("Received by")),
            mark=_mark(doc.state), totals=_pieces(told, products),
        )  # fmt: skip


def _pieces(told: list[Any], products: Any) -> tuple[Total, ...]:
    """How many lines, and the sum where all are counted in one unit."""
    units = {products[x.product_id].unit_name for x in told}
    out = [Total(_("Lines"), str(len(told)))]
    if len(units) == 1:
        total = sum((x.done or x.quantity for x in told), Decimal(0))
        out.append(Total(_("Total quantity"), quantity(total, units.pop()), grand=True))
    return tuple(out)


def _get(model: Any, pk: UUID) -> Any:
    found = model._default_manager.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _language(ctx: Context, customer_id: UUID) -> str:
    known = parties.customers(ctx, [customer_id]).get(customer_id)
    return (known.language if known else "") or ctx.language


def _common(doc: Any) -> Iterable[Fact]:
    if doc.customer_reference:
        yield Fact(_("Your number"), doc.customer_reference)
    term = fields.item(doc.payment_term_id) if doc.payment_term_id else None
    if term:
        yield Fact(_("Payment"), term.name)
    yield Fact(_("Currency"), doc.currency)


def _sheet(
    ctx: Context, doc: Any, title: str, facts: Iterable[Fact], *, ship: bool = False, more: Iterable[Total] = (),
    signatures: tuple[str, ...] = (), payment: tuple[Fact, ...] = (),
) -> Sheet:  # fmt: skip
    lines = list(doc.lines.select_related("product", "unit").order_by("position"))
    discounts = any(line.discount for line in lines)
    columns = [
        Column("#"), Column(_("Product"), share=1), Column(_("Quantity"), align="right"),
        Column(_("Unit price"), align="right"),
    ]  # fmt: skip
    if discounts:
        columns.append(Column(_("Discount"), align="right"))
    columns.append(Column(_("Amount"), align="right"))
    language = _language(ctx, doc.customer_id)
    rows = tuple(_row(i, line, doc.currency, discounts, language) for i, line in enumerate(lines, start=1))
    address = doc.bill_to or frozen_address(ctx, doc.customer_id, "invoice")
    blocks: tuple[Block, ...] = ()
    if ship:
        blocks = (_block(doc.ship_to or frozen_address(ctx, doc.customer_id, "delivery"), _("Deliver to")),)
    return Sheet(
        title=title, number=doc.number, language=language, company=letterhead(ctx, doc.branch_id), logo=logo(ctx),
        party=_block(address), blocks=blocks, facts=tuple(facts), columns=tuple(columns), rows=rows,
        totals=(*_totals(doc), *more), in_words=amount_in_words(doc.total, doc.currency, language),
        notes=(Note(doc.note),) if doc.note else (), signatures=signatures, mark=_mark(doc.state),
        carried=_running(lines, doc.currency), payment=payment, payment_title=_("Please pay to") if payment else "",
        stamp=_("Company seal") if language.startswith("zh") else "",
    )  # fmt: skip


def _running(lines: list[Any], currency: str) -> tuple[str, ...]:
    """The sum of the lines so far after each of them, for pages that carry it on."""
    total, out = Decimal(0), []
    for line in lines:
        total += line.amount
        out.append(money(total, currency))
    return tuple(out)


def _account(ctx: Context, doc: Any) -> tuple[Fact, ...]:
    """The bank account in the document's currency; nothing where the company names none."""
    found = finance.bank_account(ctx, doc.currency)
    if found is None:
        return ()
    facts = [Fact(_("Bank"), found.bank), Fact(_("Account number"), found.number), Fact(_("Payee"), found.holder)]
    facts.append(Fact(_("Reference"), doc.number or "–"))
    return tuple(f for f in facts if f.value)


def _row(i: int, line: Any, currency: str, discounts: bool, language: str) -> tuple[str | Cell, ...]:
    name = Cell(line.product.code, _said(line, language)) if line.product else line.description
    cells: list[str | Cell] = [
        str(i), name, quantity(line.quantity, line.unit.name if line.unit else ""), price(line.unit_price, currency)
    ]  # fmt: skip
    if discounts:
        cells.append(percent(line.discount) if line.discount else "")
    return (*cells, money(line.amount, currency))


def _said(line: Any, language: str) -> str:
    """The description; one that was taken from the product is told by the product's name in the reader's language."""
    other = line.product.other_names.get(language) if line.description in ("", line.product.name) else ""
    return str(other or line.description)


def _totals(doc: Any) -> Iterable[Total]:
    yield Total(_("Net"), money(doc.net, doc.currency))
    if doc.freight:
        yield Total(_("Freight"), money(doc.freight, doc.currency))
    for tax in doc.taxes:
        rate = percent(Decimal(tax["rate"]))
        name = tax["name"] if rate in tax["name"] else f"{tax['name']} {rate}"  # many are named with their rate
        yield Total(name, money(Decimal(tax["amount"]), doc.currency))
    yield Total(_("Total"), money(doc.total, doc.currency, symbol=True), grand=True)


def _block(address: dict[str, Any], label: str = "") -> Block:
    lines = [str(x) for x in address.get("lines") or () if x]
    if not lines:
        lines = [str(address[k]) for k in ("street", "city", "region", "postal_code", "country") if address.get(k)]
    person = "  ".join(str(address[k]) for k in ("contact", "phone") if address.get(k))
    if person:
        lines.append(person)
    if address.get("tax_number"):
        lines.append(_("Tax no. %s") % address["tax_number"])
    return Block(str(address.get("name") or ""), tuple(lines), label)


def _mark(state: str) -> str:
    return {"draft": _("DRAFT"), "cancelled": _("CANCELLED"), "reversed": _("REVERSED")}.get(state, "")
