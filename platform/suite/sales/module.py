"""The module of selling: from quotation to invoice, and back."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(
    Module("sales", _("Sales"), "shopping-cart", depends=("parties", "catalog", "finance", "inventory"), order=30)
)
