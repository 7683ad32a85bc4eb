"""Sentences of the outer contract, tried as an integrator reads them."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.errors import Invalid
from tenants.company import found_company
from tenants.models import Tenant
from tests.contract.conftest import Caller


def _made(api: Caller, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = api("POST", path, body)
    assert answer.status_code == 201, answer.data
    return dict(answer.data)


def _posted(api: Caller, path: str, made: dict[str, Any], action: str = "post") -> dict[str, Any]:
    answer = api("POST", f"{path}{made['id']}/{action}/", {})
    assert answer.status_code == 200, answer.data
    return dict(answer.data)


@pytest.mark.requirement("I14")
@pytest.mark.parametrize("path", ["customers", "suppliers", "contacts"])
def test_only_a_name_is_needed(api: Caller, path: str):
    made = _made(api, f"parties/{path}/", {"name": "Acme"})
    read = api("GET", f"parties/{path}/{made['id']}/")
    assert (read.status_code, read.data["name"]) == (200, "Acme")
    assert [row["id"] for row in api("GET", f"parties/{path}/?q=Acme").data["results"]] == [made["id"]]


@pytest.mark.requirement("I14")
def test_a_contact_comes_to_its_organisation_later(api: Caller):
    customer = _made(api, "parties/customers/", {"name": "Acme"})
    contact = _made(api, "parties/contacts/", {"name": "Ann"})
    read = api("GET", f"parties/contacts/{contact['id']}/")
    assert read.data["organisation"] is None
    changed = api(
        "PATCH", f"parties/contacts/{contact['id']}/", {"organisation": customer["code"]}, If_Match=read["ETag"]
    )
    assert (changed.status_code, changed.data["organisation"]) == (200, customer["id"])
    assert [c["name"] for c in api("GET", f"parties/customers/{customer['id']}/").data["contacts"]] == ["Ann"]


@pytest.mark.requirement("I14")
def test_lists_are_asked_by_external_reference(api: Caller):
    made = _made(api, "parties/customers/", {"name": "Acme", "external_ref": "E/1"})
    api("PUT", "parties/customers/by-ref/E%2F1/?source=shop", {"name": "Another"})
    _made(api, "parties/customers/", {"name": "None"})
    rows = api("GET", f"parties/customers/?external_ref=E/1&external_source={made['external_source']}").data["results"]
    assert [(row["id"], row["external_ref"]) for row in rows] == [(made["id"], "E/1")]
    assert len(api("GET", "parties/customers/?external_ref__in=E/1,E/2").data["results"]) == 2
    assert api("GET", "parties/customers/?external_ref=E/2").data["results"] == []


@pytest.mark.requirement("I14")
def test_finer_balances_are_those_of_our_warehouses(api: Caller):
    product = _made(api, "catalog/products/", {"code": "W-1", "name": "Widget"})
    warehouse = api("GET", "inventory/warehouses/").data["results"][0]
    lines = [{"product": "W-1", "quantity": "10", "unit_cost": "4"}]
    entry = {"warehouse": warehouse["code"], "kind": "opening", "lines": lines}
    _posted(api, "inventory/adjustments/", _made(api, "inventory/adjustments/", entry))
    asked = f"inventory/balances/?product={product['id']}"
    finer = api("GET", f"{asked}&by=location,lot").data["results"]
    assert [(row["warehouse"], row["on_hand"]) for row in finer] == [(warehouse["id"], "10")]
    assert [row["on_hand"] for row in api("GET", f"{asked}&by=location,lot&internal=false").data["results"]] == ["-10"]


@pytest.mark.requirement("I14")
def test_what_cannot_go_is_named_under_its_code(api: Caller):
    customer = _made(api, "parties/customers/", {"name": "Acme"})
    product = _made(api, "catalog/products/", {"code": "W-1", "name": "Widget", "list_price": "10"})
    order = _made(api, "sales/orders/", {"customer": customer["code"], "lines": [{"product": "W-1", "quantity": "3"}]})
    _posted(api, "sales/orders/", order, "confirm")
    answer = api("POST", f"sales/orders/{order['id']}/deliver/", {})
    assert (answer.status_code, answer.data["code"]) == (409, "not_enough_stock")
    error = answer.data["errors"][0]
    assert (error["code"], error["product"], error["product_code"], error["wanted"], error["missing"]) == (
        "not_enough_stock", product["id"], "W-1", "3", "3",
    )  # fmt: skip


@pytest.mark.requirement("I14")
def test_an_overdrawn_allocation_is_pointed_to(api: Caller):
    customer = _made(api, "parties/customers/", {"name": "Acme"})
    _made(api, "catalog/products/", {"code": "SV", "name": "Service", "kind": "service", "list_price": "100"})
    invoice = _posted(
        api, "sales/invoices/",
        _made(api, "sales/invoices/", {"customer": customer["id"], "lines": [{"product": "SV", "quantity": "1"}]}),
    )  # fmt: skip
    money = {"party": customer["code"], "amount": "500", "currency": "TWD", "account": "BANK"}
    receipt = _posted(api, "finance/receipts/", _made(api, "finance/receipts/", money))
    rows = [{"invoice": invoice["id"], "amount": "10"}, {"invoice": invoice["id"], "amount": "400"}]
    answer = api("POST", f"finance/receipts/{receipt['id']}/allocate/", {"allocations": rows})
    assert (answer.status_code, answer.data["code"]) == (409, "overdrawn")
    assert [e["pointer"] for e in answer.data["errors"]] == ["/allocations/1/amount"]
    after = api("GET", f"sales/invoices/{invoice['id']}/").data
    assert after["open_amount"] == invoice["total"]  # the first row was not made either


@pytest.mark.requirement("I14")
def test_the_statement_is_asked_by_customer(api: Caller):
    customer = _made(api, "parties/customers/", {"name": "Acme"})
    answer = api("GET", f"reports/customer-statement/?customer={customer['code']}&from=2026-01-01&to=2026-12-31")
    assert (answer.status_code, answer.data["name"]) == (200, "customer-statement")
    assert api("GET", "reports/customer-statement/").data["errors"][0]["pointer"] == "/customer"


@pytest.mark.requirement("T2")
def test_a_country_that_is_none_founds_no_company(db: None):
    with pytest.raises(Invalid) as refusal:
        found_company("nowhere", title="Nowhere", country="zz")
    assert [e.pointer for e in refusal.value.errors] == ["/country"]
    assert not Tenant.objects.filter(name="nowhere").exists()


@pytest.mark.requirement("T2")
@pytest.mark.parametrize(("country", "currency"), [("SE", "SEK"), ("ch", "CHF"), ("jp", "JPY"), ("na", "NAD")])
def test_every_country_has_its_currency(country: str, currency: str):
    from tenants.company import _currency_of

    assert _currency_of(country.lower()) == currency
