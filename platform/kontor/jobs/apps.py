"""The app of kontor.jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Background jobs with progress."""

    name = "kontor.jobs"
    label = "jobs"
