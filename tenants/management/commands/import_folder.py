"""``./kontor import``: a folder of files into a company, by a mapping."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from kontor.context import Context
from kontor.identity.api import context_for
from kontor.identity.models import User
from kontor.surfaces.exchange import importing, mapping
from tenants.provisioning import in_tenant


class Command(BaseCommand):
    """Prints counts per resource; errors name file, line and field. Fails if anything was refused."""

    help = "Import files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--mapping", required=True, type=Path)
        parser.add_argument("--user", default="admin")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--trial", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        with _acting(options["tenant"], options["user"]):
            pass  # a company or user that is not there is told at once, not once a row
        report = importing.run(
            lambda: _acting(options["tenant"], options["user"]),
            mapping.load(options["mapping"]),
            options["folder"],
            _Progress(self).say,
            trial=options["trial"],
        )
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            for name, count in report.counts.items():
                self.stdout.write(
                    f"{name:<28} created {count.created:>6}  updated {count.updated:>6}  "
                    f"unchanged {count.unchanged:>6}  refused {count.refused:>6}"
                )
            self.stdout.write(f"{time.monotonic() - started:.1f} s")
        for error in report.errors:
            self.stderr.write(f"{error.file}:{error.line} {error.field}: {error.message}")
        if refused := sum(count.refused for count in report.counts.values()):
            raise CommandError(
                f"{refused} rows or documents were refused, each named above; all others are in. "
                "Correct them and run the import again: what is there already stays as it is."
            )


@contextmanager
def _acting(tenant: str, username: str) -> Iterator[Context]:
    with in_tenant(tenant):
        user = User.objects.filter(username__iexact=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user “{username}” in {tenant}.")
        ctx = context_for(user, source="import")
        with translation.override(ctx.language):
            yield ctx


class _Progress:
    """A line a resource, rewritten in place on a terminal, at most ten a resource elsewhere."""

    def __init__(self, command: BaseCommand) -> None:
        self.command, self.last = command, ("", -1)

    def say(self, resource: str, done: int, total: int) -> None:
        tenth = done * 10 // total if total else 10
        if (resource, tenth) != self.last:
            self.last = (resource, tenth)
            self.command.stderr.write(f"{resource}: {done} of {total}")
