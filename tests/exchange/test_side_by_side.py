"""Two runs at once double nothing; a run that was killed goes on where it stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kontor.context import Context
from kontor.documents.models import ExternalRef
from kontor.identity.api import context_for
from kontor.identity.models import User
from kontor.resources import registry
from kontor.surfaces.exchange import importing, mapping
from kontor.surfaces.exchange.report import Report
from tenants.provisioning import in_tenant
from tests.exchange.conftest import numbers, sheet

pytestmark = [pytest.mark.requirement("K17"), pytest.mark.django_db(transaction=True)]
STEP = {
    "resource": "parties.customer",
    "file": "c.csv",
    "key": "no",
    "fields": {"code": "no", "name": "name"},
    "lines": {"contacts": {"fields": {"name": "person"}}},
}
BY_CODE = {**STEP, "by": "code"}


def run(tenant: str, folder: Path, step: dict[str, Any], say: Callable[..., None] = lambda *_said: None) -> Report:
    @contextmanager
    def scope() -> Iterator[Context]:
        with in_tenant(tenant):
            yield context_for(User.objects.get(username="admin"), source="import")

    return importing.run(scope, mapping.from_data({"source": "x", "steps": [step]}), folder, say)


def rows(folder: Path, count: int) -> None:
    sheet(folder / "c.csv", ["no", "name", "person"], *([f"Z{i}", f"Customer {i}", f"P {i}"] for i in range(count)))


def state(tenant: str) -> tuple[int, int, int]:
    with in_tenant(tenant):
        spec = registry.spec("parties.customer")
        made = spec.model._default_manager.filter(code__startswith="Z")
        lines, ids = spec.lines["contacts"], list(made.values_list("pk", flat=True))
        return (
            made.count(),
            lines.model._default_manager.filter(**{f"{lines.link}__in": ids}).count(),
            ExternalRef.objects.filter(resource="parties.customer", source="x").count(),
        )


@pytest.mark.parametrize(("step", "refs"), [(STEP, 250), (BY_CODE, 0)], ids=["by reference", "by code"])
def test_the_same_run_twice_at_once(fresh_company: Any, tmp_path: Path, step: dict[str, Any], refs: int):
    tenant = fresh_company.tenant.name
    rows(tmp_path, 250)
    told: list[Report] = []
    gate = threading.Barrier(2)

    def work() -> None:
        try:
            gate.wait(10)
            told.append(run(tenant, tmp_path, step))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _i in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
    assert len(told) == 2
    assert [e for r in told for e in r.errors] == []
    sums = [sum(column) for column in zip(*(numbers(r, "parties.customer") for r in told), strict=True)]
    assert sums == [250, 0, 250, 0]
    assert state(tenant) == (250, 250, refs)


def test_a_killed_run_goes_on(fresh_company: Any, tmp_path: Path):
    tenant = fresh_company.tenant.name
    rows(tmp_path, 350)

    def killed(_resource: str, done: int, _total: int) -> None:
        if done == 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tenant, tmp_path, STEP, killed)
    assert state(tenant) == (200, 200, 200)
    assert numbers(run(tenant, tmp_path, STEP), "parties.customer") == (150, 0, 200, 0)
    assert numbers(run(tenant, tmp_path, STEP), "parties.customer") == (0, 0, 350, 0)
    assert state(tenant) == (350, 350, 350)
