"""What the two faces over inventory's operation have in common."""

from dataclasses import replace
from typing import Any

from django.db.models import CharField, F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Computed, Rows
from suite.sales.models import Order


def _order_number(ctx: Any) -> Any:
    rows = Order.objects.filter(pk=OuterRef("owner_ref_id")).values("number")
    return Subquery(rows[:1], output_field=CharField())


ORDER = Computed("id", _("order"), lambda ctx: F("owner_ref_id"))
ORDER_NUMBER = Computed("text", _("order"), _order_number)
HIDDEN = "movement phase kind reversed_on currency owner_resource owner_ref_id"
LINES = Rows(
    "inventory.PlannedMove", "operation", "product quantity reserved done returned", _("Lines"), readonly=True,
    hidden="direction counterpart route priority claims is_open entered_at owner_resource owner_ref_id unit_cost party",
    relations={"lot": "inventory.lot"},
)  # fmt: skip
LINE_COLUMNS = "product quantity reserved done returned"
RETURN_LINES = replace(
    LINES, columns="origin quantity", required=True, readonly=False, locked="product is_stocked warehouse location",
    hidden=f"{LINES.hidden} reserved expected returned planned_on unit entered owner_line_id",
    relations={"lot": "inventory.lot", "origin": "inventory.planned_move"},
)  # fmt: skip
