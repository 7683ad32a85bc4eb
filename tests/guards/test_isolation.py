"""What companies share – processes, cache, files, queue, cookies – tells none of them of another."""

from __future__ import annotations

import ast
import re
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from kontor.api import limits
from kontor.configuration import kept
from kontor.context import Context
from kontor.errors import Refused
from kontor.history import storage
from kontor.identity.models import Session, User
from kontor.surfaces import paging
from tenants.models import Tenant
from tenants.provisioning import in_tenant
from tests.guards.trees import tree

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.requirement("T1")]

# Everything that outlives a request in a process, with why no company's data gets from one to another.
KEYED_BY_COMPANY = {"kontor.api.limits._leases", "kontor.configuration.kept._store", "kontor.context._current"}
OF_THE_CODE = {  # filled at start by decorators, or computed from the code alone
    "kontor.clock._standing",
    "kontor.database.backend.compiler._texts",  # queries' texts by their shapes, without a value
    "kontor.documents.journal._after_write",
    "kontor.fields.shapes._shapes",
    "kontor.history.following._followers",
    "kontor.jobs.api._kinds",
    "kontor.reports.registry._reports",
    *(f"kontor.resources.registry.{n}" for n in ("_declared", "_contributed", "_related", "_modules", "_specs")),
    *(f"kontor.resources.registry.{n}" for n in ("_owners", "_panels", "spec_of_model", "spec_by_path")),
    "kontor.settings.MIGRATION_MODULES",
    "kontor.surfaces.plans._plans",
    "kontor.surfaces.statements._kept",  # SQL under all that it says; people and rows are slots
    "tenants.contents._contents",
    "tenants.workers._mover",  # migrations and their states
    "tenants.versions.migration_files",
    "tenants.versions.schema_mark",
}
_REGISTRIES = re.compile(  # decorators of modules: names → functions
    r"kontor\.(surfaces\.(expansions|hatches|line_facts|lookalikes|prefill|printing\.registry)|web\.[a-z_.]+)\._[a-z]+"
)
_PURE = re.compile(  # functions of their arguments and the code; none takes or reads a row
    r"kontor\.(api\.keys\._(rights|settings)|database\.(constraints\._(uniques|checks)|rows\._statement"
    r"|backend\.compiler\._(inserted|kinds)|instances\._blank|prepared\._numbered)|documents\.drafting\._columns"
    r"|identity\.(sealing\._key|passwords\._common)|surfaces\.dependents\.dependents"
    r"|surfaces\.exchange\.columns\._words|surfaces\.printing\.render\._compiler|surfaces\.search\._watched"
    r"|surfaces\.tokens\._pinyin)|suite\.(packs\.contents\._chart|parties\.rules\._(names|codes))"
)


def _sources() -> list[tuple[str, ast.Module, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "platform/*.py", "tenants/*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    out = []
    for name in listed:
        if "migrations" in name or not (ROOT / name).exists():
            continue
        text = (ROOT / name).read_text("utf-8")
        module = name.removeprefix("platform/").removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        out.append((module, tree(text), text))
    return out


def _outlives(tree: ast.Module) -> list[str]:
    """Names of a module that may hold something from one request to the next."""
    made = {"dict", "list", "set", "defaultdict", "OrderedDict", "deque", "local", "ContextVar", "WeakValueDictionary"}
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            value = node.value
            empty = (isinstance(value, ast.Dict) and not value.keys) or (isinstance(value, ast.List) and not value.elts)
            called = isinstance(value, ast.Call) and getattr(value.func, "id", getattr(value.func, "attr", "")) in made
            later = isinstance(node, ast.AnnAssign) and isinstance(value, ast.Constant) and value.value is None
            if isinstance(target, ast.Name) and (empty or called or later):
                found.append(target.id)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found += [
                node.name for d in node.decorator_list if re.search(r"\bcache(d_property)?\b|lru_cache", ast.unparse(d))
            ]
    return found


def test_what_outlives_a_request_is_known() -> None:
    """A new process-wide store names here how it keeps companies apart."""
    names = {f"{module}.{name}" for module, tree, _text in _sources() for name in _outlives(tree)}
    assert names >= KEYED_BY_COMPANY
    unknown = names - KEYED_BY_COMPANY - OF_THE_CODE
    assert sorted(n for n in unknown if not _REGISTRIES.fullmatch(n) and not _PURE.fullmatch(n)) == []


def test_no_lock_and_no_channel_of_the_whole_server() -> None:
    """Locks are rows, queues the broker: an advisory lock or a channel is the same number in every schema."""
    words = re.compile(r"pg_(try_)?advisory|\bpg_notify\b|\bLISTEN [a-z]|\bNOTIFY [a-z]|MATERIALIZED VIEW")
    assert [module for module, _tree, text in _sources() if words.search(text)] == []


def test_valkey_is_reached_through_the_cache_alone() -> None:
    """Its keys get the company from Django's KEY_FUNCTION; a client of its own would write bare keys."""
    bare = re.compile(r"^\s*(import|from) (redis|valkey)\b", re.MULTILINE)
    assert [module for module, _tree, text in _sources() if bare.search(text)] == []
    assert all(c["KEY_FUNCTION"] == "kontor.database.caching.tenant_key" for c in settings.CACHES.values())


def _switch(name: str) -> None:
    connection.set_schema_to_public()
    connection.set_tenant(Tenant.objects.get(name=name))


def test_the_cache_of_one_says_nothing_to_another(company: Any) -> None:
    cache.set("shared-name", "alpha's")
    _switch("beta")
    assert cache.get("shared-name") is None
    cache.set("shared-name", "beta's")
    _switch("alpha")
    assert cache.get("shared-name") == "alpha's"
    cache.delete("shared-name")


def test_what_the_process_keeps_is_the_companys(ctx: Context) -> None:
    first = kept.kept(ctx, "guard", "guard", lambda: "alpha's")
    ctx.cache.clear()
    _switch("beta")
    assert (first, kept.kept(ctx, "guard", "guard", lambda: "beta's")) == ("alpha's", "beta's")


def test_the_rate_limits_count_each_company_for_itself(company: Any, settings: Any) -> None:
    settings.API_RATE_PER_KEY = settings.API_RATE_PER_TENANT = 2
    cache.clear()  # what other tests called in this minute
    limits.forget()
    for _call in range(2):
        limits.limit_headers("guard")
    with pytest.raises(limits.TooFast):
        limits.limit_headers("guard")
    _switch("beta")
    assert limits.limit_headers("guard")["RateLimit-Remaining"] == "1"


def test_a_cursor_of_one_is_none_of_another(company: Any) -> None:
    body = b"[]"
    signature = paging._sign(body)
    _switch("beta")
    assert paging._sign(body) != signature


def test_files_lie_under_their_company(company: Any, tmp_path: Path) -> None:
    store = storage.DiskStore(tmp_path)
    with pytest.raises(Refused):
        store.put("../outside", [b"x"])
    assert not (tmp_path.parent / "outside").exists()


class TestCookies:
    def test_they_are_of_the_host_alone(self, company: Any) -> None:
        """A cookie for the parent domain would go to every company's host."""
        for name in ("SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "LANGUAGE_COOKIE_DOMAIN"):
            assert getattr(settings, name) is None
        assert settings.SESSION_COOKIE_HTTPONLY and settings.SESSION_COOKIE_SAMESITE == "Lax"
        client = Client(headers={"host": "alpha.localhost"})
        client.get("/accounts/login/")
        assert client.cookies and all(not morsel["domain"] for morsel in client.cookies.values())

    def test_a_session_of_one_opens_nothing_of_another(self, ctx: Context) -> None:
        client = Client(headers={"host": "alpha.localhost"})
        client.force_login(User.objects.get(username="admin"))
        assert client.get("/").status_code == 200
        stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
        assert Session.objects.filter(session_key=stolen).exists()
        other = Client(headers={"host": "beta.localhost"})
        other.cookies[settings.SESSION_COOKIE_NAME] = stolen
        answer = other.get("/")
        assert (answer.status_code, answer.url.split("?")[0]) == (302, settings.LOGIN_URL)

    def test_an_unknown_host_has_no_company(self, db: None) -> None:
        for host in ("nobody.localhost", "localhost", "t_alpha", "public"):
            assert Client(headers={"host": host}).get("/").status_code in (400, 404)


def test_every_task_names_its_company_or_visits_all(db: None) -> None:
    from kontor.celery import app

    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if name.startswith(("kontor.", "suite.", "tenants."))}
    assert len(ours) >= 5
    for name, task in ours.items():
        if name.rsplit(".", 1)[1].endswith("_all"):
            continue
        with pytest.raises(Refused, match="needs the company's name"):
            task.run()
        with pytest.raises(Refused, match="no company named"):
            task.run(tenant="nobody-there")


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_failed_leaves_the_next_request_nothing() -> None:
    """Connections go back to a pool: neither path nor transaction of a failed request may stay on one."""
    seen: list[str] = []

    def fail() -> None:
        try:
            with in_tenant("alpha"):
                raise RuntimeError
        except RuntimeError:
            with connection.cursor() as cursor:
                cursor.execute("SHOW search_path")
                seen.append(cursor.fetchone()[0])
        finally:
            connection.close()

    for _turn in range(3):
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert len(seen) == 3 and not any("t_alpha" in path for path in seen)
