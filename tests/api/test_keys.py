"""API keys narrower than their user: reading alone, named resources alone, for a time; on every way in and out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from kontor.documents import gate
from kontor.history.models import AuditEvent, TimelineEntry
from kontor.identity.api import issue_key
from kontor.identity.models import ApiKey, User
from kontor.jobs import running
from kontor.jobs.models import Job
from kontor.reports.api import reports
from kontor.resources import registry
from suite.parties.models import Customer
from tests.api.conftest import Api

pytestmark = pytest.mark.requirement("I14")


@pytest.fixture
def key_with(company: Any) -> Any:
    """``key_with(read_only=True)`` → a program with such a key of the administrator."""
    return lambda **limits: Api(issue_key(User.objects.get(username="admin"), name="narrow", **limits))


def test_a_reading_key_reads_and_writes_nothing(key_with: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Kept"})
    api, at = key_with(read_only=True), f"parties/customers/{customer.pk}/"
    assert api.get(at).body["name"] == "Kept"
    assert api.get("parties/customers/export/").status_code == 200
    assert api.get("reports/trial-balance/").status_code == 200
    refused = [
        api.post("parties/customers/", {"name": "Sly"}),
        api.patch(at, {"name": "Sly"}, if_match='"1"'),
        api.delete(at),
        api.post("parties/customers/bulk/", {"items": [{"method": "create", "data": {"name": "Sly"}}]}),
        api.post(f"{at}comments/", {"text": "Sly"}),
        api.post("parties/customers/?dry_run=1", {"name": "Sly"}),
    ]
    assert [(r.status_code, r.body["code"]) for r in refused] == [(403, "not_allowed")] * len(refused)
    assert Customer.objects.filter(pk=customer.pk, party__name="Kept").count() == 1
    assert not Customer.objects.filter(party__name="Sly").exists()
    assert not TimelineEntry.objects.exists()
    assert AuditEvent.objects.filter(verb="access refused").count() == len(refused)


def test_a_key_of_named_resources_reaches_those_alone(key_with: Any, ctx: Any) -> None:
    gate.create(ctx, "parties.customer", {"name": "Linear"})
    gate.create(ctx, "parties.supplier", {"name": "Linear too"})
    api = key_with(resources=["parties.customer", "reports.ageing"])
    for spec in registry.specs():
        expected = 200 if spec.name == "parties.customer" else 403
        assert api.get(f"{spec.path}/?limit=1").status_code == expected, spec.name
        assert api.get(f"{spec.path}/export/").status_code == expected, spec.name
    for report in reports():
        if report.menu:
            allowed = report.right == "reports.ageing"
            assert (api.get(f"reports/{report.name}/").status_code == 403) is not allowed, report.name
    assert {hit["resource"] for hit in api.get("search/?q=Linear").body["results"]} == {"parties.customer"}
    assert {e["resource"] for e in api.get("events/").body["results"]} <= {"parties.customer"}
    assert api.post("parties/customers/", {"name": "More"}).status_code == 201
    assert api.post("parties/suppliers/", {"name": "More"}).status_code == 403
    listed = api.get("").body
    assert [r["name"] for r in listed["resources"]] == ["parties.customer"]


def test_what_such_a_key_starts_in_the_background_stays_within_it(key_with: Any, ctx: Any, monkeypatch: Any) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr("kontor.api.bulk.AT_ONCE", 1)
    narrow, whole = key_with(resources=["parties.customer"]), key_with()
    items = [{"method": "create", "data": {"name": f"N{i}"}} for i in range(2)]
    mine = narrow.post("parties/customers/bulk/", {"items": items}).body["job"]["id"]
    other = narrow.post("parties/suppliers/bulk/", {"items": items}).body["job"]["id"]
    theirs = whole.post("parties/suppliers/bulk/", {"items": items}).body["job"]["id"]
    monkeypatch.setattr(running, "tenant_scope", lambda _tenant: nullcontext())
    for pk in (mine, other, theirs):
        running.run(None, pk)  # type: ignore[arg-type]
    told = {str(j.pk): (j.done, j.failed) for j in Job.objects.all()}
    assert told == {mine: (2, 0), other: (2, 2), theirs: (2, 0)}
    assert narrow.get(f"jobs/{mine}/").status_code == 200
    assert narrow.get(f"jobs/{theirs}/").status_code == 404
    assert [j["id"] for j in narrow.get("jobs/").body["results"]] == [mine]
    assert len(whole.get("jobs/").body["results"]) == 3


def test_a_key_ends_at_its_time_and_is_kept_as_a_hash(key_with: Any) -> None:
    api = key_with(expires_at=timezone.now() + dt.timedelta(days=1))
    assert api.get("me/").status_code == 200
    row = ApiKey.objects.get(name="narrow")
    assert api.headers["authorization"].removeprefix("Bearer ") not in str(row.__dict__)
    assert row.used_at is not None
    ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert api.get("me/").status_code == 401


def test_both_ways_to_the_rights_of_a_key_agree(key_with: Any) -> None:
    from kontor.api.keys import user_and_context
    from kontor.identity.api import rights_of_key, user_of_key

    for limits in ({}, {"read_only": True}, {"resources": ["sales.order"]}):
        key = key_with(**limits).headers["authorization"].removeprefix("Bearer ")
        found, quick = user_of_key(key), user_and_context(key)
        assert found and quick
        assert rights_of_key(found[1]) == quick[1].rights
        assert quick[1].rights.everything is (not limits)
