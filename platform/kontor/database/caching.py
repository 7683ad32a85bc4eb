"""Cache keys carry the tenant, so one company's entry never answers another."""

from __future__ import annotations

from kontor.database.tenancy import current_schema


def tenant_key(key: str, prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: schema, prefix, version, key."""
    return f"{current_schema()}:{prefix}:{version}:{key}"
