"""Resources in addresses: ``sales/orders`` and ``sales.order``, resolved by the registry."""

from __future__ import annotations

from typing import Any

from kontor.resources import registry


class ResourcePath:
    """``sales/orders`` in an address → the spec of that path; anything else does not match."""

    regex = r"[a-z][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*"

    def to_python(self, value: str) -> Any:
        spec = registry.spec_by_path(value)
        if spec is None:
            raise ValueError
        return spec

    def to_url(self, value: Any) -> str:
        return str(getattr(value, "path", value))


class ResourceName:
    """``sales.order`` → its spec."""

    regex = r"[a-z_]+\.[a-z_]+"

    def to_python(self, value: str) -> Any:
        found = registry.find(value)
        if found is None:
            raise ValueError
        return found

    def to_url(self, value: Any) -> str:
        return str(getattr(value, "name", value))
