"""Stock at a million planned moves: how long availability, reservation and shipping take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.load.measuring import Measure, analyze, clock, company, median

COMPANY = "bench-stock"
OPEN_SHARE = 20  # one row in twenty is open, the rest is history
BARE = "the sums of its open rows by bare SQL"

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


def measures(scale: str) -> Iterator[Measure]:
    """Fill set-based, ask, reserve, ship."""
    from tenants.provisioning import in_tenant

    rows = {"full": 1_000_000, "small": 50_000, "tiny": 2_000}[scale]
    goods = {"full": 2_000, "small": 500, "tiny": 30}[scale]
    with company(COMPANY) as founded:
        with in_tenant(COMPANY):
            products, warehouse = _fill(rows, goods)
        analyze(founded.tenant, "inventory_plannedmove")
        with in_tenant(COMPANY):
            yield from _measures(products, warehouse, rows, 1 if scale == "tiny" else 20)


def _fill(rows: int, goods: int) -> tuple[list[Any], Any]:
    from kontor.documents import gate
    from kontor.identity.api import system_context
    from suite.catalog.models import Product
    from suite.inventory import api
    from suite.inventory.models import Location

    ctx = system_context("bench")
    made = gate.create_many(ctx, "catalog.product", [{"code": f"B{i:05}", "name": f"Bench {i}"} for i in range(goods)])
    warehouse = api.default_warehouse(ctx)
    lines = [{"product": str(p.pk), "quantity": "500", "unit_cost": "10"} for p in made]
    opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    customer = Location.objects.get(kind="customer").pk
    with connection.cursor() as cursor:
        cursor.execute(
            FILL,
            {"products": goods, "warehouse": warehouse, "customer": customer, "share": OPEN_SHARE, "rows": rows},
        )
    return list(Product.objects.order_by("code").values_list("pk", flat=True)), warehouse


def _measures(products: list[Any], warehouse: Any, all_rows: int, times: int) -> Iterator[Measure]:
    from kontor.documents.records import Ref
    from kontor.identity.api import system_context
    from kontor.values.columns import new_id
    from suite.inventory import api

    def ask(n: int) -> Callable[[int], Any]:
        def deed(i: int) -> Any:
            ctx = system_context("bench")
            chosen = [products[0]] if n == 0 else [products[(i * n + k) % (len(products) - 1) + 1] for k in range(n)]
            return api.availability(ctx, [api.AvailabilityAsk(p, warehouse, Decimal(5), ctx.today) for p in chosen])

        return deed

    drawn: list[Any] = []

    def reserve(i: int) -> None:
        ctx = system_context("bench")
        owner, chosen = (
            Ref("bench.order", new_id()),
            [products[(i * 10 + k) % (len(products) - 1) + 1] for k in range(10)],
        )
        rows = [api.PlanRow(new_id(), p, Decimal(2), "out", warehouse, ctx.today) for p in chosen]
        api.plan(ctx, owner, rows)
        api.reserve(ctx, owner)
        drawn.append((owner, rows))

    def ship(i: int) -> None:
        ctx = system_context("bench")
        owner, rows = drawn[i]
        wanted = [api.DrawRow(r.line_id, r.quantity) for r in rows]
        ask = api.DrawAsk(owner, wanted, warehouse, None, {}, ctx.currency, None)
        made = api.draw_up(ctx, "sales.delivery", [ask])
        api.carry_out(ctx, made, on=ctx.today)

    few, most = all_rows // OPEN_SHARE // len(products), all_rows // 200
    deeds: dict[str, Callable[[int], Any]] = {
        f"availability of a product with {most:,} open rows": ask(0),
        f"availability of a product with {few:,} open rows": ask(1),
        "availability of 20 products": ask(20),
        "plan and reserve ten lines": reserve,
        "draw up and ship ten lines": ship,
    }
    bare = {
        f"availability of a product with {most:,} open rows": lambda _i: _barely(products[0], warehouse),
        f"availability of a product with {few:,} open rows": lambda i: _barely(products[i % 9 + 1], warehouse),
    }
    for what, deed in deeds.items():
        took = clock(deed, times)
        limit = median(clock(bare[what], times)) if what in bare else None
        yield Measure(
            "stock", f"{what}, {all_rows:,} planned moves", median(took), "ms", max(took), limit, BARE if limit else "",
            aim="≤ 100 ms" if "availability" in what else "", runs=times,
        )  # fmt: skip
        with CaptureQueriesContext(connection) as seen:
            deed(times + 1)
        yield Measure("stock", "  queries", len(seen), "")


def _barely(product: Any, warehouse: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT direction, sum(quantity - done), sum(reserved) FROM inventory_plannedmove "
            "WHERE is_open AND is_stocked AND product_id = %s AND warehouse_id = %s GROUP BY direction",
            [product, warehouse],
        )
        cursor.fetchall()
