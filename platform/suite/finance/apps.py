"""The app of suite.finance."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    """The module finance."""

    name = "suite.finance"
    label = "finance"
