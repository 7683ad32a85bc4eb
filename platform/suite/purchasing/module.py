"""The module of suppliers and what they supply."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(Module("purchasing", _("Purchasing"), "truck", depends=("parties", "catalog"), order=45))
