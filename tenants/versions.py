"""What state of the schema and of the shipped contents this code wants of a company."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.apps import apps

from tenants.contents import contents_mark
from tenants.models import Tenant

_OURS = ("kontor", "suite", "tenants", "integrations", "billing")  # a library may word its migrations anew


@lru_cache(maxsize=1)
def migration_files() -> dict[str, str]:
    """``app/file.py`` → the hash of its text, for every migration of every installed app."""
    return {
        f"{config.label}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
        for config in apps.get_app_configs()
        for file in sorted(Path(config.path).glob("migrations/[0-9]*.py"))
    }


@lru_cache(maxsize=1)
def schema_mark() -> str:
    """One fingerprint of all migrations; a company that carries it needs no look at its migrations."""
    digest = hashlib.sha256()
    for name, text in sorted(migration_files().items()):
        digest.update(f"{name}:{text}\n".encode())
    return digest.hexdigest()


def level() -> int:
    """How many migrations there are: they are only ever appended, so more means newer."""
    return len(migration_files())


def is_current(tenant: Tenant) -> bool:
    """Whether nothing is left to do for the company."""
    return tenant.schema_mark == schema_mark() and tenant.contents == contents_mark()


def changed_since(stored: dict[str, str]) -> list[str]:
    """Migrations of ours that were applied to this database with another text, or are gone."""
    now = migration_files()
    ours = {c.label for c in apps.get_app_configs() if c.name.partition(".")[0] in _OURS}
    return sorted(n for n, text in stored.items() if n.partition("/")[0] in ours and now.get(n) != text)


def forget() -> None:
    """For tests that add a migration: look at the files again."""
    migration_files.cache_clear()
    schema_mark.cache_clear()
