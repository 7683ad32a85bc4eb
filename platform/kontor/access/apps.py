"""The app of kontor.access."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Roles, function rights, data scope, field rights and their explanation."""

    name = "kontor.access"
    label = "access"
