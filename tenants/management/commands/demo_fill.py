"""The demo company: founded and filled once; what it printed is remembered in the state folder."""

from __future__ import annotations

import json
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from tenants.company import Founded, found_company
from tenants.models import Tenant
from tenants.provisioning import drop_tenant, in_tenant

NAME = "demo"


def _spoken() -> str:
    """The language of whoever started it, as the environment names it (LC_ALL, LC_MESSAGES, LANG)."""
    named = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
    place = named.partition(".")[0].lower()
    if not place.startswith("zh"):
        return "en"
    return "zh-hans" if place in ("zh_cn", "zh_sg", "zh_hans", "zh") else "zh-hant"


class Command(BaseCommand):
    """Prints ``{"users": […], "api_key": …}`` as JSON; progress goes to standard error."""

    help = "Found the demo company and fill it with the sample."

    def handle(self, *args: Any, **options: Any) -> None:
        kept = Path(settings.STATE) / "demo.json"
        tenant = Tenant.objects.filter(name=NAME).first()
        if tenant is not None and kept.exists():
            self.stdout.write(kept.read_text(encoding="utf-8"))
            return
        begun = kept.with_name("demo.begun")
        if tenant is not None:
            if not begun.exists():
                raise CommandError(
                    f"This database has a company “{NAME}” that was not made from this state folder, so it is left "
                    f"alone. ./kontor serve and ./kontor worker run it, ./kontor apikey --tenant {NAME} makes a key; "
                    "for the sample company name another database or, for an embedded one, add --reset."
                )
            self.stderr.write("An earlier start stopped half-way; the demo company is made anew.")
            drop_tenant(tenant)
        begun.touch(mode=0o600)
        said = json.dumps(self._make(), ensure_ascii=False)
        part = kept.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(said)
        part.replace(kept)
        begun.unlink()
        self.stdout.write(said)

    def _make(self) -> dict[str, Any]:
        started = time.monotonic()
        sample: Any = import_module("suite.packs.sample.people")
        filling: Any = import_module("suite.packs.sample.filling")
        founded: Founded = found_company(NAME, title=sample.TITLE, country="tw", language="zh-hant")
        with translation.override(_spoken()):  # of the progress; the company itself speaks as it does
            passwords = filling.fill(
                lambda: in_tenant(NAME),
                lambda line: self.stderr.write(f"  {time.monotonic() - started:5.1f} s  {line}"),
            )
        users = [{"role": "admin", "username": founded.username, "password": founded.password}]
        users += [{"role": role, "username": role, "password": word} for role, word in passwords.items()]
        return {"tenant": NAME, "users": users, "api_key": founded.api_key}
