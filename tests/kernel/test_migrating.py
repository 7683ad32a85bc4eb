"""Companies that exist follow the code: one that cannot keeps its state and stops no other."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from kontor.errors import Refused
from kontor.jobs import running
from kontor.jobs.models import Job
from kontor.surfaces.models import SearchEntry
from suite.catalog.models import Tax
from tenants import contents, migrating, versions
from tenants.models import Tenant
from tenants.provisioning import drop_tenant, in_tenant

pytestmark = [pytest.mark.django_db(transaction=True)]

_ONE = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("fields", "0001_initial")]
    operations = [
        migrations.AddField("dictionaryitem", "extra", models.CharField(max_length=10, default="", db_default="")),
        migrations.RunSQL("CREATE UNIQUE INDEX fields_extra ON fields_dictionaryitem (dictionary, name)"),
    ]
"""
_TWO = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("fields", "9001_extra")]
    operations = [migrations.RunSQL("ALTER TABLE fields_dictionaryitem ADD COLUMN second integer NULL")]
"""


@pytest.fixture
def two(fresh_company: Any) -> Iterator[tuple[str, str]]:
    """Two companies of the test's own, both at the present state."""
    from tenants.company import found_company

    other = found_company(f"{fresh_company.tenant.name}-b", title="Other", country="us")
    yield fresh_company.tenant.name, other.tenant.name
    connection.set_schema_to_public()
    drop_tenant(other.tenant)


@pytest.fixture
def appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The dictionary's app with two more migrations, as a later version would have them."""
    package = tmp_path / "later_fields"
    package.mkdir()
    (package / "__init__.py").touch()
    first = Path(settings.ROOT, "platform/kontor/fields/migrations")
    for file in first.glob("[0-9]*.py"):
        (package / file.name).write_text(file.read_text())

    def append() -> None:
        (package / "9001_extra.py").write_text(_ONE)
        (package / "9002_second.py").write_text(_TWO)
        files = dict(versions.migration_files())
        more = {**files, "fields/9001_extra.py": "1", "fields/9002_second.py": "2"}
        monkeypatch.setattr(versions, "migration_files", lambda: more)
        versions.schema_mark.cache_clear()

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(settings.MIGRATION_MODULES, "fields", "later_fields")
    yield append
    monkeypatch.undo()
    versions.schema_mark.cache_clear()
    for name in [n for n in sys.modules if n.startswith("later_fields")]:
        del sys.modules[name]


def _columns(name: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s "
            "AND table_name = 'fields_dictionaryitem'",
            [f"t_{name.replace('-', '_')}"],
        )
        return {row[0] for row in cursor.fetchall()}


def _ask(name: str, path: str) -> Any:
    return Client(headers={"host": f"{name}.localhost", "accept-language": "en"}).get(path)


def _mine(two: tuple[str, str], rows: list[Tenant]) -> list[str]:
    return [t.name for t in rows if t.name in two]


def _bring(two: tuple[str, str]) -> dict[str, migrating.Outcome]:
    """The two alone: the shared companies of other tests stay as they are."""
    return {o.name: o for name in two for o in migrating.bring_up(lambda line: None, only=name).outcomes}


@pytest.mark.requirement("T8", part="one fails and is named, the others go on")
def test_one_fails_the_other_goes_on_and_a_second_run_finishes(two: tuple[str, str], appended: Any) -> None:
    good, bad = two
    assert _mine(two, migrating.behind()) == []
    with in_tenant(bad), connection.cursor() as cursor:  # what the new unique index will not bear
        cursor.execute("SELECT id, dictionary, name FROM fields_dictionaryitem ORDER BY code LIMIT 2")
        (first, dictionary, name), (second, _d, _n) = cursor.fetchall()
        cursor.execute("UPDATE fields_dictionaryitem SET name = %s WHERE id = %s", [name, second])
    appended()
    assert sorted(_mine(two, migrating.behind())) == sorted(two)

    cache.clear()
    page, call = _ask(good, "/accounts/login/"), _ask(good, "/api/v1/parties/customers/")
    assert (page.status_code, page["Retry-After"], call.status_code) == (503, "15", 503)
    assert json.loads(call.content)["code"] == "being_upgraded"
    assert call["Content-Type"] == "application/problem+json"

    done = _bring(two)
    assert (done[good].applied, done[good].error) == (2, "")
    assert "IntegrityError" in done[bad].error and "fields_extra" in done[bad].error
    assert {"extra", "second"} <= _columns(good)
    assert not {"extra", "second"} & _columns(bad)  # the failed migration left nothing
    row = Tenant.objects.get(name=bad)
    assert row.fault == done[bad].error and row.is_behind
    assert _ask(good, "/accounts/login/").status_code == 200
    assert _ask(bad, "/accounts/login/").status_code == 503
    with pytest.raises(CommandError, match=f"1 of 1 companies.*{bad}"):
        call_command("migrate_companies", "--tenant", bad)

    with in_tenant(bad), connection.cursor() as cursor:
        cursor.execute("UPDATE fields_dictionaryitem SET name = 'mended' WHERE id = %s", [second])
    again = _bring(two)
    assert list(again) == [bad] and (again[bad].applied, again[bad].error) == (2, "")
    assert Tenant.objects.get(name=bad).fault == ""
    assert _mine(two, migrating.behind()) == [] and _ask(bad, "/accounts/login/").status_code == 200
    del first, dictionary


@pytest.mark.requirement("T8", part="resumed")
def test_a_stopped_run_goes_on_where_it_was(two: tuple[str, str], appended: Any, monkeypatch: Any) -> None:
    appended()
    good = two[0]
    whole = migrating.MigrationExecutor.apply_migration

    def stops(self: Any, state: Any, migration: Any, **more: Any) -> Any:
        if migration.name == "9002_second":
            raise KeyboardInterrupt
        return whole(self, state, migration, **more)

    with monkeypatch.context() as patched:
        patched.setattr(migrating.MigrationExecutor, "apply_migration", stops)
        with pytest.raises(KeyboardInterrupt):
            migrating.bring_up(lambda line: None, only=good)
    assert "extra" in _columns(good) and "second" not in _columns(good)
    assert [(o.applied, o.error) for o in migrating.bring_up(lambda line: None, only=good).outcomes] == [(1, "")]
    assert "second" in _columns(good)


def test_a_schema_ahead_of_the_code_is_served(fresh_company: Any) -> None:
    Tenant.objects.filter(pk=fresh_company.tenant.pk).update(level=versions.level() + 1)
    assert _ask(fresh_company.tenant.name, "/accounts/login/").status_code == 200


def test_nobody_behind_is_one_query(fresh_company: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        migrating.behind()
    with pytest.raises(Refused, match="no company"):
        migrating.behind("nobody-there")


def test_contents_that_moved_are_brought_without_touching_what_people_changed(
    fresh_company: Any, monkeypatch: Any
) -> None:
    tenant = fresh_company.tenant
    with in_tenant(tenant.name):
        first, second = Tax.objects.order_by("code")[:2]
        Tax.objects.filter(pk=first.pk).update(name="ours")
        entries = SearchEntry.objects.count()
        SearchEntry.objects.filter(resource="catalog.tax").delete()
    old = contents._contents["packs"]
    monkeypatch.setitem(contents._contents, "packs", contents.Content("packs", "2 test".replace(" ", "-"), old.bring))
    [outcome] = migrating.bring_up(lambda line: None, only=tenant.name).outcomes
    assert (outcome.applied, outcome.error) == (0, "")
    with in_tenant(tenant.name):
        assert Tax.objects.get(pk=first.pk).name == "ours"
        assert Tax.objects.filter(code=second.code).count() == 1
        assert SearchEntry.objects.count() == entries  # what is brought past the gate is found
    assert "packs:2-test" in Tenant.objects.get(pk=tenant.pk).contents


def test_an_index_in_old_words_is_written_anew_by_a_job(fresh_company: Any, monkeypatch: Any) -> None:
    tenant = fresh_company.tenant
    with in_tenant(tenant.name):
        SearchEntry.objects.update(tokens="'old':1A")
    old = contents._contents["search"]
    monkeypatch.setitem(contents._contents, "search", contents.Content("search", "99", old.bring))
    migrating.bring_up(lambda line: None, only=tenant.name)
    with in_tenant(tenant.name):
        [job] = Job.objects.filter(kind="search.rebuild")
        assert job.user_id is None and job.total >= 5
    running.run(tenant, job.pk)
    with in_tenant(tenant.name):
        assert Job.objects.get(pk=job.pk).state == "done"
        assert not SearchEntry.objects.filter(tokens="'old':1A").exists()


def test_a_migration_changed_after_it_was_carried_out_is_refused(db: None) -> None:
    files = dict(versions.migration_files())
    assert versions.changed_since(files) == []
    files["fields/0001_initial.py"] = "another text"
    files["fields/0000_gone.py"] = "x"
    files["auth/0001_initial.py"] = "a library may"
    assert versions.changed_since(files) == ["fields/0000_gone.py", "fields/0001_initial.py"]
