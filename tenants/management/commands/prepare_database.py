"""Make the database ready: platform tables, template of a company, its dump. Idempotent."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from tenants.provisioning import prepare_database


class Command(BaseCommand):
    """Prints what it does on standard error."""

    help = "Migrate the platform's tables and the template of a company."

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_database(lambda line: self.stderr.write(line))
