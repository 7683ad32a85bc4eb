"""The module of the ledger, receivables and money."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module, Preference
from kontor.resources.registry import register_module

register_module(
    Module(
        "finance",
        _("Finance"),
        "report-money",
        depends=("parties", "catalog"),
        order=60,
        preferences=(
            Preference(
                "finance.write_off_limit",
                "amount",
                _("The most that may be written off at a receipt"),
                _("In the book currency, for each invoice; empty: no limit."),
            ),
        ),
    )
)
