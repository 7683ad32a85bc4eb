"""``./kontor resource list``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from kontor.resources import registry


class Command(BaseCommand):
    """Every declared resource with its path."""

    help = "List the resources."

    def handle(self, *args: Any, **options: Any) -> None:
        for spec in registry.specs():
            self.stdout.write(f"{spec.name:<32} /{spec.path}/")
