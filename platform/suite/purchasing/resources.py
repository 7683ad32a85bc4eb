"""What suppliers supply, as people see it; shown on the pages of product and supplier."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Resource
from kontor.resources.layout import Facts, Row, Timeline
from kontor.resources.registry import register, relate
from suite.purchasing.models import SupplierItem


@register
class SupplierItemResource(Resource):
    model = SupplierItem
    name = "purchasing.supplier_item"
    menu = "purchasing"
    label, label_plural, icon = _("Supplier item"), _("Supplier items"), "truck"
    columns = "product supplier rank number price currency lead_days minimum is_active"
    form = [
        Row("product supplier rank"),
        Row("number name"),
        Row("price currency"),
        Row("lead_days minimum multiple is_active"),
    ]
    detail = [
        Facts("product supplier rank number name price currency lead_days minimum multiple is_active"),
        Timeline(),
    ]
    filters = "product supplier is_active rank currency"
    search = {"number": "A", "name": "B", "product__name": "A", "product__code": "A", "supplier__party__name": "B"}
    phone = "product price supplier number"
    imports = "product supplier rank number name price currency lead_days minimum multiple is_active"
    title = "product__name"
    guards = {"cost": "price"}
    roles = {"purchasing": "* delete", "sales_lead": "view", "accountant": "view export", "warehouse": "view"}


relate("catalog.product", "purchasing.supplier_item", "product")
relate("parties.supplier", "purchasing.supplier_item", "supplier")
