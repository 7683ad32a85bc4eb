"""Refunds as people see them: the face of payments that go out to customers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kontor.documents.records import Numbering
from kontor.resources.actions import Input, action
from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Facts, Lines, Related, Row, Timeline, Trace
from kontor.resources.registry import register
from suite.finance import refunding
from suite.finance.models import Payment


@register
class RefundResource(Resource):
    """Money paid back to a customer: what a receipt left over, or what a credit note owes."""

    of = "finance.payment"
    name = "finance.refund"
    where = {"direction": Payment.Direction.OUT}
    states = Payment.State
    numbering = Numbering("RF-{yy}{mm}-{n:04}")
    menu = "finance"
    label, label_plural, icon = _("Refund"), _("Refunds"), "cash-banknote"
    columns = "number received_on party amount currency account owner state"
    form = [
        Row("party received_on"),
        Row("account amount currency rate"),
        Row("reference note"),
        Lines("allocations", "invoice amount"),
    ]
    detail = [
        Facts("party received_on account amount currency rate reference note owner"),
        Lines("allocations", "invoice amount exchange state allocated_on undone_on"),
        Related("finance.voucher"),
        Trace(),
        Timeline(),
    ]
    rows = {
        "allocations": Rows(
            "finance.Allocation",
            "payment",
            "invoice amount state",
            _("Pays back"),
            hidden="invoice_book cover_book discount write_off",
            relations={"invoice": "finance.open_item"},
        )
    }
    relations = {"party": "parties.party"}
    hidden = "direction custom"
    filters = "party state account received_on currency owner"
    search = {"number": "A", "party__name": "A", "reference": "B"}
    phone = "party amount received_on state"
    order = "-received_on"
    sums = "amount"
    steps = "draft posted"
    roles = {"accountant": "* reverse delete", "sales_lead": "view export", "sales": "view"}

    @staticmethod
    @action(Payment.State.DRAFT, to=Payment.State.POSTED, event="posted", label=_("Post"), main=True, effects=True)
    def post(refund: Any, ctx: Any) -> None:
        """Pay back what the rows name, or without rows the customer's oldest credit."""
        refunding.post(refund, ctx)

    @staticmethod
    @action(
        Payment.State.POSTED,
        to=Payment.State.REVERSED,
        event="reversed",
        label=_("Reverse"),
        sensitive=True,
        effects=True,
        body={"reason": Input("text", _("Reason"), required=True)},
        confirm=_("Allocations are undone and counter-vouchers posted. This cannot be undone."),
    )
    def reverse(refund: Any, ctx: Any, reason: str) -> None:
        """The money came back, or it was a mistake."""
        refunding.reverse(refund, ctx, reason)
