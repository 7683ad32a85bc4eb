"""Orders with five lines from creating to the posted invoice: how many a second, and the CPU of each.

Part ``orders`` of the bench; ``python -m tests.load.orders [orders] [--bulk N] [--profile] [--statements]`` in the
development environment tells the same in few lines, and where statements and time come from. Each step runs in a
transaction and with a context of its own. Beside it, in the same run, bare psycopg writes as many rows.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

from tests.load import dissecting
from tests.load.calling import Caller, at_once
from tests.load.measuring import Measure, backend_cpu, company, median
from tests.load.rawrows import Rows
from tests.load.serving import WORKERS, Beside, served
from tests.load.walk import LINES, STEPS, Walk, fill

COMPANY = "bench-orders"
WHOLE = f"order with {LINES} lines: created, confirmed, shipped, invoiced, posted"
CLIENTS, RUNS = 4, 5
Run = tuple[float, float, float]  # CPU of Python, CPU of PostgreSQL, the clock: ms each


def measures(scale: str) -> Iterator[Measure]:
    """Through the services, at once, and over HTTP; each beside the same rows written barely."""
    n, bulk, seconds, runs = {"full": (40, 200, 8.0, RUNS), "small": (8, 25, 2.0, 3), "tiny": (1, 2, 0.1, 1)}[scale]
    with company(COMPANY) as founded:
        walk = _walk(founded.tenant, warm=n)
        rows = Rows(walk.scope, lambda: walk.one(3))
        limit = _middle([_timed(n, lambda _i: rows.a_row_each()) for _run in range(runs)])
        table = _middle([_timed(n, lambda _i: rows.a_table_each()) for _run in range(runs)])
        bare = f"its {rows.count} rows by bare psycopg, a row a statement, one transaction"
        yield from _told(WHOLE, _one_by_one(walk, n, runs), limit, bare, "≤ 25 ms", "≥ 40/s")
        bare = f"its {rows.count} rows by bare psycopg, a table a statement, one transaction"
        yield from _told(f"{bulk} at once (perform_many)", _at_once(walk, bulk, runs), table, bare, "≤ 3 ms", "")
        confirmed = _middle([_timed(n, walk.confirmed) for _run in range(runs)])
        yield Measure("orders", "only created and confirmed", 1000 / confirmed[2], "/s", aim="≥ 80/s", runs=runs)
        with served() as server:
            yield from _over_http(server, walk, founded.api_key, seconds, runs)


def _told(what: str, runs: list[Run], limit: Run, bare: str, cpu_aim: str, rate_aim: str) -> Iterator[Measure]:
    rates, cpu = [1000 / run[2] for run in runs], [run[0] + run[1] for run in runs]
    yield Measure("orders", what, median(rates), "/s", min(rates), 1000 / limit[2], bare, rate_aim, len(runs))
    least = limit[0] + limit[1]
    yield Measure(
        "orders", f"  CPU of each (PostgreSQL {median([run[1] for run in runs]):.1f})", median(cpu), "ms", max(cpu),
        least, bare, cpu_aim, len(runs),
    )  # fmt: skip


def _over_http(server: Beside, walk: Walk, key: str, seconds: float, runs: int) -> Iterator[Measure]:
    """Six calls an order, several callers at once, each with orders of its own."""
    host = f"{COMPANY}.localhost"
    callers = [Caller(server.port, host, {"Authorization": f"Bearer {key}"}) for _ in range(CLIENTS)]
    counter = itertools.count()

    def deed(caller: Caller, _n: int) -> None:
        def post(path: str, body: Any, expected: int = 200) -> str:
            return str(json.loads(caller.post(f"/api/v1/{path}/", body, expected))["id"])

        order = post("sales/orders", walk.data(next(counter)), 201)
        post(f"sales/orders/{order}/confirm", {})
        delivery = post(f"sales/orders/{order}/deliver", {}, 201)
        post(f"sales/deliveries/{delivery}/ship", {})
        invoice = post(f"sales/deliveries/{delivery}/invoice", {}, 201)
        post(f"sales/invoices/{invoice}/post", {})

    try:
        at_once(callers, deed, min(seconds, 2))
        rates, cpu = [], []
        for _run in range(runs):
            before = server.cpu()
            told = at_once(callers, deed, seconds)
            rates.append(told.rate)
            cpu.append((server.cpu() - before) / len(told.took) * 1000)
    finally:
        for caller in callers:
            caller.close()
    what = f"through the API, six calls, {WORKERS} processes, {CLIENTS} callers"
    yield Measure("orders", what, median(rates), "/s", min(rates), runs=runs)
    yield Measure("orders", "  CPU of each, server and database", median(cpu), "ms", max(cpu), runs=runs)


def _walk(tenant: Any, *, warm: int) -> Walk:
    """Goods, customers, and some orders to warm up."""
    from kontor.database.tenancy import tenant_scope

    with tenant_scope(tenant):
        customers, products = fill()
    walk = Walk(tenant, customers, products)
    for i in range(warm):
        walk.one(i)
    return walk


def _timed(n: int, deed: Callable[[int], Any]) -> Run:
    served_cpu, begun, cpu = backend_cpu(), time.perf_counter(), time.process_time()
    for i in range(n):
        deed(i)
    took = (time.process_time() - cpu, backend_cpu() - served_cpu, time.perf_counter() - begun)
    return (took[0] / n * 1000, took[1] / n * 1000, took[2] / n * 1000)


def _middle(runs: list[Run]) -> Run:
    python, database, clock = (median(list(column)) for column in zip(*runs, strict=True))
    return python, database, clock


def _one_by_one(walk: Walk, n: int, runs: int) -> list[Run]:
    return [_timed(n, lambda i, at=run * n: walk.one(at + i)) for run in range(runs)]


def _at_once(walk: Walk, n: int, runs: int) -> list[Run]:
    walk.many(0, n)
    out = []
    for run in range(runs):
        python, database, clock = _timed(1, lambda _i, at=n * (run + 1): walk.many(at, n))
        out.append((python / n, database / n, clock / n))
    return out


def main(orders: int, bulk: int, profile: bool, count: bool) -> None:
    """Fill, tell, drop."""
    django.setup()
    from tenants.provisioning import prepare_database

    prepare_database(lambda _line: None)
    with company(COMPANY) as founded:
        walk = _walk(founded.tenant, warm=10)
        if count:
            dissecting.statements(walk)
        if profile:
            dissecting.profiled(walk, orders)
        _say("one by one", _middle(_one_by_one(walk, max(orders // RUNS, 1), RUNS)))
        if bulk:
            dissecting.statements_of_bulk(walk, bulk)
            runs = [walk.many(bulk * run, bulk) for run in range(3)]
            print(", ".join(f"{s} {median([run[s] for run in runs]) / bulk * 1000:.2f}" for s in STEPS))
            _say(f"{bulk} at once", _middle(_at_once(walk, bulk, 3)))
        rows = Rows(walk.scope, lambda: walk.one(3))
        ways = {"a row a statement": rows.a_row_each, "a table a statement": rows.a_table_each}
        for label, way in ways.items():
            _say(f"raw, {rows.count} rows, {label}", _middle([_timed(20, lambda _i, way=way: way()) for _ in range(5)]))


def _say(what: str, run: Run) -> None:
    print(f"{what}: {run[0]:.2f} ms CPU in Python, {run[1]:.2f} in PostgreSQL, {run[2]:.2f} by the clock, each")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", nargs="?", type=int, default=100)
    parser.add_argument("--bulk", type=int, default=100)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--statements", action="store_true")
    given = parser.parse_args()
    main(given.orders, given.bulk, given.profile, given.statements)
