"""Lists: the API's and the browser's, of 20,000 and 1,000,000 customers under a sales person's scope."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from tests.load.calling import Caller, Told, at_once, signed_in
from tests.load.measuring import Measure, analyze, company, median, p95
from tests.load.serving import WORKERS, Beside, served

COMPANY = "bench-reading"
HOST = f"{COMPANY}.localhost"
MINE, FEW = 40, 2_000  # every 40th customer is one sales person's, every 2,000th another's
CLIENTS, ROUNDS = 8, 5


def measures(scale: str) -> Iterator[Measure]:
    """Fill, ask over HTTP, fill more, ask again."""
    sizes = {"full": (20_000, 1_000_000), "small": (20_000,), "tiny": (2_000,)}[scale]
    seconds = {"full": 3.0, "small": 1.5, "tiny": 0.1}[scale]
    with company(COMPANY) as founded:
        sellers = {every: _sales_person(every) for every in (MINE, FEW)}
        with served() as server:
            for size in sizes:
                fill(founded.tenant, size, {every: employee for every, (_key, employee) in sellers.items()})
                analyze(founded.tenant, "parties_party", "parties_customer")
                yield from _lists(server, size, sellers, seconds)
                yield from _pages(server, size, seconds)


def _sales_person(every: int) -> tuple[str, UUID]:
    from kontor.identity import api as identity
    from tenants.provisioning import in_tenant

    with in_tenant(COMPANY):
        user, _word = identity.invite(username=f"seller-{every}", name="Seller", roles=["sales"])
        assert user.employee_id is not None
        return identity.issue_key(user, name="bench"), user.employee_id


def fill(tenant: Any, size: int, sellers: Mapping[int, UUID]) -> None:
    """As many customers, copies of one that the gate made with keys and names of their own; every n-th a seller’s."""
    from django.db import connection

    from kontor.database.tenancy import tenant_scope
    from kontor.documents import gate
    from kontor.identity.api import system_context

    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM parties_customer")
        there = cursor.fetchone()[0]
        if not there:
            gate.create(system_context("bench"), "parties.customer", {"name": "華山貿易股份有限公司"})
            there = 1
        for table, own in (
            ("parties_party", {
                "id": "x.id", "name": "'客戶' || x.n || '號股份有限公司'", "sort_key": "md5(x.n::text)",
            }),
            ("parties_customer", {
                "id": "x.id", "party_id": "x.id", "code": "'B-' || lpad(x.n::text, 7, '0')",
                "owner_id": _owner(sellers),
            }),
        ):  # fmt: skip
            cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
            names = [c.name for c in cursor.description]
            values = ", ".join(own.get(n, f't."{n}"') for n in names)
            columns = ", ".join(f'"{n}"' for n in names)
            cursor.execute(
                f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM (SELECT * FROM "{table}" LIMIT 1) t, '
                "(SELECT n, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id "
                "FROM generate_series(%(first)s::int, %(last)s::int) n) x",
                {"first": there + 1, "last": size},
            )


def _owner(sellers: Mapping[int, UUID]) -> str:
    """Every n-th is the seller's, the rarer first; the others are nobody's."""
    cases = [f"WHEN x.n %% {every} = {every // 2} THEN '{sellers[every]}'::uuid" for every in sorted(sellers)[::-1]]
    return f"CASE {' '.join(cases)} END" if cases else "NULL"


def _lists(server: Beside, size: int, sellers: dict[int, tuple[str, UUID]], seconds: float) -> Iterator[Measure]:
    for every, (key, employee) in sellers.items():
        api = [Caller(server.port, HOST, {"Authorization": f"Bearer {key}"}) for _ in range(CLIENTS)]
        try:
            yield from _list(server, api, size, size // every, employee, seconds)
        finally:
            for caller in api:
                caller.close()


def _list(server: Beside, api: list[Caller], size: int, own: int, employee: UUID, seconds: float) -> Iterator[Measure]:
    """In turns with the limit, so that what else the machine does meets both alike."""
    paths = ("/api/v1/parties/customers/?limit=50", f"/bare/{employee}/")
    rounds: dict[str, list[Told]] = {path: [] for path in paths}
    costs: dict[str, list[float]] = {path: [] for path in paths}
    for path in paths:
        assert len(json.loads(api[0].get(path))["results"]) == min(50, own)
    for _round in range(1 + ROUNDS):
        for path in paths:
            before = server.cpu()
            told = at_once(api, lambda caller, _n, path=path: caller.get(path), seconds)
            rounds[path].append(told)
            costs[path].append((server.cpu() - before) / len(told.took) * 1000)
    ours, limit = ([told.rate for told in rounds[path][1:]] for path in paths)
    slow, bare = ([p95(told.took) for told in rounds[path][1:]] for path in paths)
    cpu, least = (costs[path][1:] for path in paths)
    what = f"API list of 50 of {own:,} own among {size:,} customers"
    beside = "a minimal DRF view over .values() of the same rows in the same server, no key, no scope, no ETag"
    yield Measure(
        "reading", f"{what}, {WORKERS} processes, {CLIENTS} callers", median(ours), "requests/s", min(ours),
        median(limit), beside, aim="≥ 0.8 of the limit", runs=ROUNDS,
    )  # fmt: skip
    yield Measure("reading", f"{what}: p95", median(slow), "ms", max(slow), median(bare), beside, runs=ROUNDS)
    yield Measure(
        "reading", f"{what}: CPU of server and database", median(cpu), "ms each", max(cpu), median(least), beside,
        runs=ROUNDS,
    )  # fmt: skip


PAGES = {
    "list page": "/parties/customers/",
    "sorted by name": "/parties/customers/?sort=name",
    "with a filter": "/parties/customers/?code__startswith=B-00001",
}


def _pages(server: Beside, size: int, seconds: float) -> Iterator[Measure]:
    web = Caller(server.port, HOST, signed_in(COMPANY))
    try:
        for label, path in PAGES.items():
            assert b"k-table" in web.get(path)
            took = at_once([web], lambda caller, _n, path=path: caller.get(path), seconds).took
            yield Measure(
                "reading", f"{label} in the browser, {size:,} customers, all to be seen: p95", p95(took), "ms",
                max(took), aim="≤ 200 ms", runs=len(took),
            )  # fmt: skip
    finally:
        web.close()
