"""Invoices, deposits and credit notes as people see them."""

from typing import Any

from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Computed, Resource, Rows
from kontor.resources.layout import Board, Facts, Lines, Related, Row, Timeline, Totals, Trace
from kontor.resources.registry import register
from suite.sales.models import Invoice
from suite.sales.resources.views import LINE_HIDDEN, MARGIN


def _overdue(ctx: Any) -> Any:
    return Case(
        When(Q(state="posted", due_on__lt=ctx.today, open_amount__gt=0) & ~Q(kind="credit"), then=Value(True)),
        default=Value(False), output_field=BooleanField(),
    )  # fmt: skip


@register
class InvoiceResource(Resource):
    """Claims on customers and what is taken back of them."""

    model = Invoice
    menu = "sales"
    label, label_plural, icon = _("Invoice"), _("Invoices"), "file-invoice"
    columns = "number kind customer posted_on due_on owner total open_amount payment_state overdue state"
    form = [
        Row("customer posted_on due_on"),
        Row("currency payment_term price_list tax_included"),
        Row("customer_reference owner"),
        Lines("lines", "product description quantity unit unit_price discount price_rule amount"),
        Row("freight reason note"),
        Totals("net freight tax total"),
    ]
    detail = [
        Facts(
            "kind customer posted_on due_on currency rate tax_included payment_term customer_reference order credits "
            "owner payment_state overdue bill_to reason note"
        ),
        Related("sales.invoice"),
        Trace(),
        Lines("lines", "product description quantity unit unit_price discount price_rule credited margin amount"),
        Totals("net freight tax total advance open_amount"),
        Timeline(),
    ]
    rows = {
        "lines": Rows(
            "sales.InvoiceLine", "document", "product description quantity unit unit_price discount amount",
            _("Lines"), computed={"margin": MARGIN}, hidden=f"{LINE_HIDDEN} credited_amount",
            guards={"cost": "cost margin"},
        )
    }  # fmt: skip
    computed = {"overdue": Computed("boolean", _("overdue"), _overdue)}
    filters = (
        "state kind customer posted_on due_on owner branch currency payment_state overdue open_amount total order "
        "credits"
    )
    search = {"number": "A", "customer__party__name": "B", "customer_reference": "B"}
    phone = "customer total posted_on state"
    imports = "customer__code posted_on due_on currency tax_included customer_reference freight note lines"
    board = Board(by="state", card="number customer total due_on")
    order = "-created_at"
    sums = "total open_amount"
    steps = "draft posted"
    looks = {"posted": "full"}
    relations = {"payment_term": "parties.payment_term"}
    hidden = "returned_with"
    roles = {
        "accountant": "* credit delete",
        "sales_lead": "* credit delete",
        "sales": "view create edit delete export",
    }
    scopes = {"accountant": "all"}
