"""Stock at a million planned moves: how long availability, reservation and shipping take.

``python -m tests.load.stock [rows]`` in the development environment; works on the database of
DATABASE_URL, makes a company ``bench-stock`` there and drops it. Prints medians and query plans.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import django

COMPANY = "bench-stock"
PRODUCTS, OPEN_SHARE = 2_000, 20  # one row in twenty is open, the rest is history

FILL = """
INSERT INTO inventory_plannedmove
  (id, position, operation_id, direction, product_id, is_stocked, lot_id, warehouse_id, location_id, counterpart_id,
   party_id, quantity, unit_id, entered, done, reserved, expected, returned, unit_cost, planned_on, priority, route,
   claims, is_open, origin_id, owner_resource, owner_ref_id, owner_line_id, entered_at)
SELECT gen_random_uuid(), 1, NULL, CASE WHEN n %% 40 = 0 THEN 'in' ELSE 'out' END,
       CASE WHEN n %% 200 = 0 THEN p.ids[1] ELSE p.ids[2 + (n / 20) %% (%(products)s - 1)] END, true,
       NULL, %(warehouse)s, NULL, %(customer)s, NULL, 5, NULL, NULL, CASE WHEN n %% %(share)s = 0 THEN 0 ELSE 5 END,
       0, 0, 0, NULL, DATE '2026-01-01'
       + (n %% 400)::int, 5, 'stock', n %% 3 = 0, n %% %(share)s = 0, NULL,
       CASE WHEN n %% 40 = 0 THEN 'bench.purchase' ELSE 'bench.order' END, gen_random_uuid(), gen_random_uuid(), now()
  FROM generate_series(1, %(rows)s) n, (SELECT array_agg(id ORDER BY code) AS ids FROM catalog_product) p
"""


def main(rows: int) -> None:
    """Fill, measure, drop."""
    django.setup()
    from django.db import connection

    from tenants.company import found_company
    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant, in_tenant, prepare_database

    prepare_database(print)
    for old in Tenant.objects.filter(name=COMPANY):
        drop_tenant(old)
    founded = found_company(COMPANY, title="Bench", country="tw")
    try:
        with in_tenant(COMPANY):
            started = time.perf_counter()
            products, warehouse = _fill(rows)
            print(f"{rows:,} planned moves, {len(products):,} products in {time.perf_counter() - started:.1f} s")
        with _autocommit(connection), connection.cursor() as cursor:
            cursor.execute(f'ANALYZE "{founded.tenant.schema_name}".inventory_plannedmove')
        with in_tenant(COMPANY):
            _measure(products, warehouse)
    finally:
        connection.set_schema_to_public()
        drop_tenant(founded.tenant)


@contextmanager
def _autocommit(connection: Any) -> Iterator[None]:
    connection.set_schema_to_public()
    yield


def _fill(rows: int) -> tuple[list[Any], Any]:
    from django.db import connection

    from kontor.documents import gate
    from kontor.identity.api import system_context
    from suite.catalog.models import Product
    from suite.inventory import api
    from suite.inventory.models import Location

    ctx = system_context("bench")
    made = gate.create_many(
        ctx, "catalog.product", [{"code": f"B{i:05}", "name": f"Bench {i}"} for i in range(PRODUCTS)]
    )
    warehouse = api.default_warehouse(ctx)
    lines = [{"product": str(p.pk), "quantity": "500", "unit_cost": "10"} for p in made]
    opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    customer = Location.objects.get(kind="customer").pk
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {"products": PRODUCTS, "warehouse": warehouse, "customer": customer, "share": OPEN_SHARE, "rows": rows},
        )
    return list(Product.objects.order_by("code").values_list("pk", flat=True)), warehouse


def _measure(products: list[Any], warehouse: Any) -> None:
    from kontor.documents.records import Ref
    from kontor.identity.api import system_context
    from kontor.values.columns import new_id
    from suite.inventory import api
    from suite.inventory.models import PlannedMove

    def ask(n: int) -> Callable[[int], Any]:
        def deed(i: int) -> Any:
            ctx = system_context("bench")
            chosen = [products[0]] if n == 0 else products[i * n + 1 : (i + 1) * n + 1]
            return api.availability(ctx, [api.AvailabilityAsk(p, warehouse, Decimal(5), ctx.today) for p in chosen])

        return deed

    drawn: list[Any] = []

    def reserve(i: int) -> None:
        ctx = system_context("bench")
        owner, chosen = Ref("bench.order", new_id()), products[i * 10 + 1 : i * 10 + 11]
        rows = [api.PlanRow(new_id(), p, Decimal(2), "out", warehouse, ctx.today) for p in chosen]
        api.plan(ctx, owner, rows)
        api.reserve(ctx, owner)
        drawn.append((owner, rows))

    def ship(i: int) -> None:
        ctx = system_context("bench")
        owner, rows = drawn[i]
        pk = api.draw_up(
            ctx, "sales.delivery", owner, [api.DrawRow(r.line_id, r.quantity) for r in rows],
            warehouse_id=warehouse, party_id=None, address={}, currency=ctx.currency, owner_employee_id=None,
        )  # fmt: skip
        api.complete(ctx, pk, on=ctx.today)

    _time("availability, 1 product with 5,000 open rows", ask(0), 10)
    _time("availability, 1 product with 25 open rows", ask(1), 40)
    _time("availability, 20 products", ask(20), 40)
    _time("plan and reserve, 10 lines", reserve, 21)
    _time("draw up and ship, 10 lines", ship, 20)
    rows = PlannedMove.objects.filter(is_open=True, is_stocked=True, product_id=products[5], warehouse_id=warehouse)
    print(rows.explain(analyze=True, buffers=True))
    mine = PlannedMove.objects.filter(owner_ref_id=drawn[0][0].id, owner_resource="bench.order", is_open=True)
    print(mine.explain(analyze=True, buffers=True))


def _time(what: str, deed: Callable[[int], Any], times: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took = []
    for i in range(times):
        started = time.perf_counter()
        deed(i)
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    print(f"{what}: median {statistics.median(took):.1f} ms, slowest {took[-1]:.1f} ms")
    with CaptureQueriesContext(connection) as seen:
        deed(times)
    spent = sum(float(q["time"]) for q in seen.captured_queries) * 1000
    slow = sorted(seen.captured_queries, key=lambda q: -float(q["time"]))[:3]
    print(f"  {len(seen)} queries, {spent:.1f} ms in the database; slowest:")
    for query in slow:
        print(f"    {float(query['time']) * 1000:.1f} ms {query['sql'][:150]}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
