"""The declaration of accounting periods."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kontor.calendars.models import Period
from kontor.resources.declaration import Resource
from kontor.resources.layout import Facts, Timeline
from kontor.resources.registry import register


@register
class PeriodResource(Resource):
    """Months by area; made by the first posting, closed and reopened by accountants."""

    model = Period
    label, label_plural = _("Accounting period"), _("Accounting periods")
    icon = "calendar-stats"
    menu = "finance"
    columns = "code year starts_on ends_on stock ledger tax year_closed"
    form = ()
    detail = (Facts("code year starts_on ends_on stock ledger tax year_closed"), Timeline())
    filters = "year stock ledger tax year_closed"
    phone = "code ledger stock tax"
    title, code, order = "code", "code", "-starts_on"
    creatable = editable = deletable = False
    roles = {
        "accountant": "* soft_close close reopen",
        "sales_lead": "view",
        "sales": "view",
        "purchasing": "view",
        "warehouse": "view",
    }
