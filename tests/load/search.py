"""The search at a million parties in Chinese: how long people of each scope wait, and for look-alikes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.load.measuring import Measure, analyze, clock, company, median

COMPANY = "bench-search"
SELLERS, DEPARTMENTS = 500, 20
FIRST = "長永大新台華中宏聯聚正泰昌隆興盛和順豐達信義光明東南海天金鴻偉國民立力全"
SECOND = "城益同光億聯誠欣龍山洋元安利發豪成美康寶鼎耀鑫瑞凱駿佳邦揚淳嘉禾田原寧遠航宇"
_TRADES = "貿易 科技 精密 工業 電子 機械 實業 國際 企業 紡織 食品 化學 建設 物流 材料 光電 生技 自動化 五金 塑膠"
TRADES = _TRADES.split()
USERS = {"admin": "all to be seen", "below": "a department's", "own": "a seller's own"}
_ASKED = "有限公司 長城精密 2012-3456 C-0123456 股份 公司 长城精密 自動化 ccjm a zzzz"
WORDS = tuple(_ASKED.split())
BARE = "twenty entries of all that hold the words, by the index alone, no scope and no rank"
RUNS = 5
FORMS = ("股份有限公司", "有限公司", "企業社")


def measures(scale: str) -> Iterator[Measure]:
    """Fill set-based, search as three people, beside a bare look into the index."""
    from tenants.provisioning import in_tenant

    rows = {"full": 1_000_000, "small": 20_000, "tiny": 200}[scale]
    with company(COMPANY) as founded:
        with in_tenant(COMPANY):
            _fill(rows)
        analyze(founded.tenant, "surfaces_searchentry", "parties_party", "parties_customer")
        for who in USERS:
            with in_tenant(COMPANY):
                yield from _measures(who, rows, 1 if scale == "tiny" else RUNS)


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


def _measures(who: str, rows: int, runs: int) -> Iterator[Measure]:
    from kontor.identity.api import context_for
    from kontor.identity.models import User
    from kontor.resources import registry
    from kontor.surfaces.query import Ask, select
    from kontor.surfaces.search import find
    from suite.parties import api

    spec = registry.spec("parties.customer")
    ctx = context_for(User.objects.get(username=who))
    deeds: dict[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
        "search": (WORDS, lambda word: find(ctx, word)),
        "list with q=": (WORDS[:4], lambda word: select(ctx, spec, Ask(q=word, fields=("code", "name")))),
        "look-alikes": (
            ("长城精密", "大同"), lambda name: api.similar(ctx, name=name, phone="02-2012-3456", email="a@x.example")
        ),
    }  # fmt: skip
    for label, (words, deed) in deeds.items():
        took = {word: clock(lambda _i, word=word, deed=deed: deed(word), runs) for word in words}
        bare = {word: clock(lambda _i, word=word: _barely(word), runs) for word in words}
        slowest = max(words, key=lambda word: median(took[word]))
        every = [ms for mine in took.values() for ms in mine]
        yield Measure(
            "search", f"{label}, {rows:,} parties in Chinese, {USERS[who]}: median of {len(words)} words",
            median(every), "ms", max(every), median([ms for mine in bare.values() for ms in mine]), BARE,
            runs=len(every),
        )  # fmt: skip
        yield Measure(
            "search", f"  the slowest word, “{slowest}”", median(took[slowest]), "ms", max(took[slowest]),
            median(bare[slowest]), BARE, aim="≤ 100 ms", runs=runs,
        )  # fmt: skip


def _barely(word: str) -> None:
    """Twenty entries that hold the words, by the index, whoever may see them."""
    from django.db import connection

    from kontor.surfaces import tokens

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, title, subtitle FROM surfaces_searchentry WHERE tokens @@ %s::tsquery LIMIT 20",
            [tokens.query(word)],
        )
        cursor.fetchall()
