"""The module as menu and switches know it."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(Module("inventory", _("Inventory"), "box", depends=("catalog", "finance"), order=40))
