"""The menu group of the company's own people."""

from django.utils.translation import gettext_lazy as _

from kontor.resources.declaration import Module
from kontor.resources.registry import register_module

register_module(Module("people", _("People"), "users", order=80))
