"""One order with five lines from creating to the posted invoice: CPU, statements, and where they come from.

``python -m tests.load.orders [orders] [--bulk N] [--profile] [--statements]`` in the development
environment; works on the database of DATABASE_URL, makes a company ``bench-orders`` there and drops it.
Every step runs in a transaction and with a context of its own, as the API does it. Beside it, in the same run, a
loop in raw psycopg writes as many rows into the same tables: one statement per row, and one per table.
"""

from __future__ import annotations

import argparse
import collections
import cProfile
import pstats
import re
import statistics
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import django

COMPANY = "bench-orders"
PRODUCTS, CUSTOMERS, LINES = 100, 50, 5
STEPS = ("create", "confirm", "deliver", "ship", "invoice", "post")
TICK = 100  # of /proc, per second


def main(orders: int, bulk: int, profile: bool, count: bool) -> None:
    """Fill, measure, drop."""
    django.setup()
    from kontor.database.tenancy import connection
    from tenants.company import found_company
    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant, in_tenant, prepare_database

    prepare_database(lambda _line: None)
    for old in Tenant.objects.filter(name=COMPANY):
        drop_tenant(old)
    founded = found_company(COMPANY, title="Bench", country="tw")
    try:
        with in_tenant(COMPANY):
            customers, products = _fill()
        walk = Walk(founded.tenant, customers, products)
        for i in range(10):
            walk.one(i)
        if count:
            statements(walk)
        if profile:
            profiled(walk, orders)
        measure(walk, orders)
        if bulk:
            measure_bulk(walk, bulk)
        raw(founded.tenant, walk)
    finally:
        connection.set_schema_to_public()
        drop_tenant(founded.tenant)


def _fill() -> tuple[list[str], list[str]]:
    from kontor.documents import gate
    from kontor.identity.api import system_context

    ctx = system_context("bench")
    made = gate.create_many(
        ctx, "catalog.product", [{"code": f"B{i:03}", "name": f"B {i}", "list_price": "100"} for i in range(PRODUCTS)]
    )
    lines = [{"product": str(p.pk), "quantity": "1000000", "unit_cost": "60"} for p in made]
    opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    names = [{"name": f"Customer {i}"} for i in range(CUSTOMERS)]
    customers = gate.create_many(ctx, "parties.customer", names)
    return [str(c.pk) for c in customers], [str(p.pk) for p in made]


class Walk:
    """Orders on their way: one at a time step by step, or many at once."""

    def __init__(self, tenant: Any, customers: list[str], products: list[str]) -> None:
        self.tenant, self.customers, self.products = tenant, customers, products
        with self.scope():
            from kontor.identity.api import context_for
            from kontor.identity.models import User

            self.base = context_for(User.objects.get(username="admin"))
        self.made: list[Any] = []

    def scope(self) -> Any:
        from kontor.database.tenancy import tenant_scope

        return tenant_scope(self.tenant)

    def data(self, i: int) -> dict[str, Any]:
        """The body of the i-th order."""
        lines = [{"product": self.products[(i * 7 + k * 13) % PRODUCTS], "quantity": "2"} for k in range(LINES)]
        return {"customer": self.customers[i % CUSTOMERS], "lines": lines}

    def one(self, i: int, told: Callable[[str], Any] = lambda _step: None) -> None:
        """A whole order: six calls, six transactions."""
        from kontor.documents import gate

        def call(step: str, deed: Callable[[Any], Any]) -> Any:
            told(step)
            with self.scope():
                return deed(replace(self.base, cache={}, effects={}))

        order = call("create", lambda ctx: gate.create(ctx, "sales.order", self.data(i))).pk
        call("confirm", lambda ctx: gate.perform(ctx, "sales.order", order, "confirm"))
        delivery = call("deliver", lambda ctx: gate.perform(ctx, "sales.order", order, "deliver")).made.pk
        call("ship", lambda ctx: gate.perform(ctx, "sales.delivery", delivery, "ship"))
        invoice = call("invoice", lambda ctx: gate.perform(ctx, "sales.delivery", delivery, "invoice")).made.pk
        call("post", lambda ctx: gate.perform(ctx, "sales.invoice", invoice, "post"))
        told("end")
        self.made.append(invoice)

    def many(self, start: int, n: int) -> dict[str, float]:
        """n orders at once: six calls in all; the CPU seconds of each."""
        from kontor.documents import gate

        took: dict[str, float] = {}

        def call(step: str, deed: Callable[[Any], Any]) -> Any:
            begun = time.process_time()
            with self.scope():
                out = deed(replace(self.base, cache={}, effects={}))
            took[step] = time.process_time() - begun
            return out

        bodies = [self.data(start + i) for i in range(n)]
        orders = [r.pk for r in call("create", lambda ctx: gate.create_many(ctx, "sales.order", bodies))]
        call("confirm", lambda ctx: gate.perform_many(ctx, "sales.order", orders, "confirm"))
        told = call("deliver", lambda ctx: gate.perform_many(ctx, "sales.order", orders, "deliver"))
        deliveries = [o.made.pk for o in told]
        call("ship", lambda ctx: gate.perform_many(ctx, "sales.delivery", deliveries, "ship"))
        told = call("invoice", lambda ctx: gate.perform_many(ctx, "sales.delivery", deliveries, "invoice"))
        call("post", lambda ctx: gate.perform_many(ctx, "sales.invoice", [o.made.pk for o in told], "post"))
        return took


def backend_cpu() -> float:
    """CPU seconds that this connection's PostgreSQL process has used; 0 where it is not on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parts[11]) + int(parts[12])) / TICK


def measure(walk: Walk, orders: int) -> None:
    """Median of five runs: CPU of Python and of PostgreSQL, and the clock, in ms an order."""
    runs = []
    for run in range(5):
        n = max(orders // 5, 1)
        served, begun, cpu = backend_cpu(), time.perf_counter(), time.process_time()
        for i in range(n):
            walk.one(run * n + i)
        runs.append(
            tuple(x / n * 1000 for x in (
                time.process_time() - cpu, backend_cpu() - served, time.perf_counter() - begun
            ))
        )  # fmt: skip
    python, database, clock = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"one by one: {python:.1f} ms CPU in Python, {database:.1f} ms in PostgreSQL, {clock:.1f} ms by the clock")


def measure_bulk(walk: Walk, n: int) -> None:
    """The best of three bulks: CPU an order, and statements of a bulk."""
    with captured() as seen:
        walk.many(0, n)
    runs = []
    for run in range(3):
        served = backend_cpu()
        took = walk.many(n * (run + 1), n)
        runs.append((sum(took.values()), backend_cpu() - served, took))
    python, database, took = sorted(runs, key=lambda r: r[0])[1]
    steps = ", ".join(f"{step} {1000 * took[step] / n:.2f}" for step in STEPS)
    print(
        f"{n} at once: {python / n * 1000:.2f} ms CPU in Python, {database / n * 1000:.2f} in PostgreSQL each ({steps})"
    )
    print(f"  {len(seen)} statements for {n} orders")
    for sql, times in collections.Counter(_shape(s) for s in seen).most_common(12):
        print(f"  {times:5} {sql}")


@contextmanager
def captured() -> Iterator[list[str]]:
    """The statements of the block, as text."""
    from django.db import connection

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def _shape(sql: str) -> str:
    words = re.sub(r"\s+", " ", sql)
    found = re.match(r"(SELECT)\b.*? FROM (\S+)(.*)", words)
    return f"SELECT … FROM {found.group(2)}{found.group(3)[:90]}" if found else words[:120]


def statements(walk: Walk) -> None:
    """Each statement of one order with the place in the code that made it."""
    from django.db import connection

    rows: list[tuple[str, str, str]] = []
    now = ["-"]

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        frames = [f for f in traceback.extract_stack() if "/platform/" in f.filename and "wrapper" not in f.filename]
        at = " < ".join(f"{f.filename.partition('/platform/')[2]}:{f.lineno}" for f in reversed(frames[-4:]))
        rows.append((now[0], _shape(sql), at))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        walk.one(7, lambda step: now.__setitem__(0, step))
    for step, sql, at in rows:
        print(f"{step:8} {sql[:110]:110}  {at}")
    told = collections.Counter(step for step, _sql, _at in rows)
    print(f"{len(rows)} statements: " + ", ".join(f"{step} {told[step]}" for step in STEPS))


def profiled(walk: Walk, orders: int) -> None:
    """Where the time goes: cProfile over the orders."""
    profile = cProfile.Profile(time.process_time)  # CPU, not the clock
    profile.enable()
    for i in range(orders):
        walk.one(i)
    profile.disable()
    stats = pstats.Stats(profile)
    stats.sort_stats("tottime").print_stats(45)
    stats.sort_stats("cumulative").print_stats(r"/platform/", 90)


def raw(tenant: Any, walk: Walk) -> None:
    """As many rows into the same tables by bare psycopg: a row a statement, then a table a statement."""
    from django.db import connection

    tables = dict(written(walk))
    with walk.scope(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'CREATE TABLE "raw_{table}" (LIKE "{table}" INCLUDING DEFAULTS)')
    for label, a_row_each in (("a row a statement", True), ("a table a statement", False)):
        runs = []
        for _run in range(5):
            served, cpu, begun = backend_cpu(), time.process_time(), time.perf_counter()
            for _i in range(20):
                with walk.scope(), connection.cursor() as cursor:
                    for table, rows in tables.items():
                        _copy(cursor, table, rows, a_row_each)
            runs.append((
                (time.process_time() - cpu) * 50, (backend_cpu() - served) * 50, (time.perf_counter() - begun) * 50
            ))  # fmt: skip
        python, database, clock = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"raw, {label}: {python:.2f} ms CPU in Python, {database:.2f} in PostgreSQL, {clock:.2f} by the clock")


def written(walk: Walk) -> Iterator[tuple[str, int]]:
    """Table and rows that one order inserts."""
    from django.db import connection

    found: collections.Counter[str] = collections.Counter()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        out = execute(sql, params, many, context)
        if match := re.match(r'INSERT INTO "?(\w+)"?', sql):
            found[match.group(1)] += max(context["cursor"].rowcount, 1)
        return out

    with connection.execute_wrapper(note):
        walk.one(3)
    yield from ((t, n) for t, n in found.items() if t != "documents_numbercounter")


def _copy(cursor: Any, table: str, rows: int, a_row_each: bool) -> None:
    """Rows like those that are there, under new keys."""
    columns = _columns(cursor, table)
    names = ", ".join(f'"{c}"' for c in columns if c != "id")
    take = f'INSERT INTO "raw_{table}" (id, {names}) SELECT gen_random_uuid(), {names} FROM "{table}" LIMIT %s'
    if a_row_each:
        for _i in range(rows):
            cursor.execute(take, [1])
    else:
        cursor.execute(take, [rows])


_known: dict[str, list[str]] = {}


def _columns(cursor: Any, table: str) -> list[str]:
    if table not in _known:
        cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
        _known[table] = [c.name for c in cursor.description]
    return _known[table]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", nargs="?", type=int, default=100)
    parser.add_argument("--bulk", type=int, default=100)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--statements", action="store_true")
    given = parser.parse_args()
    main(given.orders, given.bulk, given.profile, given.statements)
