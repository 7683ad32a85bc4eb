"""Sales orders as people see them."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Board, Facts, Lines, Panel, Related, Row, Timeline, Totals, Trace
from kontor.resources.registry import register, relate
from suite.sales.models import Order
from suite.sales.resources.views import (
    DELIVERED_SHARE,
    INVOICED_SHARE,
    LATE,
    LINE_HIDDEN,
    MARGIN,
    MARGIN_SHARE,
    ORDER_SHORT,
    RESERVED,
    SHORT,
)


@register
class OrderResource(Resource):
    """Orders with what became of them."""

    model = Order
    menu = "sales"
    label, label_plural, icon = _("Sales order"), _("Sales orders"), "shopping-cart"
    today = "ordered_on"
    columns = "number customer ordered_on promised_on owner total margin_share delivered_share invoiced_share state"
    form = [
        Row("customer ordered_on promised_on"),
        Row("customer_reference warehouse owner"),
        Row("currency payment_term price_list tax_included"),
        Lines("lines", "product description quantity unit unit_price discount promised_on price_rule margin amount"),
        Row("freight note"),
        Totals("net freight tax total margin"),
    ]
    detail = [
        Panel("sales.order_notice"),
        Facts(
            "customer ordered_on promised_on customer_reference owner warehouse currency payment_term price_list "
            "tax_included delivery_state "
            "invoice_state late short bill_to ship_to note reason"
        ),
        Related("sales.delivery sales.invoice sales.return"),
        Trace(),
        Lines(
            "lines",
            "product description quantity unit reserved delivered invoiced returned short unit_price discount "
            "price_rule promised_on margin amount",
        ),
        Totals("net freight tax total margin"),
        Panel("sales.credit_state"),
        Timeline(),
    ]
    rows = {
        "lines": Rows(
            "sales.OrderLine", "document", "product quantity unit unit_price discount promised_on amount", _("Lines"),
            computed={"reserved": RESERVED, "short": SHORT, "margin": MARGIN}, hidden=LINE_HIDDEN,
            guards={"cost": "cost margin"},
        )
    }  # fmt: skip
    computed = {
        "late": LATE, "short": ORDER_SHORT, "margin_share": MARGIN_SHARE,
        "delivered_share": DELIVERED_SHARE, "invoiced_share": INVOICED_SHARE,
    }  # fmt: skip
    bars = "delivered_share invoiced_share"
    filters = (
        "state customer ordered_on promised_on owner branch currency warehouse delivery_state invoice_state late short "
        "total"
    )
    search = {"number": "A", "customer__party__name": "B", "customer_reference": "B"}
    phone = "customer total ordered_on state"
    imports = (
        "customer__code ordered_on promised_on currency tax_included customer_reference warehouse__code freight "
        "ship_to note lines"
    )
    board = Board(by="state", card="number customer total promised_on owner")
    order = "-ordered_on"
    sums = "total"
    steps = "draft confirmed closed"
    looks = {"confirmed": "half"}
    relations = {"payment_term": "parties.payment_term"}
    guards = {"cost": "cost margin margin_share"}
    hidden = "exposure"
    roles = {
        "sales_lead": "* cancel close shorten override_credit delete",
        "sales": "view create edit delete export confirm deliver invoice collect shorten process",
        "warehouse": "view deliver process",
        "accountant": "view export invoice collect process",
        "purchasing": "view",
    }
    scopes = {"accountant": "all"}


relate("parties.customer", "sales.order", "customer")
relate("parties.customer", "sales.quotation", "customer")
relate("parties.customer", "sales.invoice", "customer")
relate("sales.order", "sales.delivery", "order")
relate("sales.order", "sales.return", "order")
relate("sales.order", "sales.invoice", "order")
relate("sales.invoice", "finance.voucher", "source_id")
relate("sales.delivery", "finance.voucher", "source_id")
relate("sales.return", "finance.voucher", "source_id")
