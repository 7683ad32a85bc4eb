"""The same key gets the same answer; what it stands for is done once, also by real threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from kontor.documents.models import IdempotencyKey
from tests.api.conftest import Api


def test_an_answer_is_replayed(api: Any, shop: Any) -> None:
    first = api.post("shop/clients/", {"code": "A", "name": "A"}, idempotency_key="k1")
    again = api.post("shop/clients/", {"code": "A", "name": "A"}, idempotency_key="k1")
    assert first.status_code == again.status_code == 201 and first.content == again.content
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert shop.Client.objects.count() == 1


def test_a_refusal_is_replayed_too(api: Any, shop: Any) -> None:
    first = api.post("shop/clients/", {"name": "A"}, idempotency_key="k2")
    assert first.status_code == 422 and first["Content-Type"] == "application/problem+json"
    again = api.post("shop/clients/", {"name": "A"}, idempotency_key="k2")
    assert again.status_code == 422 and again.content == first.content
    assert again["Content-Type"] == "application/problem+json"


def test_a_key_stands_for_one_request(api: Any, shop: Any) -> None:
    api.post("shop/clients/", {"code": "A", "name": "A"}, idempotency_key="k3")
    other = api.post("shop/clients/", {"code": "B", "name": "B"}, idempotency_key="k3")
    assert other.status_code == 422 and other.body["errors"][0]["code"] == "idempotency_key_reused"
    elsewhere = api.post("shop/goods/", {"code": "A", "name": "A"}, idempotency_key="k3")
    assert elsewhere.status_code == 422
    assert shop.Client.objects.count() == 1 and shop.Good.objects.count() == 0
    assert api.post("shop/clients/", {"code": "C", "name": "C"}, idempotency_key="x" * 256).status_code == 422


def test_keys_are_each_users_own(api: Any, api_of: Any, shop: Any) -> None:
    api.post("shop/clients/", {"code": "A", "name": "A"}, idempotency_key="k4")
    assert api_of("sales").post("shop/clients/", {"code": "B", "name": "B"}, idempotency_key="k4").status_code == 201


def test_dry_runs_keep_nothing(api: Any, shop: Any) -> None:
    api.post("shop/clients/?dry_run=1", {"code": "A", "name": "A"}, idempotency_key="k5")
    assert not IdempotencyKey.objects.exists()


def test_a_fault_keeps_nothing(api: Any, shop: Any, monkeypatch: Any) -> None:
    from kontor.documents import gate

    with monkeypatch.context() as patch:
        patch.setattr(gate, "create", lambda *a, **k: 1 / 0)
        assert api.post("shop/clients/", {"code": "A", "name": "A"}, idempotency_key="k6").status_code == 500
    # the middleware rolls the company's transaction back; here the test's own one is still open
    IdempotencyKey.objects.all().delete()
    assert api.post("shop/clients/", {"code": "A", "name": "A"}, idempotency_key="k6").status_code == 201


def test_keys_are_forgotten_after_a_day(ctx: Any) -> None:
    import datetime as dt

    from django.utils import timezone

    from kontor.history.sweeping import forget, oldest_id

    now = timezone.now()
    old = IdempotencyKey(id=oldest_id(now - dt.timedelta(hours=25)), user_id=ctx.user_id, key="old")
    young = IdempotencyKey(id=oldest_id(now - dt.timedelta(hours=23)), user_id=ctx.user_id, key="young")
    IdempotencyKey.objects.bulk_create([old, young])
    forget()
    assert [k.key for k in IdempotencyKey.objects.all()] == ["young"]


@pytest.fixture
def committed(django_db_setup: Any, django_db_blocker: Any) -> Iterator[str]:
    """The administrator's key of alpha, truly committed, and what the test wrote is removed again."""
    from kontor.history.models import TimelineEntry
    from kontor.identity.api import issue_key
    from kontor.identity.models import ApiKey, User
    from kontor.organization.models import Branch
    from tenants.provisioning import in_tenant

    with django_db_blocker.unblock():
        with in_tenant("alpha"):
            key = issue_key(User.objects.get(username="admin"), name="thread")
        yield key
        with in_tenant("alpha"):
            ApiKey.objects.filter(name="thread").delete()
            IdempotencyKey.objects.all().delete()
            TimelineEntry.objects.all().delete()
            Branch.objects.filter(code__startswith="THR").delete()
        connection.close()


@pytest.fixture
def branches() -> Iterator[None]:
    """Branches of the company as a resource: their table is there for every connection."""
    from kontor.organization.models import Branch
    from kontor.resources import compile as compiling
    from kontor.resources import registry
    from kontor.resources.declaration import Resource

    if registry.spec_of_model(Branch) is not None:
        yield
        return
    declared = type(
        "BranchResource", (Resource,), {"model": Branch, "columns": "code name", "path": "organization/branches"}
    )
    before = list(registry._declared)
    registry._declared.append(declared)
    compiling.compile_all()
    yield
    registry._declared[:] = before
    compiling.compile_all()


def test_threads_with_one_key_do_it_once(committed: str, branches: None) -> None:
    from kontor.organization.models import Branch
    from tenants.provisioning import in_tenant

    answers: list[Any] = []

    def work() -> None:
        try:
            answers.append(
                Api(committed).post("organization/branches/", {"code": "THR1", "name": "T"}, idempotency_key="t1")
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.status_code for a in answers] == [201] * 6
    assert len({a.content for a in answers}) == 1
    assert sum("Idempotency-Replayed" not in a for a in answers) == 1
    with in_tenant("alpha"):
        assert Branch.objects.filter(code="THR1").count() == 1


def test_a_second_call_does_not_wait_for_ever(committed: str, branches: None, monkeypatch: Any) -> None:
    from kontor.documents import gate

    monkeypatch.setattr("kontor.api.idempotency.WAIT_MS", 300)
    real, begun = gate.create, threading.Event()

    def slow(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        time.sleep(1.5)
        return real(*args, **kwargs)

    monkeypatch.setattr(gate, "create", slow)
    answers: dict[str, Any] = {}

    def work(name: str) -> None:
        try:
            answers[name] = Api(committed).post(
                "organization/branches/", {"code": "THR2", "name": "T"}, idempotency_key="t2"
            )
        finally:
            connection.close()

    first = threading.Thread(target=work, args=("first",))
    first.start()
    assert begun.wait(10)
    work("second")
    first.join()
    assert answers["first"].status_code == 201
    assert (answers["second"].status_code, answers["second"].body["code"]) == (409, "in_progress")
    work("third")
    assert answers["third"].content == answers["first"].content


def test_a_rolled_back_call_leaves_the_key_free(committed: str, branches: None, monkeypatch: Any) -> None:
    from kontor.documents import gate

    with monkeypatch.context() as patch:
        patch.setattr(gate, "create", lambda *a, **k: 1 / 0)
        fault = Api(committed).post("organization/branches/", {"code": "THR3", "name": "T"}, idempotency_key="t3")
    assert fault.status_code == 500
    done = Api(committed).post("organization/branches/", {"code": "THR3", "name": "T"}, idempotency_key="t3")
    assert done.status_code == 201 and orjson.loads(done.content)["code"] == "THR3"
    assert not transaction.get_connection().in_atomic_block
