"""``./kontor manage secrets_reseal``: what is sealed in the database is sealed anew with the present secret key."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from kontor.database.tenancy import public_scope
from kontor.identity import sealing
from tenants.models import Tenant
from tenants.provisioning import in_tenant

_SECRETS = ("secret", "seed", "migrated_codes")  # of an authenticator: texts, or a list of them


class Command(BaseCommand):
    """Prints a line a company. Sessions are renewed by their next use, so nothing is done about them here."""

    help = "Seal second factors with the present secret key; once the open sessions are renewed the fallbacks may go."

    def handle(self, *args: Any, **options: Any) -> None:
        with public_scope():
            names = list(Tenant.objects.order_by("name").values_list("name", flat=True))
        lost = []
        for name in names:
            with in_tenant(name):
                done, unreadable = reseal()
            self.stdout.write(f"{name}: {done}")
            lost += [f"{name}: {who}" for who in unreadable]
        if lost:
            raise CommandError(
                "No key opens the second factor of " + ", ".join(lost) + ". Name the old key in "
                "KONTOR_SECRET_KEY_FALLBACKS and run this again, or let an administrator remove these factors."
            )


def reseal() -> tuple[int, list[str]]:
    """In the present company: how many rows were sealed anew, and the users whose secrets no key opens."""
    done, lost = 0, []
    for row in Authenticator.objects.select_related("user").select_for_update(of=("self",)).order_by("pk"):
        try:
            data = {k: _anew(v) if k in _SECRETS else v for k, v in row.data.items()}
        except sealing.Sealed:
            lost.append(str(row.user))
            continue
        if data != row.data:
            row.data, done = data, done + 1
            row.save(update_fields=["data"])
    return done, lost


def _anew(value: Any) -> Any:
    return [_anew(v) for v in value] if isinstance(value, list) else sealing.sealed_anew(value)
