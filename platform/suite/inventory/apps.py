"""The app of suite.inventory."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """The module inventory."""

    name = "suite.inventory"
    label = "inventory"
