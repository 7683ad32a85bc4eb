"""``./kontor tenants create``: a company, ready to log in."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tenants.company import found_company


class Command(BaseCommand):
    """Prints the part of the contract's object that the company itself knows."""

    help = "Found a company."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant")
        parser.add_argument("--name", required=True)
        parser.add_argument("--country", required=True)
        parser.add_argument("--language", default="")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        done = found_company(
            options["tenant"], title=options["name"], country=options["country"], language=options["language"]
        )
        self.stdout.write(
            json.dumps(
                {
                    "tenant": done.tenant.name,
                    "users": [{"role": "admin", "username": done.username, "password": done.password}],
                    "api_key": done.api_key,
                }
            )
        )
