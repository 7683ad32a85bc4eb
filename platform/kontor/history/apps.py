"""The app of kontor.history."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Audit, timeline, attachments, outbox."""

    name = "kontor.history"
    label = "history"
