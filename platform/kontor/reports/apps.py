"""The app of kontor.reports."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Declared reports."""

    name = "kontor.reports"
    label = "reports"
