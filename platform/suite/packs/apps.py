"""The app of suite.packs."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    """The module packs."""

    name = "suite.packs"
    label = "packs"
