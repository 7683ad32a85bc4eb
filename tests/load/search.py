"""The search at a million parties in Chinese: how long people of each scope wait, and for look-alikes.

``python -m tests.load.search [rows] [keep]`` in the development environment; works on the database of
DATABASE_URL, makes a company ``bench-search`` there and drops it unless told to keep it (a second run
then only measures). Prints medians of several runs.
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import django

COMPANY = "bench-search"
SELLERS, DEPARTMENTS = 500, 20
FIRST = "長永大新台華中宏聯聚正泰昌隆興盛和順豐達信義光明東南海天金鴻偉國民立力全"
SECOND = "城益同光億聯誠欣龍山洋元安利發豪成美康寶鼎耀鑫瑞凱駿佳邦揚淳嘉禾田原寧遠航宇"
_TRADES = "貿易 科技 精密 工業 電子 機械 實業 國際 企業 紡織 食品 化學 建設 物流 材料 光電 生技 自動化 五金 塑膠"
TRADES = _TRADES.split()
FORMS = ("股份有限公司", "有限公司", "企業社")


def main(rows: int, *, keep: bool) -> None:
    """Fill, measure, drop."""
    django.setup()
    from django.db import connection

    from tenants.company import found_company
    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant, in_tenant, prepare_database

    prepare_database(print)
    tenant = Tenant.objects.filter(name=COMPANY).first()
    if tenant is None:
        tenant = found_company(COMPANY, title="Bench", country="tw").tenant
        started = time.perf_counter()
        try:
            with in_tenant(COMPANY):
                _fill(rows)
        except BaseException:
            drop_tenant(tenant)
            raise
        connection.set_schema_to_public()
        with connection.cursor() as cursor:
            for table in ("surfaces_searchentry", "parties_party", "parties_customer"):
                cursor.execute(f'VACUUM ANALYZE "{tenant.schema_name}".{table}')
        print(f"{rows:,} customers in {time.perf_counter() - started:.0f} s")
    try:
        with in_tenant(COMPANY):
            _measure()
    finally:
        if not keep:
            connection.set_schema_to_public()
            drop_tenant(tenant)


def _fill(rows: int) -> None:
    from django.db import connection

    from kontor.identity.api import invite, system_context
    from kontor.organization.models import Assignment, Branch, Department, Employee

    branch = Branch.objects.get()
    departments = [
        Department(code=f"D{i}", name=f"Department {i}", path=f"/D{i // 5 * 5}/D{i}/" if i % 5 else f"/D{i}/")
        for i in range(DEPARTMENTS)
    ]
    Department.objects.bulk_create(departments)
    people = [Employee(number=f"S{i:04}", name=f"Seller {i}") for i in range(SELLERS)]
    Employee.objects.bulk_create(people)
    Assignment.objects.bulk_create(
        Assignment(employee=p, department=departments[i % DEPARTMENTS]) for i, p in enumerate(people)
    )
    for name, role in (("own", "sales"), ("below", "sales_lead")):
        invite(
            username=name,
            name=name,
            roles=[role],
            password="bench-search-1",
            employee=people[0 if role == "sales" else 5],
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE load (id uuid, entry uuid, n int, name text, sort_key text, phone text, "
            "phone_key text, tokens text, owner uuid, path text) ON COMMIT DROP"
        )
        with cursor.copy("COPY load FROM STDIN") as copy:
            for row in _rows(rows, people, departments, branch):
                copy.write_row(row)
        for statement in _INSERTS:
            cursor.execute(statement, {"branch": branch.pk, "currency": system_context().currency})


_INSERTS = (
    "INSERT INTO parties_party (id, version, created_at, updated_at, kind, name, other_names, sort_key, language, "
    "country, tax_number, phone, phone_key, email, website, notes) SELECT id, 1, now(), now(), 'organisation', name, "
    "'{}', sort_key, '', 'TW', '', phone, phone_key, '', '', '' FROM load",
    "INSERT INTO parties_customer (id, version, created_at, updated_at, custom, party_id, code, grade, currency, "
    "tax_class, on_hold, tags, life_stage, price_grade, source, region, owner_id, department_path, branch_id) "
    "SELECT id, 1, now(), now(), '{}', id, 'C-' || lpad(n::text, 7, '0'), '', %(currency)s, '', false, '[]', "
    "'regular', '', '', '', owner, path, %(branch)s FROM load",
    "INSERT INTO surfaces_searchentry (id, resource, record_id, title, subtitle, tokens, owner_id, department_path, "
    "branch_id) SELECT entry, 'parties.customer', id, name, phone, tokens::tsvector, owner, path, %(branch)s FROM load",
)


def _rows(rows: int, people: list[Any], departments: list[Any], branch: Any) -> Iterator[tuple[Any, ...]]:
    from kontor.surfaces import scoping, tokens
    from kontor.values.columns import new_id
    from kontor.values.sorting import sort_key

    dice = random.Random(7)
    names = itertools.cycle([f"{a}{b}{t}{dice.choice(FORMS)}" for a in FIRST for b in SECOND for t in TRADES])
    kept: dict[str, tuple[str, str]] = {}
    for n in range(rows):
        name, phone = next(names), f"02-{2000 + n // 10000:04}-{n % 10000:04}"
        if name not in kept:
            kept[name] = sort_key(name), tokens.vector([(name, "A")])
        key, words = kept[name]
        own = tokens.vector([(f"C-{n:07}", "A"), (phone, "B")])
        seller = n % SELLERS
        place = departments[seller % DEPARTMENTS].path
        scope = scoping.words_of("parties.customer", people[seller].pk, place, branch.pk)
        yield (
            new_id(),
            new_id(),
            n,
            name,
            key,
            phone,
            "+886" + phone.replace("-", "")[1:],
            f"{words} {own} {scope}",
            people[seller].pk,
            place,
        )


def _measure() -> None:
    from kontor.identity.api import context_for
    from kontor.identity.models import User
    from kontor.resources import registry
    from kontor.surfaces.query import Ask, select
    from kontor.surfaces.search import find
    from suite.parties import api
    from tests.load.search import _time

    spec = registry.spec("parties.customer")
    words = (
        "有限公司",
        "股份",
        "公司",
        "長城精密",
        "长城精密",
        "自動化",
        "ccjm",
        "2012-3456",
        "C-0123456",
        "a",
        "zzzz",
    )
    for user in ("admin", "below", "own"):
        ctx = context_for(User.objects.get(username=user))
        print(f"— {user}: {ctx.rights.scope(spec.name)}")
        for word in words:
            _time(f"find {word}", lambda word=word, ctx=ctx: len(find(ctx, word)))
        for word in ("有限公司", "長城精密", "2012-3456"):
            _time(
                f"list q={word}",
                lambda word=word, ctx=ctx: len(select(ctx, spec, Ask(q=word, fields=("code", "name"))).rows),
            )
        _time(
            "similar", lambda ctx=ctx: len(api.similar(ctx, name="长城精密", phone="02-2012-3456", email="a@x.example"))
        )
        _time("similar, two characters", lambda ctx=ctx: len(api.similar(ctx, name="大同")))


def _time(what: str, call: Callable[[], int], runs: int = 5) -> None:
    taken, found = [], 0
    for _run in range(runs):
        started = time.perf_counter()
        found = call()
        taken.append((time.perf_counter() - started) * 1000)
    print(f"{what:<28} {statistics.median(taken):8.1f} ms   most {max(taken):8.1f}   {found} found")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000, keep="keep" in sys.argv)
