"""Doubles are told while they are typed: the same firm in other letters, within the caller's scope alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kontor.documents import gate
from kontor.identity.models import User
from kontor.resources import registry
from kontor.surfaces.lookalikes import alike
from suite.parties import api, names

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P4")]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("大同股份有限公司", "大同"),
        ("大同（股）公司", "大同(股)"),
        ("長城貿易有限公司", "长城贸易有限责任公司"),
        ("ＡＣＭＥ　Co., Ltd.", "acme corporation"),
        ("Société Générale S.A.", "SOCIETE GENERALE"),
        ("Müller GmbH & Co. KG", "Muller"),
        ("株式会社東芝", "东芝株式会社"),
    ],
)
def test_names_that_are_one(name: str, other: str) -> None:
    assert names.bare(name) == names.bare(other)


@pytest.mark.parametrize(
    ("name", "other"), [("大同", "大通"), ("公司", "商行"), ("Acme Trading Ltd", "Acme"), ("三商行", "四商行")]
)
def test_names_that_are_two(name: str, other: str) -> None:
    assert names.bare(name) != names.bare(other)


def test_public_mail_names_no_firm() -> None:
    assert names.domain("a@Firm.com.tw") == names.domain("https://www.firm.com.tw/about") == "firm.com.tw"
    assert names.domain("a@gmail.com") == names.domain("nothing") == ""


@pytest.fixture
def firm(ctx: Any) -> Any:
    gate.create_many(ctx, "parties.customer", [{"name": "大通貿易"}, {"name": "Other", "email": "x@gmail.com"}])
    return gate.create(
        ctx,
        "parties.customer",
        {
            "name": "長城精密股份有限公司",
            "other_names": {"en": "Greatwall Precision Co., Ltd."},
            "tax_number": "04595257",
            "phone": "02-2592-5252",
            "email": "info@greatwall.example",
            "contacts": [{"name": "王小明", "phone": "0912-345-678", "email": "ming@gwp.example"}],
            "identifiers": [{"kind": "phone", "value": "03-577-1234"}],
        },
    )


@pytest.mark.parametrize(
    ("asked", "reasons"),
    [
        ({"tax_number": "0459-5257"}, ("tax_number",)),
        ({"phone": "+886 2 2592 5252"}, ("phone",)),
        ({"phone": "(03) 577-1234"}, ("phone",)),
        ({"phone": "0912 345 678"}, ("phone",)),
        ({"email": "INFO@greatwall.example"}, ("email", "domain")),
        ({"email": "sales@greatwall.example"}, ("domain",)),
        ({"email": "boss@gwp.example"}, ("domain",)),
        ({"name": "长城精密"}, ("name",)),
        ({"name": "長城精密(股)公司"}, ("name",)),
        ({"name": "greatwall precision"}, ("name",)),
        ({"name": "长城"}, ("name_like",)),
        ({"name": "長城精密工業"}, ()),
        ({"name": "長城精密", "phone": "02 2592 5252", "tax_number": "04595257"}, ("tax_number", "phone", "name")),
    ],
)
def test_a_double_is_told_with_its_reasons(ctx: Any, firm: Any, asked: dict[str, str], reasons: tuple[str]) -> None:
    assert [(s.id, s.code, s.reasons) for s in api.similar(ctx, **asked)] == (
        [(firm.id, firm.code, reasons)] if reasons else []
    )


@pytest.mark.parametrize("asked", [{"email": "y@gmail.com"}, {"name": "大"}, {"name": ""}, {"phone": "123"}])
def test_what_says_too_little_finds_nothing(ctx: Any, firm: Any, asked: dict[str, str]) -> None:
    assert api.similar(ctx, **asked) == []


@pytest.mark.requirement("K3")
def test_nothing_outside_the_scope_is_told(ctx: Any, firm: Any, as_role: Any) -> None:
    asked = {"name": "長城精密", "phone": "02-2592-5252", "tax_number": "04595257", "email": "info@greatwall.example"}
    clerk = as_role("sales")
    assert api.similar(clerk, **asked) == []
    gate.update(ctx, "parties.customer", firm.id, {"owner": str(clerk.employee_id)})
    assert [s.id for s in api.similar(clerk, **asked)] == [firm.id]
    assert [s.id for s in api.similar(clerk, phone="0912 345 678")] == [firm.id]


def test_a_supplier_of_the_same_name_is_told_and_the_record_itself_is_not(ctx: Any, firm: Any) -> None:
    supplier = gate.create(ctx, "parties.supplier", {"name": "长城精密"})
    spec = registry.spec("parties.customer")
    assert [(h.resource, h.id) for h in alike(ctx, spec, {"name": "長城精密"}, firm.id)] == [
        ("parties.supplier", supplier.id)
    ]
    both = gate.create(ctx, "parties.customer", {"party": str(supplier.id)})
    found = {h.id: h.resource for h in alike(ctx, spec, {"name": "長城精密"})}
    assert found == {firm.id: "parties.customer", both.id: "parties.customer"}
    by_supplier = {h.id: h.resource for h in alike(ctx, registry.spec("parties.supplier"), {"name": "長城精密"})}
    assert by_supplier == {firm.id: "parties.customer", both.id: "parties.supplier"}


def test_contacts_look_alike_by_phone_and_name(ctx: Any, firm: Any, as_role: Any) -> None:
    spec = registry.spec("parties.contact")
    told = alike(ctx, spec, {"name": "王小明", "phone": "0912345678"})
    assert [(h.name, h.code, [str(r) for r in h.reasons]) for h in told] == [
        ("王小明", "長城精密股份有限公司", ["same phone", "same name"])
    ]
    assert alike(as_role("sales"), spec, {"name": "王小明"}) == []


class TestTheAddress:
    @pytest.fixture
    def browser(self, ctx: Any) -> Client:
        client = Client(headers={"host": "alpha.localhost", "accept-language": "en"})
        User.objects.filter(username="admin").update(language="en")
        client.force_login(User.objects.get(username="admin"))
        return client

    def test_a_fragment_for_the_form(self, browser: Client, firm: Any) -> None:
        answer = browser.get("/parties/customers/similar/", {"name": "长城精密"})
        said = answer.content.decode()
        assert answer.status_code == 200
        assert f'href="/parties/customers/{firm.id}/"' in said and "same name" in said and "<html" not in said
        assert browser.get("/parties/customers/similar/", {"name": "Nobody"}).content.strip() == b""
        assert browser.get("/parties/customers/similar/", {"name": "长城精密", "but": str(firm.id)}).content == b"\n"

    def test_json_for_who_asks(self, browser: Client, firm: Any) -> None:
        said = browser.get(
            "/parties/customers/similar/", {"tax_number": "04595257"}, headers={"accept": "application/json"}
        ).json()
        assert [(r["id"], r["code"], r["reasons"]) for r in said["results"]] == [
            (str(firm.id), firm.code, ["same tax number"])
        ]

    def test_nobody_and_nothing(self, browser: Client) -> None:
        assert browser.get("/catalog/products/similar/").status_code == 404
        nobody = Client(headers={"host": "alpha.localhost"}).get("/parties/customers/similar/", {"name": "长城"})
        assert nobody.status_code == 302
