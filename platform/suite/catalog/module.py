"""The module of products, prices and taxes."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(Module("catalog", _("Catalogue"), "package", depends=("parties",), order=30))
