"""A new company: how long until somebody can sign in, at ten companies and at many, and what each weighs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.load.measuring import Measure, backend_memory, clock, median

PREFIX = "bench-many-"


def measures(scale: str) -> Iterator[Measure]:
    """Found companies one after the other; the first ten and the last ten are timed."""
    from django.db import connection

    from tenants.provisioning import TEMPLATE_SCHEMA

    many, first = {"full": (300, 10), "small": (20, 10), "tiny": (2, 1)}[scale]
    _drop()
    limit = _replay(5 if first > 1 else 1)
    catalogue = _catalogue()
    took: list[float] = []
    try:
        for i in range(many):
            begun = time.perf_counter()
            _found(i)
            took.append((time.perf_counter() - begun) * 1000)
        words = "until its administrator can sign in, with reference data and search"
        bare = "the template's tables, indexes and keys replayed as one text"
        for at, part in ((first, took[:first]), (many, took[-first:])):
            yield Measure(
                "provisioning", f"a new one, at {at} companies, {words}", median(part), "ms", max(part), limit, bare,
                aim="≤ 1,000 ms, not growing", runs=first,
            )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [TEMPLATE_SCHEMA])
            tables = cursor.fetchone()[0]
        weight = (_catalogue() - catalogue) / many
        yield Measure("provisioning", f"system catalogue each ({tables} tables)", weight / 1024, "kB")
        yield Measure("provisioning", "a connection's memory for each company it has served", _memory(many), "kB")
    finally:
        _drop()


def _found(i: int) -> Any:
    from tenants.company import found_company

    return found_company(f"{PREFIX}{i}", title=f"Company {i}", country="tw")


def _drop() -> None:
    from django.db import connection

    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant

    connection.set_schema_to_public()
    for tenant in Tenant.objects.filter(name__startswith=PREFIX):
        drop_tenant(tenant)


def _replay(times: int) -> float:
    """The bare limit: the dump under another name, taken back."""
    from django.db import transaction

    from tenants.provisioning import create_schema

    def deed(i: int) -> None:
        with transaction.atomic():
            create_schema(f"{PREFIX.replace('-', '_')}raw_{i}")
            transaction.set_rollback(True)

    return median(clock(deed, times))


def _catalogue() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'pg_catalog' AND c.relkind = 'r'"
        )
        return float(cursor.fetchone()[0])


def _memory(many: int) -> float:
    """kB that a connection's process grows by when it serves another company."""
    from kontor.documents import gate
    from kontor.identity.api import system_context
    from tenants.provisioning import in_tenant

    def serve(i: int) -> None:
        with in_tenant(f"{PREFIX}{i}"):
            gate.create(system_context("bench"), "parties.customer", {"name": "One"})

    serve(0)
    before, n = backend_memory(), min(many - 1, 50)
    for i in range(1, n + 1):
        serve(i)
    return (backend_memory() - before) / n * 1024
