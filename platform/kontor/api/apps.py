"""The app of kontor.api."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The root that integrators see."""

    name = "kontor.api"
    label = "api"
