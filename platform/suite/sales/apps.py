"""The app of suite.sales."""

from django.apps import AppConfig


class SalesConfig(AppConfig):
    """The module sales."""

    name = "suite.sales"
    label = "sales"
