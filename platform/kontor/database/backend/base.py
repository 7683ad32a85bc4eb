"""The database wrapper: a tenant's search path lives exactly as long as a transaction.

django-tenants issues a session-level ``SET search_path`` that also names ``public``; behind a
transaction pooler that serves one tenant the rows of another. Here the path is ``SET LOCAL`` at the
start of every transaction, names the tenant's schema and ``extensions`` only, and a tenant's query
outside a transaction is refused.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql.introspection import DatabaseIntrospection
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations
from django.db.utils import ProgrammingError
from django_tenants.postgresql_backend import base as django_tenants_base
from django_tenants.utils import get_public_schema_name, quote_schema_name

from kontor.database.backend.instants import UtcLoader
from kontor.database.prepared import Cursor, Prepared

EXTENSIONS_SCHEMA = "extensions"


class DatabaseOperations(PostgresOperations):
    """Foreign keys are checked at once: the statement that breaks one is the one that fails."""

    compiler_module = "kontor.database.backend.compiler"

    def deferrable_sql(self) -> str:
        return ""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        # For logs and tests: what is prepared goes to the server without its values.
        return (
            self.compose_sql(sql, params) if type(sql) is Prepared else super().last_executed_query(cursor, sql, params)
        )


class DatabaseWrapper(django_tenants_base.DatabaseWrapper):
    """A PostgreSQL connection that serves one tenant a transaction."""

    # Migrations alone run statements for a schema outside one transaction; see schema_session().
    session_path = False
    _connecting = False
    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The one of django-tenants sets the session's path and "restores" the transaction's: it would outlive both.
        self.introspection = DatabaseIntrospection(self)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.timezone == UtcLoader.timezone:
            params["context"].register_loader("timestamptz", UtcLoader)
        return {**params, "cursor_factory": Cursor}

    def init_connection_state(self) -> None:
        # Here Django asks the server for its version, once a thread and before any transaction: no tenant's query.
        self._connecting = True
        try:
            super().init_connection_state()
        finally:
            self._connecting = False

    def _cursor(self, name: Any = None) -> Any:
        if name is None and self.connection is not None and self.in_atomic_block and not self.session_path:
            return self._prepare_cursor(self.create_cursor())  # within a transaction its path is set: no more to do
        return super()._cursor(name)

    def set_tenant(self, tenant: Any, include_public: bool = False) -> None:
        super().set_tenant(tenant, include_public=False)
        if self.connection is not None and self.in_atomic_block:
            self._set_local_path()

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if not autocommit:
            self._set_local_path()

    def savepoint_rollback(self, sid: str) -> None:
        # Skips django-tenants' bookkeeping of a session path, of which there is none here.
        super(django_tenants_base.DatabaseWrapper, self).savepoint_rollback(sid)

    def _set_local_path(self) -> None:
        paths = ", ".join(quote_schema_name(name) for name in self._get_cursor_search_paths())
        # The first statement of a transaction: a lost server shows here, as Django's OperationalError (a 503).
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL search_path = {paths}")
        self.connection.search_path = paths  # what is prepared is prepared under it

    def _get_cursor_search_paths(self) -> list[str]:
        django_tenants_base._check_schema_name(self.schema_name)
        return [self.schema_name, EXTENSIONS_SCHEMA]

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self.session_path:
            super()._handle_search_path(cursor)
        elif not self._connecting and self.get_autocommit() and self.schema_name != get_public_schema_name():
            raise ProgrammingError(
                f"A query for tenant {self.schema_name!r} outside a transaction: "
                "work for a tenant runs inside tenant_scope()."
            )
