"""The app of kontor.organization."""

from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    """Branches, departments, positions, employees."""

    name = "kontor.organization"
    label = "organization"
