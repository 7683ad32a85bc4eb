"""The settings: invitations, roles and rights, numbers, company, audit, and why somebody sees a record."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.access.models import FieldRight, Role, RoleRight
from kontor.access.rights import rights_of
from kontor.configuration import api as configuration
from kontor.documents import gate
from kontor.documents.models import NumberRule
from kontor.history.models import AuditEvent
from kontor.identity.models import User

PAGES = ("", "company/", "ways/", "users/", "users/new/", "roles/", "why/", "numbers/", "audit/")


def test_every_page_opens_for_the_administrator_and_for_nobody_else(visit: Any) -> None:
    admin, seller = visit(), visit("sales")
    for page in PAGES:
        assert admin.get(f"/settings/{page}").status_code == 200, page
        assert seller.get(f"/settings/{page}").status_code == 403, page


@pytest.mark.requirement("K27")
def test_an_invited_user_gets_a_password_once_and_the_roles(visit: Any) -> None:
    client = visit()
    page = client.post("/settings/users/new/", {"username": "lin", "name": "林怡君", "role": ["sales", "viewer"]})
    word = page.context["word"]
    user = User.objects.get(username="lin")
    assert user.check_password(word)
    assert {r.code for r in rights_of(user.pk).roles} == {"sales", "viewer"}
    again = client.post("/settings/users/new/", {"username": "LIN", "name": "x", "role": ["sales"]})
    assert again.status_code == 422
    assert User.objects.filter(username__iexact="lin").count() == 1


def test_a_manager_cannot_make_an_administrator(visit: Any) -> None:
    manager = visit("manager")
    answer = manager.post("/settings/users/new/", {"username": "boss", "name": "Boss", "role": ["admin"]})
    assert answer.status_code == 403
    assert not User.objects.filter(username="boss").exists()
    admin = User.objects.get(username="admin")
    old = admin.password
    assert manager.post(f"/settings/users/{admin.pk}/", {"do": "reset"}).status_code == 403
    admin.refresh_from_db()
    assert admin.password == old


def test_a_deactivated_user_is_out_at_once(visit: Any) -> None:
    seller = visit("sales")
    assert seller.get("/").status_code == 200
    admin = visit()
    admin.post(f"/settings/users/{seller.user.pk}/", {"do": "deactivate"})
    assert seller.get("/").status_code == 302
    me = admin.post(f"/settings/users/{admin.user.pk}/", {"do": "deactivate"})
    assert me.status_code == 409
    admin.user.refresh_from_db()
    assert admin.user.is_active


@pytest.mark.requirement("K2")
def test_the_matrix_keeps_only_what_differs_from_the_declaration(visit: Any, as_role: Any) -> None:
    role = Role.objects.get(code="sales")
    client = visit()
    url = f"/settings/roles/{role.pk}/"
    client.post(
        url,
        {
            "scope": "own",
            "shown:catalog.product": "1",
            "verbs:catalog.product": ["view", "create"],
            "guard:credit": "on",
        },
    )
    row = RoleRight.objects.get(role=role, resource="catalog.product")
    assert row.verbs == ["create", "view"]
    assert as_role("sales").rights.can("catalog.product", "create")
    assert not FieldRight.objects.filter(role=role).exists()
    from kontor.access.rights import RoleRights, role_verbs
    from kontor.resources import registry

    declared = sorted(role_verbs(RoleRights("sales", "own"), registry.spec("catalog.product")))
    client.post(
        url, {"shown:catalog.product": "1", "verbs:catalog.product": declared, "guard:credit": "on", "guard:cost": "on"}
    )
    assert not RoleRight.objects.filter(role=role, resource="catalog.product").exists()
    assert as_role("sales").rights.sees("cost")
    admin = Role.objects.get(code="admin")
    assert client.post(f"/settings/roles/{admin.pk}/", {"scope": "own"}).status_code == 409


@pytest.mark.requirement("K3")
def test_why_names_the_rule(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Hidden one"})
    seller = visit("sales").user
    page = visit().get(f"/settings/why/?user={seller.pk}&resource=parties.customer&record={customer.code}")
    said = page.context["said"]
    assert "sales" in said[0]
    assert said[-1] == "The record is outside the scope, so it is not shown."


@pytest.mark.requirement("K6")
def test_a_pattern_without_a_count_is_refused(visit: Any) -> None:
    client = visit()
    bad = client.post("/settings/numbers/", {"resource": "sales.order", "pattern": "SO-{yy}"})
    assert bad.status_code == 422
    assert not NumberRule.objects.exists()
    client.post("/settings/numbers/", {"resource": "sales.order", "pattern": "ORD-{yyyy}-{n:05}"})
    assert NumberRule.objects.get(resource="sales.order").pattern == "ORD-{yyyy}-{n:05}"
    client.post("/settings/numbers/", {"resource": "sales.order", "pattern": ""})
    assert not NumberRule.objects.exists()


def test_the_company_is_saved_whole_or_not_at_all(visit: Any, ctx: Any) -> None:
    client = visit()
    given = {"company_name": "New name", "zone": "Nowhere/Land", "language": "en", "module": ["parties"]}
    assert client.post("/settings/company/", given).status_code == 422
    assert configuration.company().name != "New name"
    lacking = client.post("/settings/company/", {**given, "zone": "Asia/Taipei", "module": ["sales"]})
    assert "needs" in lacking.content.decode()
    names = ["parties", "catalog", "people"]
    client.post("/settings/company/", {**given, "zone": "Asia/Taipei", "module": names, "legal_name": "Legal"})
    assert configuration.company().name == "New name"
    assert {g.name for g in client.get("/").context["shell"].groups} <= set(names)


@pytest.mark.requirement("K15")
def test_the_audit_is_filtered_and_links_to_the_record(visit: Any, ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "Audited"})
    gate.update(ctx, "parties.customer", customer.pk, {"name": "Audited twice"})
    page = visit().get(f"/settings/audit/?resource=parties.customer&record={customer.pk}")
    rows = page.context["rows"]
    assert [r.event.verb for r in rows] == ["updated", "created"]
    assert rows[0].href == f"/parties/customers/{customer.pk}/"
    assert ("Audited", "Audited twice") in [(old, new) for _l, old, new in rows[0].changes]
    assert AuditEvent.objects.count() >= 2


def test_a_role_as_shipped_is_called_in_the_readers_language(visit: Any) -> None:
    from kontor.access.models import Role

    assert "會計" in visit(language="zh-hant").get("/settings/roles/").content.decode()
    Role.objects.filter(code="accountant").update(name="Bookkeepers")
    assert "Bookkeepers" in visit(language="zh-hant").get("/settings/roles/").content.decode()


@pytest.mark.requirement("K27")
def test_ways_of_working_are_chosen_kept_and_told(visit: Any, ctx: Any) -> None:
    client = visit()
    page = client.get("/settings/ways/").content.decode()
    assert "Days that a quotation is valid" in page
    told = {
        "sales.invoice_policy": "ordered",
        "sales.quotation_days": "14",
        "sales.prices_include_tax": "on",
        "catalog.tax_rounding": "document",
        "finance.write_off_limit": "50.4",
    }
    assert client.post("/settings/ways/", told).status_code == 302
    assert configuration.get("sales.invoice_policy") == "ordered"
    assert (configuration.get("sales.quotation_days"), configuration.get("sales.prices_include_tax")) == (14, True)
    assert configuration.get("finance.write_off_limit") == "50"  # the book currency has no cents
    changes = AuditEvent.objects.filter(resource="configuration.setting").latest("id").changes
    assert changes["sales.quotation_days"] == [30, 14]

    wrong = client.post("/settings/ways/", {**told, "sales.quotation_days": "0", "sales.invoice_policy": "never"})
    assert wrong.status_code == 422
    assert {e.pointer for e in wrong.context["error"].errors} == {"/sales.quotation_days", "/sales.invoice_policy"}
    assert configuration.get("sales.quotation_days") == 14
    assert client.post("/settings/ways/", {**told, "finance.write_off_limit": ""}).status_code == 302
    assert configuration.get("finance.write_off_limit") is None
