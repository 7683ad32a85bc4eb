"""Customers, suppliers and contacts: one register, several roles."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from kontor.documents import gate
from kontor.documents.models import StatusChange
from kontor.errors import Invalid, NotFound, Refused
from kontor.history.models import AuditEvent
from kontor.organization.models import Department
from kontor.resources import registry
from kontor.surfaces.query import Ask, one, select
from suite.parties import api
from suite.parties.models import Address, Customer, Party, Relation, Supplier

pytestmark = pytest.mark.django_db


@pytest.mark.requirement("P1", "K6")
def test_a_name_is_enough(ctx: Any) -> None:
    made = gate.create(ctx, "parties.customer", {"name": "大同公司"})
    again = gate.create(ctx, "parties.customer", {"name": "Second"})
    assert (made.code, again.code) == ("C-00001", "C-00002")
    assert made.id == made.party_id
    party = Party.objects.get(pk=made.id)
    assert (party.name, party.kind, party.sort_key) == ("大同公司", "organisation", "da tong gong si")
    assert (made.currency, made.life_stage, made.on_hold, made.credit_limit) == ("TWD", "prospect", False, None)
    supplier = gate.create(ctx, "parties.supplier", {"name": "Maker"})
    assert supplier.code == "S-00001"


def test_a_code_given_by_hand_is_stepped_over(ctx: Any) -> None:
    gate.create(ctx, "parties.customer", {"name": "A", "code": "C-00001"})
    gate.create(ctx, "parties.customer", {"name": "B", "code": "C-00003"})
    made = gate.create_many(ctx, "parties.customer", [{"name": "C"}, {"name": "D"}, {"name": "E", "code": "C-00005"}])
    assert [c.code for c in made] == ["C-00002", "C-00004", "C-00005"]
    with pytest.raises(Invalid) as refused:
        gate.create(ctx, "parties.customer", {"name": "F", "code": "C-00003"})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/code", "already_exists")]


@pytest.mark.requirement("P1")
def test_the_whole_customer_in_one_call(ctx: Any) -> None:
    made = gate.create(
        ctx,
        "parties.customer",
        {
            "name": "Tatung",
            "grade": "A",
            "tax_number": "0459-5257",
            "phone": "02-2592-5252",
            "email": "hello@example.com",
            "country": "Taiwan",
            "currency": "usd",
            "payment_term": "NET30",
            "credit_limit": "100000",
            "addresses": [{"kind": "delivery", "city": "Taipei", "street": "1 Zhongshan N Rd", "country": "台灣"}],
            "contacts": [{"name": "王小明", "title": "經理", "phone": "0912-345-678", "birthday": "79/5/1"}],
            "identifiers": [{"kind": "fax", "value": "02 2592 0000"}],
        },
    )
    row = one(ctx, registry.spec("parties.customer"), made.id)
    assert row["tax_number"] == "04595257"
    assert (row["country"], row["currency"], row["grade"]) == ("TW", "USD", "A")
    assert row["credit_limit"] == Decimal("100000")
    assert [(a["city"], a["country"]) for a in row["addresses"]] == [("Taipei", "TW")]
    assert [(c["name"], c["title"], c["is_main"]) for c in row["contacts"]] == [("王小明", "經理", True)]
    person = Party.objects.get(name="王小明")
    assert (person.kind, person.phone_key, person.birthday) == ("person", "+886912345678", dt.date(1990, 5, 1))
    assert Party.objects.get(pk=made.id).phone_key == "+886225925252"
    contact = select(ctx, registry.spec("parties.contact"), Ask()).rows
    assert [(c["name"], c["organisation"]) for c in contact] == [("王小明", made.id)]


@pytest.mark.parametrize(
    ("country", "number", "kept"),
    [("TW", "04595257", "04595257"), ("CN", "91110000600037341L", "91110000600037341L"), ("US", "any", "any")],
)
def test_tax_numbers_are_checked_by_country(ctx: Any, country: str, number: str, kept: str) -> None:
    made = gate.create(ctx, "parties.customer", {"name": "X", "country": country, "tax_number": number})
    assert Party.objects.get(pk=made.id).tax_number == kept


def test_a_wrong_tax_number_is_a_sentence_and_nothing_is_made(ctx: Any) -> None:
    with pytest.raises(Invalid) as refused:
        gate.create_many(
            ctx,
            "parties.customer",
            [{"name": "Good"}, {"name": "Bad", "tax_number": "04595258"}, {"name": "X", "country": "Nowhere"}],
        )
    assert {(e.pointer, e.code) for e in refused.value.errors} == {
        ("/1/tax_number", "invalid_tax_number"),
        ("/2/country", "unknown_country"),
    }
    assert not Customer.objects.exists()
    assert not Party.objects.exists()


def test_a_person_as_customer_needs_no_company_number(ctx: Any) -> None:
    made = gate.create(ctx, "parties.customer", {"name": "李四", "kind": "person", "tax_number": "A123456789"})
    assert Party.objects.get(pk=made.id).tax_number == "A123456789"


@pytest.mark.requirement("P1")
def test_a_supplier_becomes_a_customer_too(ctx: Any) -> None:
    supplier = gate.create(
        ctx, "parties.supplier", {"name": "Acme", "phone": "02-2592-5252", "addresses": [{"city": "Hsinchu"}]}
    )
    customer = gate.create(ctx, "parties.customer", {"party": "S-00001", "phone": "03-577-0000", "grade": "B"})
    assert customer.id == supplier.id
    assert Party.objects.get(pk=supplier.id).phone == "03-577-0000"
    assert Party.objects.count() == 1
    row = one(ctx, registry.spec("parties.customer"), customer.id)
    assert (row["name"], [a["city"] for a in row["addresses"]]) == ("Acme", ["Hsinchu"])
    with pytest.raises(Invalid) as refused:
        gate.create(ctx, "parties.customer", {"party": str(supplier.id)})
    assert refused.value.errors[0].pointer == "/party"
    assert "C-00001" in refused.value.errors[0].detail
    gate.delete(ctx, "parties.customer", customer.id)
    assert Address.objects.filter(party_id=supplier.id).count() == 1
    assert Supplier.objects.filter(pk=supplier.id).exists()
    gate.delete(ctx, "parties.supplier", supplier.id)
    assert not Party.objects.exists()
    assert not Address.objects.exists()


def test_changes_reach_party_lines_history_and_audit(ctx: Any) -> None:
    made = gate.create(ctx, "parties.customer", {"name": "Old", "grade": "C", "contacts": [{"name": "Ann"}]})
    line = Relation.objects.get(organisation_id=made.id)
    gate.update(
        ctx,
        "parties.customer",
        made.id,
        {
            "name": "新",
            "grade": "A",
            "life_stage": "regular",
            "contacts": [{"id": str(line.id), "name": "Anna"}, {"name": "Bob", "is_main": True}],
        },
    )
    party = Party.objects.get(pk=made.id)
    assert (party.name, party.sort_key) == ("新", "xin")
    assert list(Relation.objects.order_by("position").values_list("person__name", "person__sort_key")) == [
        ("Anna", "anna"),
        ("Bob", "bob"),
    ]
    history = {(s.field, s.old, s.new) for s in StatusChange.objects.filter(record_id=made.id)}
    assert history == {("grade", "C", "A"), ("life_stage", "prospect", "regular")}
    changes = AuditEvent.objects.get(record_id=made.id, verb="updated").changes
    assert changes["name"] == ["Old", "新"]
    assert changes["contacts"]["added"] == 1
    assert {"name": ["Ann", "Anna"]}.items() <= changes["contacts"]["changed"][-1].items()


def test_only_a_contact_s_person_changed_is_a_change(ctx: Any) -> None:
    made = gate.create(ctx, "parties.customer", {"name": "Firm", "contacts": [{"name": "Ann"}]})
    line = Relation.objects.get(organisation_id=made.id)
    after = gate.update(ctx, "parties.customer", made.id, {"contacts": [{"id": str(line.id), "phone": "0912345678"}]})
    assert after.version == 2
    assert Party.objects.get(name="Ann").phone_key == "+886912345678"


@pytest.mark.requirement("K3", "P1")
def test_contacts_follow_the_scope_of_their_customer(ctx: Any, as_role: Any) -> None:
    for code in ("N", "S"):
        gate.create(ctx, "organization.department", {"code": code, "name": code})
    ann, bob = as_role("sales", "N"), as_role("sales", "S")
    made = gate.create(ann, "parties.customer", {"name": "Hers", "contacts": [{"name": "Secret"}]})
    contacts = registry.spec("parties.contact")
    assert [r["name"] for r in select(ann, contacts, Ask()).rows] == ["Secret"]
    assert select(bob, contacts, Ask()).rows == []
    with pytest.raises(NotFound):
        one(bob, registry.spec("parties.customer"), made.id)
    gate.update(ctx, "parties.customer", made.id, {"owner": str(bob.employee_id)})
    assert [r["name"] for r in select(bob, contacts, Ask()).rows] == ["Secret"]
    assert select(ann, contacts, Ask()).rows == []
    extra = gate.create(bob, "parties.contact", {"name": "Second", "organisation": made.code})
    assert (extra.owner_id, extra.department_path) == (bob.employee_id, "/S/")


@pytest.mark.requirement("K2")
def test_who_may_not_see_credit_cannot_set_it(ctx: Any, as_role: Any) -> None:
    sales = as_role("sales")
    with pytest.raises(Refused):
        gate.create(as_role("warehouse"), "parties.customer", {"name": "No"})
    made = gate.create(sales, "parties.customer", {"name": "Yes", "credit_limit": "5"})
    warehouse = one(as_role("warehouse"), registry.spec("parties.customer"), made.id)
    assert "credit_limit" not in warehouse


def test_negative_credit_is_refused(ctx: Any) -> None:
    with pytest.raises(Refused) as refused:
        gate.create(ctx, "parties.customer", {"name": "X", "credit_limit": "-1"})
    assert "negative" in str(refused.value.detail)


@pytest.mark.requirement("K1")
def test_a_department_that_moves_takes_its_customers_along(ctx: Any, as_role: Any) -> None:
    top = gate.create(ctx, "organization.department", {"code": "T", "name": "Top"})
    low = gate.create(ctx, "organization.department", {"code": "L", "name": "Low"})
    leaf = gate.create(ctx, "organization.department", {"code": "F", "name": "Leaf", "parent": "L"})
    made = gate.create(as_role("sales", "F"), "parties.customer", {"name": "X"})
    assert made.department_path == "/L/F/"
    gate.update(ctx, "organization.department", low.id, {"parent": str(top.id)})
    assert Department.objects.get(pk=leaf.id).path == "/T/L/F/"
    assert Customer.objects.get(pk=made.id).department_path == "/T/L/F/"
    with pytest.raises(Invalid) as refused:
        gate.update(ctx, "organization.department", top.id, {"parent": str(leaf.id)})
    assert refused.value.errors[0].code == "circle"


def test_employees_have_one_main_assignment_and_a_manager(ctx: Any) -> None:
    for code in ("N", "S"):
        gate.create(ctx, "organization.department", {"code": code, "name": code})
    boss = gate.create(ctx, "organization.employee", {"number": "1", "name": "Boss"})
    made = gate.create(
        ctx,
        "organization.employee",
        {"number": "2", "name": "W", "manager": "1", "assignments": [{"department": "N"}, {"department": "S"}]},
    )
    assert made.manager_id == boss.id
    rows = made.assignments.order_by("department__code").values_list("department__code", "is_main")
    assert list(rows) == [("N", True), ("S", False)]
    with pytest.raises(Invalid):
        gate.update(ctx, "organization.employee", boss.id, {"manager": "1"})


class TestFacade:
    def test_customers_are_read_once_a_call(self, ctx: Any, django_assert_num_queries: Any) -> None:
        made = gate.create(
            ctx, "parties.customer", {"name": "A", "grade": "B", "tax_class": "export", "language": "en"}
        )
        with django_assert_num_queries(1):
            info = api.customers(ctx, [made.id])[made.id]
            api.customers(ctx, [made.id])
        assert (info.code, info.price_grade, info.tax_class, info.language) == ("C-00001", "B", "export", "en")

    def test_due_dates(self, ctx: Any) -> None:
        from kontor.fields.api import items

        terms = {i.code: i.id for i in items("payment_term")}
        day = dt.date(2026, 1, 10)
        assert api.due_on(ctx, None, day) == day
        assert api.due_on(ctx, terms["NET30"], day) == dt.date(2026, 2, 9)
        assert api.due_on(ctx, terms["EOM30"], day) == dt.date(2026, 3, 2)
        assert api.deposit_share(ctx, terms["DEP30"]) == Decimal("0.3")

    def test_snapshot_prefers_the_address_for_the_purpose(self, ctx: Any) -> None:
        made = gate.create(
            ctx,
            "parties.customer",
            {
                "name": "大同",
                "tax_number": "04595257",
                "phone": "02-1",
                "addresses": [
                    {"kind": "main", "city": "台北市", "street": "中山北路一號", "postal_code": "104"},
                    {"kind": "delivery", "name": "倉庫", "city": "桃園市", "street": "二號", "contact": "老張"},
                ],
                "contacts": [{"name": "王"}],
            },
        )
        delivery = api.snapshot(ctx, made.id, "delivery")
        assert (delivery["name"], delivery["contact"], delivery["lines"]) == ("倉庫", "老張", ["桃園市二號"])
        invoice = api.snapshot(ctx, made.id, "invoice")
        assert (invoice["name"], invoice["contact"], invoice["tax_number"]) == ("大同", "王", "04595257")
        assert invoice["lines"] == ["104台北市中山北路一號"]

    def test_foreign_addresses_name_their_country(self, ctx: Any) -> None:
        made = gate.create(
            ctx,
            "parties.customer",
            {
                "name": "Alfreds",
                "language": "en",
                "addresses": [
                    {"street": "Obere Str. 57", "city": "Berlin", "postal_code": "12209", "country": "Germany"}
                ],
            },
        )
        assert api.snapshot(ctx, made.id)["lines"] == ["Obere Str. 57", "Berlin 12209", "Germany"]

    @pytest.mark.requirement("P4")
    def test_similar_parties_are_told_with_the_reason(self, ctx: Any) -> None:
        made = gate.create(
            ctx, "parties.customer", {"name": "大同股份", "tax_number": "04595257", "phone": "02-2592-5252"}
        )
        gate.create(ctx, "parties.customer", {"name": "Other"})
        assert [(s.id, s.code, s.reasons) for s in api.similar(ctx, tax_number="0459 5257")] == [
            (made.id, "C-00001", ("tax_number",))
        ]
        assert [s.reasons for s in api.similar(ctx, name="大同", phone="+886 2 2592 5252")] == [("phone", "name")]
        assert api.similar(ctx, name="Nobody") == []

    def test_life_stages_only_move_on(self, ctx: Any) -> None:
        made = gate.create(ctx, "parties.customer", {"name": "X"})
        api.reach_stage(ctx, [made.id], "deal")
        assert Customer.objects.get(pk=made.id).life_stage == "deal"
        gate.update(ctx, "parties.customer", made.id, {"life_stage": "vip"})
        api.reach_stage(ctx, [made.id], "deal")
        assert Customer.objects.get(pk=made.id).life_stage == "vip"


def test_a_payment_term_is_held_to_its_shape(ctx: Any) -> None:
    made = gate.create(
        ctx, "parties.payment_term", {"code": "X", "name": "X", "payload": {"days": "45", "deposit": "0.25"}}
    )
    assert (made.dictionary, made.payload) == ("payment_term", {"days": 45, "deposit": "0.25"})
    with pytest.raises(Invalid) as refused:
        gate.create(
            ctx, "parties.payment_term", {"code": "Y", "name": "Y", "payload": {"days": -1, "deposit": "2", "x": 1}}
        )
    assert {e.pointer for e in refused.value.errors} == {"/payload/days", "/payload/deposit", "/payload/x"}
    customer = gate.create(ctx, "parties.customer", {"name": "C", "payment_term": "X"})
    assert customer.payment_term_id == made.id


@pytest.mark.requirement("K20", "P1")
def test_lists_by_name_follow_the_sort_key_page_by_page(ctx: Any) -> None:
    names = ["王", "Émile", "陳", "adam", "李", "Zoë"]
    gate.create_many(ctx, "parties.customer", [{"name": name} for name in names])
    spec, seen, cursor = registry.spec("parties.customer"), [], ""
    while True:
        page = select(ctx, spec, Ask(order="name", limit=2, cursor=cursor, fields=["code", "name"]))
        seen += [r["name"] for r in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == ["adam", "陳", "Émile", "李", "王", "Zoë"]
    down = select(ctx, spec, Ask(order="-name", fields=["name"]))
    assert [r["name"] for r in down.rows] == seen[::-1]
