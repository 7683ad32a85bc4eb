"""The companies that background work visits, found by name; a task without one refuses to run."""

from __future__ import annotations

from typing import Any

from django_tenants.utils import get_tenant_model

from kontor.database.tenancy import connection
from kontor.errors import Refused


def tenant_named(name: str) -> Any:
    """The company of that name; Refused without a name or a company, or while its tables are older than the code."""
    if not name:
        raise Refused("A task for a company needs the company's name.", code="no_tenant")
    connection.set_schema_to_public()
    found = get_tenant_model().objects.filter(name=name).first()
    if found is None:
        raise Refused(f"There is no company named {name!r}.", code="no_tenant")
    if found.is_behind:
        raise Refused(f"{name!r} is being brought to this version; its work waits.", code="being_upgraded")
    return found


def working_tenants() -> list[Any]:
    """All companies whose background work runs."""
    connection.set_schema_to_public()
    return list(get_tenant_model().working())
