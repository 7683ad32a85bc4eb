"""What a worker process of the migration runs: loaded before Django is, so it imports the rest when it is called."""

from __future__ import annotations

from typing import Any

_mover: Any = None


def begin(database: str) -> None:
    """Once a process: Django, on the database of the process that started it."""
    import django  # a process of its own: nothing is loaded yet
    from django.conf import settings  # read from the environment when first asked

    settings.DATABASES["default"]["NAME"] = database  # tests run on a database of another name
    django.setup()


def move(name: str) -> Any:
    """One company; the process keeps its plan for the next."""
    global _mover
    from tenants.migrating import Mover  # after begin()

    _mover = _mover or Mover()
    return _mover.move(name)
