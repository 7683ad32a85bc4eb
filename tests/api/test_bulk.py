"""Many writes in one call: an answer an item, all or none, and jobs that survive their worker."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from kontor.jobs import api as jobs
from kontor.jobs import running
from kontor.jobs.models import Job, JobResult
from kontor.jobs.tasks import run_job


def creates(n: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"method": "create", "data": {"code": f"C{i}", "name": f"Client {i}"}} for i in range(start, start + n)]


@pytest.mark.requirement("K22")
def test_each_item_gets_its_answer_in_order(api: Any, stock: Any, shop: Any) -> None:
    bill = stock["bill"]["id"]
    items = [
        *creates(2),
        {"method": "create", "data": {"name": "no code"}},
        {"method": "update", "id": stock["client"]["id"], "data": {"name": "New"}},
        {"method": "update", "id": stock["client"]["id"], "version": 1, "data": {"name": "Newer"}},
        {"method": "open", "id": bill},
        {"method": "copy", "id": bill},
        {"method": "delete", "id": bill},
        {"method": "update", "id": "018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34", "data": {}},
        *creates(1, 9),
    ]
    clients = [i for i in items if i["method"] in ("create", "update")]
    answer = api.post("shop/clients/bulk/", {"items": clients})
    assert answer.status_code == 200
    assert [r["status"] for r in answer.body["results"]] == [201, 201, 422, 200, 412, 404, 201]
    assert answer.body["results"][0]["body"]["code"] == "C0"
    assert answer.body["results"][2]["body"]["errors"][0]["pointer"] == "/code"
    assert answer.body["results"][3]["body"]["name"] == "New"
    assert shop.Client.objects.count() == 4
    bills = api.post("shop/bills/bulk/", {"items": [i for i in items if i["method"] in ("open", "copy", "delete")]})
    assert [r["status"] for r in bills.body["results"]] == [200, 201, 409]
    assert bills.body["results"][0]["body"]["state"] == "open" and bills.body["results"][0]["body"]["lines"]


def test_all_or_none(api: Any, shop: Any) -> None:
    items = [*creates(2), {"method": "create", "data": {}}]
    answer = api.post("shop/clients/bulk/", {"items": items, "atomic": True})
    assert [r["status"] for r in answer.body["results"]] == [424, 424, 422]
    assert shop.Client.objects.count() == 0
    done = api.post("shop/clients/bulk/", {"items": creates(3), "atomic": True})
    assert [r["status"] for r in done.body["results"]] == [201] * 3 and shop.Client.objects.count() == 3


def test_creates_go_together(api: Any, shop: Any, django_assert_max_num_queries: Any) -> None:
    api.get("me/")
    with django_assert_max_num_queries(24):
        answer = api.post("shop/clients/bulk/", {"items": creates(150)})
    assert len(answer.body["results"]) == 150 and shop.Client.objects.count() == 150


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": {}},
        {"items": []},
        {"items": [1]},
        {"items": [{"method": "explode"}]},
        {"items": [{"method": "update", "data": {}}]},
        {"items": [{"method": ["create"]}]},
    ],
)
def test_wrong_bulks(api: Any, body: Any) -> None:
    answer = api.post("shop/clients/bulk/", body)
    assert answer.status_code == 422 and answer.body["errors"][0]["pointer"].startswith("/items")


@pytest.mark.requirement("K28")
def test_many_items_become_a_job(api: Any, api_of: Any, shop: Any, django_capture_on_commit_callbacks: Any) -> None:
    sent: list[dict[str, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_job, "apply_async", lambda kwargs, retry: sent.append(kwargs))
        with django_capture_on_commit_callbacks(execute=True):
            items = [*creates(449), {"method": "create", "data": {"name": "bad"}}]
            answer = api.post("shop/clients/bulk/", {"items": items}, idempotency_key="job")
            again = api.post("shop/clients/bulk/", {"items": items}, idempotency_key="job")
    assert answer.status_code == 202 and again.content == answer.content
    pk = answer.body["job"]["id"]
    assert sent == [{"tenant": "alpha", "job": pk}] and answer["Location"].endswith(f"/jobs/{pk}/")
    assert api.get(f"jobs/{pk}/").body["state"] == "waiting" and shop.Client.objects.count() == 0
    tenant = connection.tenant
    assert running._one_chunk(pk) and shop.Client.objects.count() == 200
    state = api.get(f"jobs/{pk}/").body
    assert (state["state"], state["done"], state["total"]) == ("running", 200, 450) and state["progress"] == 0.4444
    assert len(state["results"]) == 200
    running.run(tenant, pk)  # a worker killed here is followed by another that begins where it stopped
    connection.set_tenant(tenant)
    state = api.get(f"jobs/{pk}/").body
    assert (state["state"], state["done"], state["failed"]) == ("done", 450, 1)
    assert [r["status"] for r in state["results"]] == [201] * 449 + [422]
    assert shop.Client.objects.count() == 449
    assert api_of("manager").get(f"jobs/{pk}/").status_code == 404
    assert api.get("jobs/").body["results"][0]["id"] == pk
    assert api.get("jobs/").body["results"][0]["state"] == "done"


def test_cancel_and_go_on(api: Any, shop: Any, ctx: Any) -> None:
    pk = jobs.start(ctx, "bulk", creates(450), {"resource": "shop.client"})
    running._one_chunk(pk)
    assert api.post(f"jobs/{pk}/cancel/").body["state"] == "cancelled"
    assert not running._one_chunk(pk) and shop.Client.objects.count() == 200
    assert api.post(f"jobs/{pk}/cancel/").status_code == 409
    assert api.post(f"jobs/{pk}/retry/").body["state"] == "waiting"
    while running._one_chunk(pk):
        pass
    assert shop.Client.objects.count() == 450 and JobResult.objects.filter(job_id=pk).count() == 3


def test_a_faulty_job_fails_after_some_tries_and_can_go_on(shop: Any, ctx: Any, company: Any) -> None:
    calls: list[int] = []

    @jobs.work("test.faulty", chunk=2)
    def faulty(ctx: Any, params: Any, items: list[Any]) -> list[dict[str, Any]]:
        calls.append(len(items))
        if params and len(calls) <= params["fail"]:
            raise RuntimeError("not today")
        return [{"status": 200} for _i in items]

    pk = jobs.start(ctx, "test.faulty", [1, 2, 3], {"fail": running.MOST_ATTEMPTS})
    running.run(company, pk)
    connection.set_tenant(company)
    assert jobs.info(ctx, pk).state == "failed" and "not today" in jobs.info(ctx, pk).error
    jobs.retry(ctx, pk)
    running.run(company, pk)
    connection.set_tenant(company)
    assert jobs.info(ctx, pk).state == "done" and jobs.info(ctx, pk).done == 3


@pytest.mark.requirement("K28")
def test_forgotten_and_abandoned_jobs_are_sent_again(
    shop: Any, ctx: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    import datetime as dt

    from django.utils import timezone

    sent: list[str] = []
    monkeypatch.setattr(run_job, "apply_async", lambda kwargs, retry: sent.append(kwargs["job"]))
    old = timezone.now() - dt.timedelta(minutes=5)
    waiting, silent, busy, ahead = (jobs.start(ctx, "bulk", creates(1), {"resource": "shop.client"}) for _i in range(4))
    Job.objects.filter(pk=waiting).update(created_at=old)
    Job.objects.filter(pk=silent).update(state="running", seen_at=old)
    Job.objects.filter(pk=busy).update(state="running", seen_at=timezone.now())
    later = timezone.now() + dt.timedelta(hours=1)  # its worker died, and then the clock was set back
    Job.objects.filter(pk=ahead).update(state="running", seen_at=later)
    with django_capture_on_commit_callbacks(execute=True):
        assert running.take_up() == 3
    assert set(sent) == {str(waiting), str(silent), str(ahead)}
    assert running.take_up() == 0


def test_a_task_without_a_company_refuses_to_run(db: Any) -> None:
    from kontor.errors import Refused
    from kontor.history.tasks import sweep

    for name in ("", "nobody"):
        with pytest.raises(Refused):
            run_job(tenant=name, job="018f3c6e-6d2a-7c31-9a55-0c6a8d1f2b34")
        with pytest.raises(Refused):
            sweep(tenant=name)
