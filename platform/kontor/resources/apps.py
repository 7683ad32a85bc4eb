"""At start: find every module's declarations, compile them, publish the registry."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps

_FILES = ("module", "resources", "owners", "panels", "reports", "followers", "prints")


class ResourcesConfig(AppConfig):
    """Runs once all models are loaded."""

    name = "kontor.resources"
    label = "resources"

    def ready(self) -> None:
        from kontor.resources.compile import compile_all  # models are loaded by now

        for config in apps.get_app_configs():
            if config.name.split(".")[0] in ("kontor", "suite", "integrations", "billing"):
                for file in _FILES:
                    name = f"{config.name}.{file}"
                    if name != "kontor.resources.resources" and find_spec(name):
                        import_module(name)
        compile_all()
