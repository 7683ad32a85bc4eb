"""The module of customers, suppliers and contacts."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(Module("parties", _("Customers"), "users", order=20))
