"""The app of suite.catalog."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """The module catalog."""

    name = "suite.catalog"
    label = "catalog"
