"""The app of kontor.configuration."""

from django.apps import AppConfig


class ConfigurationConfig(AppConfig):
    """Settings of a company and the modules it has switched on."""

    name = "kontor.configuration"
    label = "configuration"
