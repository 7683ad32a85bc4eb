"""``./kontor manage search_rebuild --tenant T``: the search index of a company, written anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kontor.identity.api import system_context
from kontor.surfaces import reindexing
from tenants.provisioning import in_tenant


class Command(BaseCommand):
    """Now and in one transaction, or as a job of the workers with ``--background``."""

    help = "Write the search entries of a company anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--resource", default="")
        parser.add_argument("--background", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with in_tenant(options["tenant"]):
            if options["background"]:
                reindexing.start_rebuilding(system_context("system"))
                self.stdout.write("A job does it.")
                return
            self.stdout.write(str(reindexing.rebuild(options["resource"])))
