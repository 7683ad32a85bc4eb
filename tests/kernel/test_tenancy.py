"""A connection serves one company a transaction, and only inside one."""

import re
import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from kontor.configuration.api import get, put
from kontor.database.tenancy import tenant_scope
from kontor.errors import Invalid, Refused
from tenants.models import Tenant
from tenants.provisioning import create_tenant, in_tenant


def _path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return cursor.fetchone()[0]


@pytest.mark.requirement("T1")
@pytest.mark.django_db(transaction=True)
def test_the_path_lives_as_long_as_the_transaction():
    with in_tenant("alpha"):
        assert _path() == "t_alpha, extensions"
        try:
            with transaction.atomic():
                raise Refused("back to the savepoint")
        except Refused:
            pass
        assert _path() == "t_alpha, extensions"
    assert "t_alpha" not in _path()


@pytest.mark.requirement("T1")
@pytest.mark.django_db(transaction=True)
def test_a_look_at_the_tables_leaves_no_path_behind():
    with in_tenant("alpha"):
        with connection.cursor() as cursor:
            assert "parties_party" in connection.introspection.table_names(cursor)
        assert _path() == "t_alpha, extensions"
    assert "t_alpha" not in _path()


@pytest.mark.requirement("T1")
@pytest.mark.django_db(transaction=True)
def test_a_query_outside_a_transaction_is_refused():
    connection.set_tenant(Tenant.objects.get(name="alpha"))
    try:
        with pytest.raises(ProgrammingError, match="outside a transaction"):
            get("company.name")
    finally:
        connection.set_schema_to_public()


@pytest.mark.requirement("T1")
@pytest.mark.django_db(transaction=True)
def test_one_transaction_serves_one_company():
    beta = Tenant(schema_name="t_beta")
    with in_tenant("alpha"), pytest.raises(RuntimeError, match="durable"), tenant_scope(beta):
        pass


@pytest.mark.requirement("T1")
@pytest.mark.django_db(transaction=True)
def test_threads_never_see_each_others_company():
    wrong: list[str] = []

    def work(name: str) -> None:
        for _i in range(20):
            with in_tenant(name):
                if get("company.name") != name.title():
                    wrong.append(name)
        connection.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("alpha", "beta", "gamma") * 3]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


@pytest.mark.requirement("T1")
@pytest.mark.django_db(transaction=True)
def test_a_new_threads_first_query_may_be_a_companys():
    """The host's company comes from the cache, so nothing has connected before the tenant is set."""
    alpha, seen = Tenant.objects.get(name="alpha"), []

    def work() -> None:
        try:
            with tenant_scope(alpha):
                seen.append(get("company.name"))
        except ProgrammingError as error:
            seen.append(str(error))
        finally:
            connection.close()

    for _i in range(2):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == ["Alpha", "Alpha"]


@pytest.mark.requirement("T2")
@pytest.mark.parametrize("name", ["A", "1abc", "has space", "public", "x", "a" * 41, "drop;table", "-a", "ünder"])
def test_a_bad_name_makes_no_company(db: None, name: str):
    with pytest.raises(Invalid):
        create_tenant(name, title="X", country="us", language="en", zone="UTC")
    assert not Tenant.objects.filter(name=name).exists()


@pytest.mark.requirement("T2")
def test_a_name_is_given_once(db: None):
    with pytest.raises(Refused, match="already"):
        create_tenant("alpha", title="X", country="us", language="en", zone="UTC")


def test_no_foreign_key_leaves_the_schema(company: object):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
            "JOIN pg_class f ON f.oid = c.confrelid JOIN pg_namespace n ON n.oid = t.relnamespace "
            "JOIN pg_namespace m ON m.oid = f.relnamespace "
            "WHERE n.nspname = 't_alpha' AND m.nspname <> n.nspname"
        )
        assert cursor.fetchall() == []
    put({"company.name": "changed"})


@pytest.mark.requirement("T1")
def test_a_copy_is_like_the_template(company: object):
    """Tables, columns, constraints, indexes and triggers of a company equal the template's."""
    from tenants.provisioning import TEMPLATE_SCHEMA

    def shape(schema: str) -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 'column', table_name::text, column_name::text, data_type::text, is_nullable::text "
                "FROM information_schema.columns WHERE table_schema = %(s)s "
                "UNION ALL SELECT 'index', tablename, indexname, replace(indexdef, %(s)s || '.', ''), '' "
                "FROM pg_indexes WHERE schemaname = %(s)s "
                "UNION ALL SELECT 'constraint', replace(conrelid::regclass::text, %(s)s || '.', ''), conname, "
                "replace(pg_get_constraintdef(oid), %(s)s || '.', ''), '' FROM pg_constraint "
                "WHERE connamespace = (SELECT oid FROM pg_namespace WHERE nspname = %(s)s) "
                "UNION ALL SELECT 'trigger', c.relname, t.tgname, '', '' FROM pg_trigger t JOIN pg_class c "
                "ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE n.nspname = %(s)s AND NOT t.tgisinternal",
                {"s": schema},
            )
            # PostgreSQL writes a cast of a list in two equal ways, before and after a dump
            bare = re.compile(r"[()]|::[a-z ]+(\[\])?")
            return sorted(tuple(bare.sub("", str(v)) for v in row) for row in cursor.fetchall())

    assert shape("t_alpha") == shape(TEMPLATE_SCHEMA)


def test_a_lost_server_is_told_as_django_tells_it():
    """The statement that sets the path is the first to notice; pages answer 503 to OperationalError alone."""
    import psycopg
    from django.db import OperationalError, connection

    class Gone:
        def cursor(self) -> object:
            raise psycopg.errors.AdminShutdown("terminating connection due to unexpected postmaster exit")

    lost = connection.copy()
    lost.connection = Gone()
    with pytest.raises(OperationalError):
        lost._set_local_path()
