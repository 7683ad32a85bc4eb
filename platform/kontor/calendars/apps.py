"""The app of kontor.calendars."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """Accounting periods."""

    name = "kontor.calendars"
    label = "calendars"
