"""Events are read in order, by who may see what they tell of, and none is missed for committing late."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection

from kontor.history.events import EventAsk, events
from kontor.history.models import OutboxEvent
from kontor.resources import registry
from kontor.values.columns import new_id
from tenants.provisioning import in_tenant

pytestmark = [pytest.mark.requirement("I14")]


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [e["name"] for e in answer.body["results"]]


def test_events_are_told_in_order_and_after_one(api: Any, stock: Any) -> None:
    bill = f"shop/bills/{stock['bill']['id']}/"
    api.patch(bill, {"note": "soon"}, if_match='"1"')
    api.post(f"{bill}open/")
    shop = "events/?resource=shop.client,shop.good,shop.bill"
    told = api.get(shop)
    assert _names(told) == [
        "shop.client.created", "shop.good.created", "shop.bill.created", "shop.bill.updated", "shop.bill.opened",
    ]  # fmt: skip
    assert told.body["next"] is None
    last = told.body["results"][-1]
    assert set(last) == {"id", "name", "at", "resource", "record", "version", "url", "data"}
    assert (last["resource"], last["record"], last["version"]) == ("shop.bill", stock["bill"]["id"], 3)
    assert api.get(last["url"]).body["id"] == stock["bill"]["id"]
    assert _names(api.get(f"events/?after={last['id']}")) == []
    api.post("shop/goods/", {"code": "P2", "name": "Pad"})
    assert _names(api.get(f"events/?after={last['id']}")) == ["shop.good.created"]
    seen, path = [], f"{shop}&limit=2"
    while path:
        page = api.get(path)
        seen += [e["id"] for e in page.body["results"]]
        path = page.body["next"]
    assert seen == [e["id"] for e in api.get(shop).body["results"]]
    newest = api.get(f"{shop}&order=-at&limit=4")
    assert [e["id"] for e in newest.body["results"]] == seen[:-5:-1]
    assert [e["id"] for e in api.get(newest.body["next"]).body["results"]] == seen[1::-1]


def test_events_by_name_record_and_time(api: Any, stock: Any) -> None:
    api.post(f"shop/bills/{stock['bill']['id']}/open/")
    assert _names(api.get("events/?name=shop.bill.opened")) == ["shop.bill.opened"]
    assert _names(api.get("events/?name=shop.bill.*,shop.good.created")) == [
        "shop.good.created", "shop.bill.created", "shop.bill.opened",
    ]  # fmt: skip
    assert _names(api.get(f"events/?record={stock['good']['id']}")) == ["shop.good.created"]
    at = api.get("events/?name=shop.bill.opened").body["results"][0]["at"]
    assert _names(api.get(f"events/?resource=shop.bill&at__gte={at}")) == ["shop.bill.opened"]
    assert _names(api.get(f"events/?resource=shop.bill&at__lt={at}")) == ["shop.bill.created"]
    whole = api.get("events/?name=shop.bill.created&expand=record").body["results"][0]
    assert whole["record"]["number"] == api.get(f"shop/bills/{stock['bill']['id']}/").body["number"]
    assert whole["record"]["lines"][0]["quantity"] == "2"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("nope=1", "/nope"), ("after=x", "/after"), ("before=1", "/before"), ("record=x", "/record"),
        ("at__gte=yesterday", "/at__gte"), ("at__lt=9999-12-31T00:00:00Z", "/at__lt"), ("order=name", "/order"),
        ("limit=201", "/limit"), ("resource=shop.nothing", "/resource"), ("expand=client", "/expand"),
        ("name=%00", "/name"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(api: Any, shop: Any, query: str, pointer: str) -> None:
    answer = api.get(f"events/?{query}")
    assert answer.status_code == 422, answer.content
    assert [e["pointer"] for e in answer.body["errors"]] == [pointer]


@pytest.mark.requirement("K3")
def test_events_of_what_one_may_not_see_are_not_told(api: Any, api_of: Any, stock: Any) -> None:
    clerk, reader = api_of("sales"), api_of("warehouse")
    assert "shop.bill.created" not in _names(clerk.get("events/?name=shop.*&limit=200"))
    mine = clerk.post("shop/clients/", {"code": "M", "name": "Mine"}).body
    told = clerk.get("events/?name=shop.client.*").body["results"]
    assert [e["record"] for e in told] == [mine["id"]]
    assert reader.get("events/?name=shop.client.*").body["results"] == []
    assert [e["record"] for e in api.get("events/?name=shop.client.*").body["results"]] == [
        stock["client"]["id"], mine["id"],
    ]  # fmt: skip
    api.delete(f"shop/clients/{mine['id']}/")
    assert _names(api.get(f"events/?record={mine['id']}")) == ["shop.client.created", "shop.client.deleted"]
    assert clerk.get(f"events/?record={mine['id']}").body["results"] == []


def test_what_commits_late_is_not_passed_over(fresh_company: Any) -> None:
    from tests.conftest import context_of

    spec, ask = registry.spec("parties.customer"), EventAsk(names=["parties.customer.*"], after=new_id())
    name, early, late = fresh_company.tenant.name, new_id(), None
    with in_tenant(name):
        link, schema = connection.get_connection_params(), connection.schema_name
    with psycopg.connect(**{k: link[k] for k in ("host", "port", "user", "password", "dbname")}) as slow:
        slow.execute(f'SET search_path TO "{schema}"')
        slow.execute(
            "INSERT INTO history_outboxevent (id, at, name, resource, record_id, record_version, payload, "
            "attempts, error) VALUES (%s, now(), 'parties.customer.early', 'parties.customer', %s, 1, '{}', 0, '')",
            [early, new_id()],
        )
        with in_tenant(name):
            kind = "parties.customer"
            late = OutboxEvent.objects.create(name=f"{kind}.late", resource=kind, record_id=new_id()).pk
        with in_tenant(name):
            assert events(context_of("admin"), [spec], ask) == []  # the later one waits for the earlier one
        slow.commit()
    with in_tenant(name):
        assert [e.id for e in events(context_of("admin"), [spec], ask)] == [early, late]
