"""The module of customers, suppliers and contacts."""

from django.utils.translation import gettext_lazy as _

from kontor.fields.shapes import Part, shape
from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

shape(
    "payment_term",
    {
        "days": Part("integer", _("days"), 0, 3650),
        "month_end": Part("boolean", _("counted from the month's end")),
        "deposit": Part("percent", _("deposit"), 0, 1),
    },
)
register_module(Module("parties", _("Customers"), "users", order=20))
