"""The module of products, prices and taxes."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module, Preference
from kontor.resources.registry import register_module
from suite.catalog.rules.taxes import DOCUMENT, LINE

register_module(
    Module(
        "catalog",
        _("Catalogue"),
        "package",
        depends=("parties",),
        order=30,
        preferences=(
            Preference(
                "catalog.tax_rounding",
                "choice",
                _("Tax is rounded"),
                _("It is set to the country's custom at the start; ask an accountant before changing it."),
                DOCUMENT,
                ((DOCUMENT, _("once for the document")), (LINE, _("on each line"))),
            ),
        ),
    )
)
