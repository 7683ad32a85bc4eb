"""The app of suite.parties."""

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    """The module parties."""

    name = "suite.parties"
    label = "parties"
