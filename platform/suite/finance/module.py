"""The module of the ledger, receivables and money."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(Module("finance", _("Finance"), "report-money", depends=("parties", "catalog"), order=60))
