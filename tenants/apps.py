"""The app of tenants."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Companies, their domains and provisioning."""

    name = "tenants"
    label = "tenants"
