"""Work for one tenant: a transaction with the tenant set, nothing before and nothing after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import connection as _connection
from django.db import transaction

connection: Any = _connection  # our own wrapper: see kontor.database.backend


class TenantLike(Protocol):
    """What the kernel needs to know of a company."""

    schema_name: str


@contextmanager
def tenant_scope(tenant: TenantLike) -> Iterator[None]:
    """Run the block in one transaction on the tenant's schema; leave the connection on public.

    A scope inside a scope is refused in production (one transaction, one tenant): the atomic block
    is durable, so a nested one raises.
    """
    before: Any = connection.tenant
    connection.set_tenant(tenant)
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        connection.set_tenant(before)


@contextmanager
def public_scope() -> Iterator[None]:
    """For a look at the platform's own tables; afterwards the connection serves whom it served before."""
    before: Any = connection.tenant
    connection.set_schema_to_public()
    try:
        yield
    finally:
        connection.set_tenant(before)


def current_schema() -> str:
    """The schema of the tenant that the present transaction serves; ``public`` outside one."""
    return str(connection.schema_name)


@contextmanager
def schema_session(tenant: TenantLike) -> Iterator[None]:
    """For migrations alone: the schema's path for the whole session, taken back before the pool has it again."""
    before: Any = connection.tenant
    connection.set_tenant(tenant)
    connection.session_path = True
    try:
        yield
    finally:
        connection.session_path = False
        connection.set_tenant(before)
        _forget_path()
        connection.close()


def _forget_path() -> None:
    """Closing only returns a pooled connection: without this the next user would get the session's path."""
    raw: Any = connection.connection
    if raw is not None and not raw.closed:
        raw.rollback()
        raw.execute("RESET search_path")
        if not raw.autocommit:
            raw.commit()
