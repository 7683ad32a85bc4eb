"""The app of kontor.web."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The shell that people see."""

    name = "kontor.web"
    label = "web"
