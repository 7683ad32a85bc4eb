"""One database a worker, built once per state of the migrations; tests share companies and roll back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from kontor.context import Context

# Machines are shared: how long an example takes says nothing about the code.
hypothesis_settings.register_profile("kontor", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("kontor")

# A test that commits works on a company of its own (``fresh_company``); nothing is ever truncated.
TransactionTestCase._fixture_teardown = lambda self: None

COMPANIES = {"alpha": ("tw", "zh-hant"), "beta": ("cn", "zh-hans"), "gamma": ("us", "en")}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--without-database``: what `./kontor check` runs of the guards."""
    parser.addoption("--without-database", action="store_true", help="leave out every test that needs a database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a database, where asked to."""
    if not config.getoption("--without-database"):
        return
    needing = {"db", "transactional_db", "django_db_setup"}
    out = [i for i in items if needing & set(getattr(i, "fixturenames", ())) or i.get_closest_marker("django_db")]
    config.hook.pytest_deselected(items=out)
    items[:] = [i for i in items if i not in out]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Make (or take again) this worker's database with the template and three companies."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    base = settings.DATABASES["default"]
    name = f"test_{base['NAME'].removeprefix('test_')}_{worker}"
    with django_db_blocker.unblock():
        from tenants.versions import schema_mark

        mark = f"{schema_mark()}:{_founding()}:{','.join(COMPANIES)}"
        _fresh_database(base, name, mark)
        connection.close()
        connection.close_pool()
        base["NAME"] = connection.settings_dict["NAME"] = name
        connection.settings_dict["OPTIONS"]["pool"]["max_size"] = 40  # tests start more threads than a web worker
        if not _ready(mark):
            from tenants.company import found_company
            from tenants.provisioning import prepare_database

            prepare_database(lambda line: None)
            for company, (country, language) in COMPANIES.items():
                found_company(company, title=company.title(), country=country, language=language)
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE public.test_mark (mark text)")
                cursor.execute("INSERT INTO public.test_mark VALUES (%s)", [mark])
    yield
    with django_db_blocker.unblock():
        connection.close_pool()


def _founding() -> str:
    """Changes with whatever founds a company, so that the shared ones are founded anew."""
    root = Path(__file__).parents[1]
    files = [
        *root.glob("tenants/*.py"),
        *root.glob("platform/suite/packs/**/*.*"),
        *root.glob("platform/suite/*/api.py"),
        *root.glob("platform/suite/*/rules.py"),
    ]
    digest = hashlib.sha256()
    for file in sorted(f for f in files if f.is_file() and f.suffix != ".pyc" and "sample" not in f.parts):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _fresh_database(base: dict[str, Any], name: str, mark: str) -> None:
    link = {"host": base["HOST"], "port": base["PORT"] or 5432, "user": base["USER"], "password": base["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **link) as admin:
        exists = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if exists:
            with psycopg.connect(dbname=name, autocommit=True, **link) as own:
                table = own.execute("SELECT to_regclass('public.test_mark')").fetchone()
                row = own.execute("SELECT mark FROM public.test_mark").fetchone() if table and table[0] else None
            if row and row[0] == mark:
                return
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{name}"')


def _ready(mark: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.test_mark')")
        return cursor.fetchone()[0] is not None


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are compared in English; a test of another language says so itself."""
    with translation.override("en"):
        yield


@pytest.fixture
def fresh_company(transactional_db: Any) -> Iterator[Any]:
    """A company of the test's own, really committed, for threads and connections; dropped afterwards.

    Gives what ``found_company`` gives; work inside it with ``tenants.provisioning.in_tenant(name)``.
    """
    from tenants.company import found_company
    from tenants.provisioning import drop_tenant

    founded = found_company(f"fresh-{os.urandom(4).hex()}", title="Fresh", country="tw")
    yield founded
    connection.set_schema_to_public()
    drop_tenant(founded.tenant)


@pytest.fixture
def company(db: Any) -> Iterator[Any]:
    """The Taiwanese company ``alpha`` inside the test's transaction, which is rolled back."""
    yield from _inside("alpha")


@pytest.fixture
def us_company(db: Any) -> Iterator[Any]:
    """The American company ``gamma`` (USD, no tax)."""
    yield from _inside("gamma")


@pytest.fixture
def cn_company(db: Any) -> Iterator[Any]:
    """The mainland company ``beta``."""
    yield from _inside("beta")


def _inside(name: str) -> Iterator[Any]:
    from tenants.models import Tenant

    tenant = Tenant.objects.get(name=name)
    connection.set_tenant(tenant)
    yield tenant
    connection.set_schema_to_public()


@pytest.fixture
def ctx(company: Any) -> Context:
    """The administrator of alpha."""
    return context_of("admin")


@pytest.fixture
def us_ctx(us_company: Any) -> Context:
    """The administrator of gamma."""
    return context_of("admin")


def context_of(username: str, **changes: Any) -> Context:
    """The context of a user of the present company."""
    from kontor.identity.api import context_for
    from kontor.identity.models import User

    return context_for(User.objects.get(username=username), **changes)


@pytest.fixture
def as_role(company: Any) -> Callable[..., Context]:
    """``as_role("sales")`` → the context of a new user of alpha with that role."""
    from kontor.identity.api import invite

    def make(role: str, department: str = "") -> Context:
        user = invite(username=f"{role}-{os.urandom(3).hex()}", name=role, roles=[role], department=department)[0]
        return context_of(user.username)

    return make
