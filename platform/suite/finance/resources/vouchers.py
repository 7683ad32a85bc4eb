"""The ledger's vouchers, and what is asked of a period."""

from __future__ import annotations

from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Computed, Resource, Rows
from kontor.resources.layout import Facts, Lines, Panel, Row, Timeline, Totals, Trace
from kontor.resources.registry import register, relate
from suite.finance import closing  # which hangs the year-end on the periods
from suite.finance.models import Voucher
from suite.finance.rules import SHIPPED

_OCCASIONS = (
    *((rule.event, rule.label) for rule in SHIPPED),
    *((f"{rule.event}.reversed", format_lazy(_("Reversal: {what}"), what=rule.label)) for rule in SHIPPED),
    (closing.EVENT, _("Year-end")),
    (f"{closing.EVENT}.reversed", format_lazy(_("Reversal: {what}"), what=_("Year-end"))),
    ("reversed", _("Reversal")),
)  # a company's own events stand by their names


@register
class VoucherResource(Resource):
    """The ledger: made by documents through posting rules, or written by hand."""

    model = Voucher
    menu = "finance"
    label, label_plural, icon = _("Voucher"), _("Vouchers"), "receipt"
    today = "date"
    columns = "number date journal text total party occasion state"
    form = [
        Row("date journal"),
        Row("text party"),
        Lines("lines", "account text debit credit party branch dimensions"),
        Totals("total"),
    ]
    detail = [
        Panel("finance.voucher_source"),
        Facts("date journal period text party currency rate total occasion reverses reversed_by"),
        Lines("lines", "account text debit credit amount currency party branch due_on"),
        Totals("total"),
        Trace(),
        Timeline(),
    ]
    rows = {
        "lines": Rows(
            "finance.VoucherLine",
            "voucher",
            "account text debit credit party branch",
            _("Lines"),
            required=True,
        )
    }
    computed = {"occasion": Computed("choice", _("occasion"), lambda ctx: F("event"), choices=_OCCASIONS)}
    filters = "journal date period party state event source_resource source_id reverses"
    search = {"number": "A", "text": "B", "party__name": "B"}
    phone = "text total date state"
    imports = "date journal__code text lines"
    order = "-date"
    sums = "total"
    hidden = "line_count custom"
    guarded_rows = {"cost": {"event__startswith": "inventory."}}  # they tell what single deliveries cost
    steps = "draft posted"
    roles = {"accountant": "* reverse delete"}


relate("calendars.period", "finance.voucher", "period")
