"""The index keeps up: renaming, the other role, departments that move, what is written past the gate."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.documents import gate
from kontor.fields import api as fields
from kontor.identity.api import invite, system_context
from kontor.jobs.models import Job
from kontor.surfaces import dependents, search
from kontor.surfaces.models import SearchEntry
from kontor.surfaces.reindexing import catch_up
from suite.inventory.models import Location
from tests.factories import FACTORIES

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("K21")]


def _found(ctx: Any, word: str, *resources: str) -> set[str]:
    return {hit.resource for hit in search.find(ctx, word, 50, resources or None)}


@pytest.fixture
def order(ctx: Any) -> Any:
    customer = gate.create(ctx, "parties.customer", {"name": "Oldname", "contacts": [{"name": "Ann"}]})
    data = {**FACTORIES["sales.order"](ctx), "customer": str(customer.pk)}
    return gate.create(ctx, "sales.order", data)


def _work_off() -> None:
    for job in Job.objects.filter(kind=dependents.REFRESH, state="waiting"):
        dependents._refresh(system_context(), {}, job.items)
        Job.objects.filter(pk=job.pk).update(state="done")


def test_a_renamed_customer_is_found_on_its_documents_at_once(ctx: Any, order: Any) -> None:
    assert _found(ctx, "oldname") == {"parties.customer", "parties.contact", "sales.order"}
    gate.update(ctx, "parties.customer", order.customer_id, {"name": "Newname"})
    assert _found(ctx, "oldname") == set()
    assert _found(ctx, "newname") == {"parties.customer", "parties.contact", "sales.order"}


def test_what_no_index_finds_is_refreshed_by_a_job(ctx: Any, order: Any) -> None:
    pk = order.customer_id
    assert not Job.objects.filter(kind=dependents.REFRESH).exists()
    gate.update(ctx, "parties.customer", pk, {"name": "Newname"})
    [job] = Job.objects.filter(kind=dependents.REFRESH)
    assert job.user_id is None
    assert {(name, relation) for name, relation, ids, _after in job.items if ids == [str(pk)]} >= {
        ("sales.delivery", "party"),
        ("finance.voucher", "party"),
    }
    _work_off()


def test_many_are_left_to_the_job_in_bounded_parts(ctx: Any, order: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(dependents, "AT_ONCE", 0)
    monkeypatch.setattr(dependents, "_ROWS", 1)
    data = {**FACTORIES["sales.order"](ctx), "customer": str(order.customer_id)}
    gate.create_many(ctx, "sales.order", [data, data])
    gate.update(ctx, "parties.customer", order.customer_id, {"name": "Newname"})
    assert "sales.order" not in _found(ctx, "newname")
    for _part in range(4):
        _work_off()
    assert len(search.find(ctx, "newname", 50, ["sales.order"])) == 3


@pytest.mark.parametrize("change", [{"grade": "A"}, {"phone": "02-1234-5678"}, {"notes": "x"}])
def test_what_is_no_renaming_refreshes_nothing(ctx: Any, order: Any, change: dict[str, str], monkeypatch: Any) -> None:
    called: list[Any] = []
    monkeypatch.setattr(dependents, "refresh", lambda *given: called.append(given))
    gate.update(ctx, "parties.customer", order.customer_id, change)
    assert called == []


@pytest.mark.requirement("P1")
def test_renaming_through_one_role_reaches_the_other(ctx: Any, order: Any) -> None:
    gate.create(ctx, "parties.supplier", {"party": str(order.customer_id)})
    gate.update(ctx, "parties.supplier", order.customer_id, {"name": "Bothname"})
    assert _found(ctx, "bothname") == {"parties.customer", "parties.supplier", "parties.contact", "sales.order"}
    assert _found(ctx, "oldname") == set()


@pytest.mark.requirement("K3")
def test_a_department_that_moves_takes_its_entries_along(ctx: Any, as_role: Any) -> None:
    for code in ("T", "L'x", "O"):
        gate.create(ctx, "organization.department", {"code": code, "name": code})
    low = gate.create(ctx, "organization.department", {"code": "F", "name": "F", "parent": "L'x"})
    seller, top, other = as_role("sales", "F"), as_role("sales_lead", "T"), as_role("sales_lead", "L'x")
    gate.create(seller, "parties.customer", {"name": "Wanderer"})
    assert (_found(top, "wanderer"), _found(other, "wanderer")) == (set(), {"parties.customer"})
    gate.update(ctx, "organization.department", low.pk, {"parent": "T"})
    assert (_found(top, "wanderer"), _found(other, "wanderer")) == ({"parties.customer"}, set())
    assert _found(seller, "wanderer") == {"parties.customer"}


def test_who_is_invited_and_shipped_entries_are_found(ctx: Any) -> None:
    invite(username="zora", name="Zora Quill", roles=["viewer"])
    assert _found(ctx, "quill") == {"organization.employee"}
    fields.ensure("payment_term", "ZZ90", "Ninetydays", {"days": 90})
    assert _found(ctx, "ninetydays") == {"parties.payment_term"}


def test_places_made_with_a_warehouse_are_found(ctx: Any) -> None:
    made = gate.create(ctx, "inventory.warehouse", {**FACTORIES["inventory.warehouse"](ctx), "name": "Zwickau"})
    locations = set(Location.objects.filter(warehouse=made).values_list("pk", flat=True))
    assert locations
    shown = SearchEntry.objects.filter(resource="inventory.location", record_id__in=locations)
    assert shown.count() == len(locations)


def test_nothing_founded_is_missing_and_catching_up_writes_what_is(ctx: Any) -> None:
    assert catch_up() == 0
    before = SearchEntry.objects.count()
    gone, _by = SearchEntry.objects.filter(resource__in=["finance.account", "parties.payment_term"]).delete()
    assert catch_up() == gone > 100
    assert SearchEntry.objects.count() == before
