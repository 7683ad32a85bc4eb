"""A trading firm's three years from its files: every number as the files say, twice the same."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum

from kontor.context import Context
from kontor.identity.api import context_for, issue_key
from kontor.identity.models import User
from kontor.reports import api as reports
from kontor.resources import registry
from kontor.surfaces.exchange import importing, mapping
from kontor.surfaces.exchange.report import Report
from tests.contract.conftest import Caller
from tests.exchange.conftest import numbers

FILES = Path(settings.ROOT).parent / "shared" / "data" / "northwind"
MAPPING = Path(settings.ROOT) / "integrations" / "mappings" / "northwind.yaml"
pytestmark = [
    pytest.mark.requirement("K17", "S2", "S8", "N7"),
    pytest.mark.slow("830 orders are confirmed, delivered, invoiced and posted one after the other"),
    pytest.mark.skipif(not FILES.is_dir(), reason="the Northwind files are not beside the checkout"),
]
COUNTS = {
    "organization.employee": 9,
    "parties.customer": 91,
    "parties.supplier": 29,
    "catalog.category": 8,
    "catalog.product": 77,
    "purchasing.supplier_item": 77,
    "inventory.adjustment": 1,
    "sales.order": 830,
}
REVENUE, FREIGHT = Decimal("1239855.85"), Decimal("63955.02")
OPENING, COST, STOCK = Decimal("897339.22"), Decimal("852967.22"), Decimal("44372.00")


@dataclass
class Firm:
    """The imported company."""

    name: str
    key: str
    first: Report

    @contextmanager
    def acting(self) -> Iterator[Context]:
        from tenants.provisioning import in_tenant

        with in_tenant(self.name):
            yield context_for(User.objects.get(username="admin"), source="import")

    def run(self) -> Report:
        return importing.run(self.acting, mapping.load(MAPPING), FILES, lambda *_said: None)


@pytest.fixture(scope="module")
def firm(django_db_setup: None, django_db_blocker: Any) -> Iterator[Firm]:
    """A US company with the files imported once, really committed; dropped after the module."""
    from tenants.company import found_company
    from tenants.provisioning import drop_tenant

    with django_db_blocker.unblock():
        founded = found_company(f"northwind-{os.urandom(3).hex()}", title="Northwind", country="us", language="en")
        made = Firm(founded.tenant.name, "", Report())
        try:
            made.first = made.run()
            with made.acting():
                made.key = issue_key(User.objects.get(username="admin"), name="test")
            yield made
        finally:
            connection.set_schema_to_public()
            drop_tenant(founded.tenant)


@pytest.fixture
def inside(firm: Firm, django_db_blocker: Any) -> Iterator[Context]:
    """A look into the company."""
    with django_db_blocker.unblock(), firm.acting() as ctx:
        yield ctx


def model(resource: str) -> Any:
    spec = registry.spec(resource)
    return spec.model._default_manager.filter(**spec.where)


def stock_of_files() -> dict[str, Decimal]:
    with (FILES / "products.csv").open(encoding="utf-8") as file:
        return {f"NW-{int(r['product_id']):03}": Decimal(r["units_in_stock"]) for r in csv.DictReader(file)}


def test_everything_was_created(firm: Firm):
    assert firm.first.errors == []
    assert {name: numbers(firm.first, name) for name in COUNTS} == {n: (c, 0, 0, 0) for n, c in COUNTS.items()}


def test_orders_and_invoices(inside: Context):
    posted = model("sales.invoice").filter(state="posted").aggregate(n=Count("pk"), net=Sum("net"), f=Sum("freight"))
    assert (posted["n"], posted["net"], posted["f"]) == (809, REVENUE, FREIGHT)
    assert model("sales.invoice").exclude(state="posted").count() == 0
    states = dict(model("sales.order").values_list("state").annotate(Count("pk")))
    assert states == {"closed": 809, "confirmed": 21}
    still = model("sales.order").filter(state="confirmed").aggregate(net=Sum("net"))
    assert still["net"] == Decimal("25937.44")
    assert model("sales.delivery").filter(state="shipped").count() == 809


def test_stock_by_product_move_and_ledger(inside: Context):
    from suite.inventory import api as inventory

    held = {b.product.code: b.on_hand for b in model("inventory.balance").select_related("product") if b.on_hand}
    wanted = {code: n for code, n in stock_of_files().items() if n}
    assert held == wanted
    assert sum(held.values()) == 3119
    assert inventory.prove(inside) == []
    told = reports.run(inside, "stock-value", {}).table
    assert told.totals is not None
    assert STOCK in told.totals


def test_the_ledger(inside: Context):
    table = reports.run(inside, "trial-balance", {"from": "1996-01-01", "to": "1998-12-31"}).table
    names = [c.name for c in table.columns]
    by_code = {str(line.values[0]): dict(zip(names, line.values, strict=True)) for line in table.rows}
    found = {code: (row["debit"] or 0, row["credit"] or 0) for code, row in by_code.items() if row["name"]}
    assert found["1200"] == (OPENING, COST)
    assert found["4100"] == (0, REVENUE)
    assert found["4300"] == (0, FREIGHT)
    assert found["5100"] == (COST, 0)
    assert found["3900"] == (0, OPENING)
    assert found["1100"] == (REVENUE + FREIGHT, 0)
    assert (
        sum(d for d, _c in found.values()) == sum(c for _d, c in found.values()) == OPENING + COST + REVENUE + FREIGHT
    )
    assert OPENING - COST == STOCK


def test_the_api_says_the_same(firm: Firm, inside: Context, monkeypatch: pytest.MonkeyPatch):
    from tests.web.conftest import _inside_the_test

    monkeypatch.setattr("tenants.middleware.tenant_scope", _inside_the_test)
    api = Caller(firm.key, host=f"{firm.name}.localhost")
    listed = api("GET", "sales/invoices/?state=posted&count=exact&limit=1")
    assert listed.status_code == 200 and listed.data["count"] == 809
    assert api("GET", "sales/orders/?state=confirmed&count=exact&limit=1").data["count"] == 21
    report = api("GET", "reports/trial-balance/?from=1996-01-01&to=1998-12-31")
    assert report.status_code == 200
    assert "1239855.85" in [v for row in report.data["rows"] for v in row]
    one = api("GET", "sales/orders/by-ref/10248/?source=northwind")
    assert (one.status_code, one.data["net"], one.data["ordered_on"]) == (200, "440.00", "1996-07-04")


def test_a_second_run_changes_nothing(firm: Firm, django_db_blocker: Any):
    with django_db_blocker.unblock():
        again = firm.run()
    assert again.errors == []
    assert {name: numbers(again, name) for name in COUNTS} == {n: (0, 0, c, 0) for n, c in COUNTS.items()}
