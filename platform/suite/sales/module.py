"""The module of selling: from quotation to invoice, and back."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module, Preference
from kontor.resources.registry import register_module
from suite.sales.rules import DELIVERED, ORDERED

register_module(
    Module(
        "sales",
        _("Sales"),
        "shopping-cart",
        depends=("parties", "catalog", "finance", "inventory"),
        order=30,
        preferences=(
            Preference(
                "sales.invoice_policy",
                "choice",
                _("What may be invoiced"),
                _("Services are always invoiced as ordered; a deposit may be asked for before."),
                DELIVERED,
                ((DELIVERED, _("what has been delivered")), (ORDERED, _("what has been ordered"))),
            ),
            Preference("sales.quotation_days", "integer", _("Days that a quotation is valid"), "", 30, least=1),
            Preference(
                "sales.prices_include_tax",
                "boolean",
                _("Prices on new documents include tax"),
                _("A price list that says otherwise goes first."),
                False,
            ),
        ),
    )
)
