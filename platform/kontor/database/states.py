"""Migrating an empty schema without drawing every model anew at each step.

After each operation Django renders again all models that hang together with the changed one, so that
relations look right from both ends. In an ERP everything hangs together: a hundred models cost ten
thousand renderings, and the number grows with the square. While tables are only being made, the changed
model alone is enough: nothing asks the others what points at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

_Key = tuple[str, str]


@contextmanager
def drawn_sparingly(connection: Any) -> Iterator[None]:
    """For a migration inside; where the schema has migrations already, Django's own way is kept."""
    if MigrationRecorder(connection).applied_migrations():
        yield
        return
    whole: Any = ProjectState._find_reload_model  # type: ignore[attr-defined]

    def alone(self: Any, app_label: str, model_name: str, delay: bool = False) -> set[_Key]:
        """A new model, or one whose columns point nowhere new: itself; else all that Django names."""
        is_new = model_name not in self.apps.all_models[app_label]
        return {(app_label, model_name)} if is_new or delay else whole(self, app_label, model_name, delay)

    ProjectState._find_reload_model = alone  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ProjectState._find_reload_model = whole  # type: ignore[attr-defined]
