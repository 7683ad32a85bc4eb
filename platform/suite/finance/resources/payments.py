"""Money accounts, and the money that comes in and goes out: receipts and refunds, two faces of one table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Numbering
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Computed, Resource, Rows
from kontor.resources.layout import Facts, Lines, Related, Row, Timeline, Trace
from kontor.resources.registry import register, relate
from suite.finance import receiving, refunding
from suite.finance.models import MoneyAccount, Payment


@register
class MoneyAccountResource(Resource):
    """Bank accounts, cash boxes, tills and wallets."""

    model = MoneyAccount
    name = "finance.money_account"
    menu = "finance"
    label, label_plural, icon = _("Money account"), _("Money accounts"), "building-bank"
    columns = "code name kind currency account bank_name bank_number is_active"
    form = [Row("code name kind"), Row("currency account"), Row("bank_name bank_number is_active")]
    detail = [
        Facts("code name kind currency account bank_name bank_number is_active"),
        Related("finance.receipt"),
        Timeline(),
    ]
    filters = "kind currency is_active"
    search = {"code": "A", "name": "A", "bank_number": "B"}
    phone = "name currency code kind"
    imports = "code name kind currency account__code bank_name bank_number"
    title, order = "name", "code"
    roles = {"accountant": "* delete", "sales_lead": "view", "sales": "view"}


@register
class PaymentResource(Resource):
    """All money in and out; people use its faces."""

    model = Payment
    label, label_plural, icon = _("Payment"), _("Payments"), "cash"
    columns = "number direction received_on party amount currency state"
    filters = "direction party state account received_on"
    creatable = editable = deletable = False
    roles = {"accountant": "view export"}


_FORM = (Row("party received_on"), Row("account amount currency rate"), Row("reference note"))
_BELOW = (Related("finance.voucher"), Trace(), Timeline())
_ROW = {
    "invoice": Input("reference", _("Invoice"), required=True, relation="finance.open_item"),
    "amount": Input("amount", _("Amount"), required=True),
    "discount": Input("amount", _("Discount")),
    "write_off": Input("amount", _("Write-off")),
}

_post = action(Payment.State.DRAFT, to=Payment.State.POSTED, event="posted", label=_("Post"), main=True, effects=True)
_reverse = action(
    Payment.State.POSTED,
    to=Payment.State.REVERSED,
    event="reversed",
    label=_("Reverse"),
    sensitive=True,
    effects=True,
    body={"reason": Input("text", _("Reason"), required=True)},
    confirm=_("Allocations are undone and counter-vouchers posted. This cannot be undone."),
)


def _allocations(columns: str, label: Any, *, hidden: str) -> Rows:
    return Rows(
        "finance.Allocation", "payment", columns, label, hidden=hidden, relations={"invoice": "finance.open_item"}
    )


class PaymentFace(Resource):
    """What receipts and refunds have in common: one table, one lifecycle, the same readers."""

    of = "finance.payment"
    states = Payment.State
    menu = "finance"
    relations = {"party": "parties.party"}
    hidden = "direction custom"
    filters = "party state account received_on currency owner"
    search = {"number": "A", "party__name": "A", "reference": "B"}
    phone = "party amount received_on state"
    order = "-received_on"
    sums = "amount"
    steps = "draft posted"
    roles = {"accountant": "* reverse delete", "sales_lead": "view export", "sales": "view"}


@register
class ReceiptResource(PaymentFace):
    """Money received: settles invoices, the rest is an advance of the customer."""

    name = "finance.receipt"
    where = {"direction": Payment.Direction.IN}
    numbering = Numbering("RC-{yy}{mm}-{n:04}")
    label, label_plural, icon = _("Receipt"), _("Receipts"), "cash"
    columns = "number received_on party amount currency account unallocated owner state"
    form = [
        *_FORM,
        Lines("allocations", "invoice amount discount write_off"),
    ]
    detail = [
        Facts("party received_on account amount unallocated currency rate reference note owner"),
        Lines("allocations", "invoice amount discount write_off exchange state allocated_on undone_on"),
        *_BELOW,
    ]
    rows = {
        "allocations": _allocations(
            "invoice amount discount write_off state", _("Settles"), hidden="invoice_book cover_book"
        )
    }
    computed = {
        "unallocated": Computed("amount", _("not allocated"), receiving.unallocated, currency="currency"),
    }
    imports = "party received_on account__code amount currency rate reference note allocations"

    @staticmethod
    @_post
    def post(receipt: Any, ctx: Any) -> None:
        """Post the money and settle what is planned."""
        receiving.post(receipt, ctx)

    @staticmethod
    @action(
        Payment.State.POSTED,
        event="allocated",
        label=_("Allocate"),
        effects=True,
        body={"allocations": Input("lines", _("Settles"), required=True, lines=_ROW)},
    )
    def allocate(receipt: Any, ctx: Any, allocations: list[dict[str, Any]]) -> None:
        """Settle invoices with what is left."""
        receiving.allocate(receipt, ctx, allocations)

    @staticmethod
    @action(
        Payment.State.POSTED,
        event="unallocated",
        label=_("Undo allocation"),
        effects=True,
        body={"allocation": Input("id", _("Allocation"), required=True)},
    )
    def unallocate(receipt: Any, ctx: Any, allocation: UUID) -> None:
        """Make one allocation an advance again."""
        receiving.unallocate(receipt, ctx, allocation)

    @staticmethod
    @_reverse
    def reverse(receipt: Any, ctx: Any, reason: str) -> None:
        """The cheque bounced, or it was a mistake."""
        receiving.reverse(receipt, ctx, reason)


@register
class RefundResource(PaymentFace):
    """Money paid back to a customer: what a receipt left over, or what a credit note owes."""

    name = "finance.refund"
    where = {"direction": Payment.Direction.OUT}
    numbering = Numbering("RF-{yy}{mm}-{n:04}")
    label, label_plural, icon = _("Refund"), _("Refunds"), "cash-banknote"
    columns = "number received_on party amount currency account owner state"
    form = [
        *_FORM,
        Lines("allocations", "invoice amount"),
    ]
    detail = [
        Facts("party received_on account amount currency rate reference note owner"),
        Lines("allocations", "invoice amount exchange state allocated_on undone_on"),
        *_BELOW,
    ]
    rows = {
        "allocations": _allocations(
            "invoice amount state", _("Pays back"), hidden="invoice_book cover_book discount write_off"
        )
    }

    @staticmethod
    @_post
    def post(refund: Any, ctx: Any) -> None:
        """Pay back what the rows name, or without rows the customer's oldest credit."""
        refunding.post(refund, ctx)

    @staticmethod
    @_reverse
    def reverse(refund: Any, ctx: Any, reason: str) -> None:
        """The money came back, or it was a mistake."""
        refunding.reverse(refund, ctx, reason)


relate("parties.customer", "finance.receipt", "party")
relate("finance.receipt", "finance.voucher", "source_id")
relate("parties.customer", "finance.refund", "party")
relate("finance.refund", "finance.voucher", "source_id")
relate("finance.money_account", "finance.receipt", "account")
