"""Lists: the API's and the browser's, of 20,000 and 1,000,000 customers under a sales person's scope."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from tests.load.measuring import Measure, company, outside, p95

COMPANY = "bench-reading"
HOST = f"{COMPANY}.localhost"
MINE = 40  # every 40th customer is the sales person's


def measures(scale: str) -> Iterator[Measure]:
    """Fill, ask a hundred times, fill more, ask again."""
    from django.db import connection

    sizes = (20_000, 1_000_000) if scale == "full" else (20_000,)
    with company(COMPANY) as founded:
        key, employee = _sales_person(founded)
        for size in sizes:
            fill(founded.tenant, size, employee)
            with outside(connection), connection.cursor() as cursor:
                for table in ("parties_party", "parties_customer"):
                    cursor.execute(f'ANALYZE "{founded.tenant.schema_name}"."{table}"')
            yield from _ask(founded.tenant, size, key, employee)


def _sales_person(founded: Any) -> tuple[str, UUID]:
    from kontor.identity import api as identity
    from tenants.provisioning import in_tenant

    with in_tenant(COMPANY):
        user, _word = identity.invite(username="chen", name="Chen", roles=["sales"])
        assert user.employee_id is not None
        return identity.issue_key(user, name="bench"), user.employee_id


def fill(tenant: Any, size: int, employee: UUID | None) -> None:
    """As many customers: copies of one that the gate made, under keys and names of their own."""
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
            ("parties_party", {"id": "x.id", "name": "'客戶' || x.n || '號股份有限公司'"}),
            ("parties_customer", {
                "id": "x.id", "party_id": "x.id", "code": "'B-' || lpad(x.n::text, 7, '0')",
                "owner_id": f"CASE WHEN x.n %% {MINE} = 0 THEN %(me)s::uuid END",
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
                {"first": there + 1, "last": size, "me": employee},
            )


def _ask(tenant: Any, size: int, key: str, employee: UUID) -> Iterator[Measure]:
    from django.test import Client

    api = Client(headers={"host": HOST, "authorization": f"Bearer {key}"})

    def get(path: str) -> Callable[[], Any]:
        def deed() -> Any:
            answer = api.get(path)
            assert answer.status_code == 200, answer.content
            return answer

        return deed

    bare = _minimal(tenant, employee)
    ours, limit = _side_by_side(get("/api/v1/parties/customers/?limit=50"), bare, 150)
    what = f"API list of 50 of {size // MINE:,} own among {size:,} customers"
    yield Measure(
        "reading", what, 1000 * len(ours) / sum(ours), "requests/s", None, 1000 * len(limit) / sum(limit),
        "a minimal DRF view over .values() of the same rows, no key, no scope, no ETag", aim="≥ 0.8 of the limit",
        runs=len(ours),
    )  # fmt: skip
    yield Measure("reading", f"{what}: p95", p95(ours), "ms", max(ours), p95(limit), "the same view", runs=len(ours))

    web = _signed_in()
    pages = {"list page": "/parties/customers/", "sorted by name": "/parties/customers/?sort=name"}
    for label, path in pages.items():
        took = []
        for i in range(31):
            begun = time.perf_counter()
            assert web.get(path).status_code == 200
            if i:
                took.append((time.perf_counter() - begun) * 1000)
        yield Measure(
            "reading", f"{label} in the browser, {size:,} customers, all to be seen: server p95", p95(took), "ms",
            max(took), runs=len(took),
        )  # fmt: skip


def _side_by_side(ours: Callable[[], Any], bare: Callable[[], Any], times: int) -> tuple[list[float], list[float]]:
    """Taken in turns, so that what else the machine does meets both alike."""
    rows: tuple[list[float], list[float]] = ([], [])
    for i in range(times + 5):
        for took, deed in zip(rows, (ours, bare), strict=True):
            begun = time.perf_counter()
            deed()
            if i >= 5:
                took.append((time.perf_counter() - begun) * 1000)
    return rows


def _minimal(tenant: Any, employee: UUID) -> Callable[[], Any]:
    """The least that Django and DRF can do for the same answer: the company's transaction and nothing else."""
    from django.test import Client, override_settings

    from kontor.database.tenancy import tenant_scope
    from kontor.identity.api import system_context
    from kontor.resources import registry
    from kontor.surfaces.plans import plan_for
    from tests.load import bare

    with tenant_scope(tenant):
        bare.COLUMNS = plan_for(system_context("bench"), registry.spec("parties.customer")).columns
    client = Client(headers={"host": HOST})
    stack = {"ROOT_URLCONF": "tests.load.bare", "MIDDLEWARE": ["tenants.middleware.TenantMiddleware"]}
    with override_settings(**stack):
        assert client.get(f"/bare/{employee}/").status_code == 200  # the middleware is read with the first request

    def deed() -> Any:
        with override_settings(ROOT_URLCONF="tests.load.bare"):
            return client.get(f"/bare/{employee}/")

    return deed


def _signed_in() -> Any:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.test import Client

    from kontor.identity.models import User
    from kontor.identity.session_store import SessionStore
    from tenants.provisioning import in_tenant

    with in_tenant(COMPANY):
        user = User.objects.get(username="admin")
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    web = Client(headers={"host": HOST})
    web.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return web
