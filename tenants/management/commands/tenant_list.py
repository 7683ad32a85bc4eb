"""``./kontor tenants list``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants.models import Tenant


class Command(BaseCommand):
    """All companies of the installation."""

    help = "List the companies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(Tenant.objects.order_by("name").values("name", "title", "country", "language", "state"))
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            self.stdout.write("{name:<24} {country:<4} {language:<8} {state:<10} {title}".format(**row))
