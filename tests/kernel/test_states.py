"""Tables made with sparingly drawn states are the tables that Django makes."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from kontor.database.states import drawn_sparingly
from kontor.database.tenancy import schema_session
from tenants.provisioning import _Schema

APPS = ("documents", "configuration")  # with what they need below them: enough to have relations both ways
FACTS = """
    SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
    WHERE table_schema = %s
    UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
    WHERE connamespace = to_regnamespace(%s)
    UNION ALL
    SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = %s ORDER BY 1, 2, 3
"""


def made(schema: str, *, sparingly: bool) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema}"')
    with schema_session(_Schema(schema)):
        executor = MigrationExecutor(connection)
        targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] in APPS]
        if sparingly:
            with drawn_sparingly(connection):
                executor.migrate(targets)
        else:
            executor.migrate(targets)
        with connection.cursor() as cursor:
            cursor.execute(FACTS, [schema] * 3)
            found = cursor.fetchall()
            cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
    return [tuple(str(value).replace(schema, "…") for value in row) for row in found]


def test_the_tables_are_the_same(transactional_db: Any) -> None:
    whole = made("states_whole", sparingly=False)
    assert len(whole) > 100
    assert made("states_spared", sparingly=True) == whole


def test_a_schema_that_has_migrations_is_drawn_whole(company: Any) -> None:
    before = ProjectState._find_reload_model
    with drawn_sparingly(connection):
        assert ProjectState._find_reload_model is before
