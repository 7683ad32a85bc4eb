"""Django's own migrate for the schema that the connection serves (django-tenants replaces ``migrate``)."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from kontor.database.states import drawn_sparingly


class Command(Migrate):
    """Used by prepare_database inside schema_session()."""

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        with drawn_sparingly(connection):
            super().handle(*args, **options)
