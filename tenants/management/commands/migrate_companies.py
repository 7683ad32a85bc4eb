"""``./kontor migrate``: every company that is behind is brought to the present version."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.migrating import bring_up


class Command(BaseCommand):
    """Progress on standard error; fails if a company did, after all others were tried."""

    help = "Migrate the companies that are behind."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", default="")
        parser.add_argument("--processes", type=int, default=None)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        report = bring_up(self.stderr.write, only=options["tenant"], processes=options["processes"])
        if options["json"]:
            self.stdout.write(json.dumps([asdict(o) for o in report.outcomes], ensure_ascii=False))
        if report.failed:
            names = ", ".join(o.name for o in report.failed)
            raise CommandError(
                f"{len(report.failed)} of {len(report.outcomes)} companies could not be brought to this version and "
                f"are closed until they are: {names}. What happened stands above and in their row; mend it and run "
                "./kontor migrate again, it goes on where it stopped."
            )
