"""``./kontor apikey``: a key with the rights of a user, shown once."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kontor.history.recording import Deed, record
from kontor.identity.api import issue_key, system_context
from kontor.identity.changes import tell
from kontor.identity.models import User
from tenants.provisioning import in_tenant


class Command(BaseCommand):
    """Prints ``{"api_key": …}``."""

    help = "Issue an API key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True)
        parser.add_argument("--user", required=True)
        parser.add_argument("--source", default="api")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        with in_tenant(options["tenant"]):
            user = User.objects.filter(username__iexact=options["user"], is_active=True).first()
            if user is None:
                raise CommandError(f"There is no active user “{options['user']}” in {options['tenant']}.")
            key = issue_key(user, name="command line", source=options["source"])
            ctx = system_context()
            record(ctx, [Deed("identity.apikey", None, "issued", {"name": [None, "command line"]})], events=False)
            tell(ctx, user, "key issued")
        self.stdout.write(json.dumps({"api_key": key}) if options["json"] else key)
