"""Quotations as people see them."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource, Rows
from kontor.resources.layout import Board, Facts, Lines, Related, Row, Timeline, Totals, Trace
from kontor.resources.registry import register
from suite.sales.models import Quotation
from suite.sales.resources.views import LINE_HIDDEN, MARGIN, MARGIN_SHARE


@register
class QuotationResource(Resource):
    """Offers and their versions."""

    model = Quotation
    menu = "sales"
    label, label_plural, icon = _("Quotation"), _("Quotations"), "file-description"
    today = "quoted_on"
    columns = "number edition customer quoted_on valid_until owner total margin_share state"
    form = [
        Row("customer quoted_on valid_until"),
        Row("currency payment_term price_list tax_included"),
        Row("customer_reference owner"),
        Lines("lines", "product description quantity unit unit_price discount promised_on price_rule margin amount"),
        Row("freight note"),
        Totals("net freight tax total margin"),
    ]
    detail = [
        Facts(
            "customer quoted_on valid_until edition currency payment_term price_list tax_included customer_reference "
            "owner sent_to reason bill_to ship_to note"
        ),
        Related("sales.order"),
        Trace(),
        Lines("lines", "product description quantity unit unit_price discount price_rule promised_on margin amount"),
        Totals("net freight tax total margin"),
        Timeline(),
    ]
    rows = {
        "lines": Rows(
            "sales.QuotationLine", "document", "product quantity unit unit_price discount amount", _("Lines"),
            computed={"margin": MARGIN}, hidden=LINE_HIDDEN, guards={"cost": "cost margin"},
        )
    }  # fmt: skip
    computed = {"margin_share": MARGIN_SHARE}
    filters = "state customer quoted_on valid_until owner branch currency total previous"
    search = {"number": "A", "customer__party__name": "B", "customer_reference": "B"}
    phone = "customer total quoted_on state"
    imports = "customer__code quoted_on valid_until currency tax_included customer_reference freight note lines"
    board = Board(by="state", card="number customer total valid_until owner")
    order = "-quoted_on"
    sums = "total"
    steps = "draft sent accepted"
    looks = {"sent": "half", "accepted": "green", "rejected": "cancelled", "expired": "cancelled"}
    relations = {"payment_term": "parties.payment_term"}
    guards = {"cost": "cost margin margin_share"}
    roles = {
        "sales_lead": "* delete",
        "sales": "view create edit delete export send accept reject expire revise",
        "accountant": "view export",
    }
