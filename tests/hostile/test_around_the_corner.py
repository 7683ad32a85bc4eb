"""What a person may not see is not asked for by a detour: filters through references, orders, counts, reports."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.identity.api import issue_key
from kontor.identity.models import User
from kontor.reports import api as reports
from kontor.resources import registry
from tests.contract.conftest import Caller
from tests.factories import make

pytestmark = [pytest.mark.requirement("K3", "K4")]


@pytest.fixture
def seller(as_role: Any) -> Context:
    """Sees his own customers alone."""
    made: Context = as_role("sales")
    return made


@pytest.fixture
def caller(seller: Context) -> Caller:
    return Caller(issue_key(User.objects.get(pk=seller.user_id), name="test"))


def test_a_filter_through_a_reference_sees_what_its_reader_sees(ctx: Context, seller: Context, caller: Caller) -> None:
    """An own order for a colleague's customer: his telephone was found out digit by digit."""
    hidden = make(ctx, "parties.customer", phone="02-7919-7919", tax_number="12345675")
    order = make(ctx, "sales.order", customer=str(hidden.pk), owner=str(seller.employee_id))
    assert [r["id"] for r in caller("GET", "sales/orders/").data["results"]] == [str(order.pk)]
    assert caller("GET", f"parties/customers/{hidden.pk}/").status_code == 404
    tried = 0
    for via in registry.specs():
        for name, f in via.fields.items():
            if f.relation not in ("parties.party", "parties.customer"):
                continue
            for inner in ("phone__startswith=0", "tax_number__startswith=1", "phone__isnull=false", "phone__gt=0"):
                answer = caller("GET", f"{via.path}/?{name}__{inner}&count=exact")
                if answer.status_code == 200:
                    assert (answer.data["results"], answer.data["count"]) == ([], 0), (via.name, name, inner)
                    tried += 1
                else:
                    assert answer.status_code in (403, 422), (via.name, name, inner)
    assert tried > 10


def test_reports_take_no_record_out_of_scope(ctx: Context, caller: Caller) -> None:
    hidden = make(ctx, "parties.customer", name="Geheimnis7919", phone="02-7919-7919")
    run = 0
    for report in reports.reports():
        for parameter in report.parameters:
            if parameter.relation not in ("parties.party", "parties.customer"):
                continue
            for word in (str(hidden.pk), hidden.code):
                answer = caller("GET", f"reports/{report.name}/?{parameter.name}={word}")
                assert answer.status_code in (200, 403, 404, 422), (report.name, answer.status_code)
                assert "Geheimnis7919" not in answer.content.decode(), report.name
                run += answer.status_code in (200, 422)
    assert run > 1


def test_a_limit_that_is_guarded_is_no_filter_no_order_and_no_search(ctx: Context, as_role: Any) -> None:
    """``credit_limit`` through each door that compares: its value, its order and whether it is there."""
    make(ctx, "parties.customer", credit_limit="7919000")
    reader = as_role("warehouse")
    assert not reader.rights.sees("credit")
    caller = Caller(issue_key(User.objects.get(pk=reader.user_id), name="test"))
    for name, spec in ((s.name, s) for s in registry.specs() if any(f.guard == "credit" for f in s.fields.values())):
        fields = [f.name for f in spec.fields.values() if f.guard == "credit"]
        for f in fields:
            for query in (
                f"{f}__gt=1",
                f"{f}=7919000",
                f"{f}__isnull=false",
                f"order={f}",
                f"order=-{f}",
                f"{f}__in=7919000",
            ):
                assert caller("GET", f"{spec.path}/?{query}").status_code in (403, 422), (name, query)
                assert caller("GET", f"{spec.path}/export/?{query}").status_code in (403, 422), (name, query)
            shown = caller("GET", f"{spec.path}/?fields={f}&limit=1")
            assert shown.status_code in (200, 403, 422) and b"7919000" not in shown.content
            for via in registry.specs():
                for n, x in via.fields.items():
                    if x.relation == name:
                        assert caller("GET", f"{via.path}/?{n}__{f}__gt=1").status_code in (403, 422), (via.name, n)
        assert b"7919000" not in caller("GET", f"{spec.path}/?limit=200").content


def test_an_import_by_key_changes_and_tells_nothing_out_of_scope(ctx: Context, seller: Context, caller: Caller) -> None:
    hidden = make(ctx, "parties.customer", name="Hidden", phone="02-7919-7919")
    hidden.refresh_from_db()
    for by, value in (("code", hidden.code), ("id", str(hidden.pk)), ("name", "Hidden")):
        answer = caller(
            "POST", "parties/customers/import/", {"rows": [{by: value, "phone": "000"}], "by": by, "key": by}
        )
        assert b"02-7919-7919" not in answer.content
        assert answer.status_code in (200, 403, 409, 422), answer.content
        if answer.status_code == 200:
            assert answer.data["counts"]["updated"] == answer.data["counts"]["unchanged"] == 0, answer.data
    before = hidden.version
    hidden.refresh_from_db()
    assert (hidden.version, str(registry.spec("parties.customer").model.objects.get(pk=hidden.pk).party.phone)) == (
        before,
        "02-7919-7919",
    )
    assert gate.create(seller, "parties.customer", {"name": "Own"}).pk
