"""Django's own migrate for the schema that the connection serves (django-tenants replaces ``migrate``)."""

from django.core.management.commands.migrate import Command as Migrate


class Command(Migrate):
    """Used by prepare_database inside schema_session()."""

    requires_system_checks: list[str] = []
