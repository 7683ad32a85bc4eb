"""Companies that exist follow the code: how long 50 take that are one migration behind.

``python -m tests.load.migrating [companies] [processes]`` in the development environment; works on the
database of DATABASE_URL, founds companies there, takes one migration back in each, and drops them.
"""

from __future__ import annotations

import sys
import time

import django

APP, BEFORE = "finance", "0001_initial"


def main(count: int, processes: int | None) -> None:
    """Found, take back, bring up, drop."""
    django.setup()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from kontor.database.tenancy import schema_session, tenant_scope
    from tenants.company import found_company
    from tenants.migrating import bring_up
    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant, prepare_database

    prepare_database(print)
    started = time.perf_counter()
    for i in range(count):
        name = f"bench-m{i:03}"
        tenant = Tenant.objects.filter(name=name).first() or found_company(name, title=name, country="tw").tenant
        with tenant_scope(tenant):
            executor = MigrationExecutor(connection)
        with schema_session(tenant):
            executor.loader.build_graph()
            executor.migrate([(APP, BEFORE)])
        Tenant.objects.filter(pk=tenant.pk).update(schema_mark="behind", level=1)
    print(f"{count} companies founded and one migration taken back in {time.perf_counter() - started:.1f} s")
    try:
        started = time.perf_counter()
        report = bring_up(lambda line: None, processes=processes)
        each = sorted(o.seconds for o in report.outcomes)
        print(
            f"{len(report.outcomes)} brought up in {time.perf_counter() - started:.1f} s, "
            f"{sum(o.applied for o in report.outcomes)} migrations, {len(report.failed)} failed; "
            f"each {each[len(each) // 2]:.2f} s, the slowest {each[-1]:.2f} s"
        )
        started = time.perf_counter()
        bring_up(lambda line: None)
        print(f"nothing to do: {(time.perf_counter() - started) * 1000:.0f} ms")
    finally:
        connection.set_schema_to_public()
        for tenant in Tenant.objects.filter(name__startswith="bench-m"):
            drop_tenant(tenant)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 50, int(sys.argv[2]) if sys.argv[2:] else None)
