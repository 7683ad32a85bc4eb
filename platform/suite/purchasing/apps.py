"""The app of suite.purchasing."""

from django.apps import AppConfig


class PurchasingConfig(AppConfig):
    """The module purchasing."""

    name = "suite.purchasing"
    label = "purchasing"
