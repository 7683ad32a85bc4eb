"""Read and write the company's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kontor.configuration.kept import kept
from kontor.configuration.models import Setting
from kontor.context import Context
from kontor.resources import registry

DEFAULTS: dict[str, Any] = {
    "company.name": "",
    "company.country": "",
    "company.currency": "USD",
    "company.language": "en",
    "company.zone": "UTC",
    "modules.enabled": None,  # None: all that are installed
}


@dataclass(frozen=True, slots=True)
class Company:
    """The company itself as documents and the shell need it."""

    name: str
    country: str
    currency: str
    language: str
    zone: str


def get(name: str, ctx: Context | None = None) -> Any:
    """The value of a setting, its default where the company has none; kept by the process with ``ctx``."""
    values = _all(ctx)
    if name in values:
        return values[name]
    declared = registry.preference(name)
    return declared.default if declared else DEFAULTS.get(name)


def is_set(name: str) -> bool:
    """Whether the company has a value of its own, whatever it is."""
    return name in _read()


def put(values: dict[str, Any]) -> None:
    """Write settings (provisioning and the settings page); None goes back to the default."""
    for name, value in values.items():
        if value is None:
            Setting.objects.filter(name=name).delete()
        else:
            Setting.objects.update_or_create(name=name, defaults={"value": value})


def company(ctx: Context | None = None) -> Company:
    """Name, country, book currency, language and zone of the company."""
    values = {**DEFAULTS, **_all(ctx)}
    return Company(**{key: values[f"company.{key}"] for key in ("name", "country", "currency", "language", "zone")})


def _all(ctx: Context | None) -> dict[str, Any]:
    if ctx is None:
        return _read()
    return kept(ctx, "settings", "settings", _read)


def _read() -> dict[str, Any]:
    return dict(Setting.objects.values_list("name", "value"))
