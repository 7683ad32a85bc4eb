"""Rows become documents, each whole or not at all; again, it changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kontor.context import Context
from kontor.documents.models import ExternalRef
from kontor.errors import Refused
from kontor.resources import registry
from kontor.surfaces.exchange import mapping
from tests.exchange.conftest import carry_out, numbers, sheet

pytestmark = [pytest.mark.requirement("K17")]

CUSTOMERS = {"resource": "parties.customer", "file": "c.csv", "key": "no", "fields": {"name": "name", "phone": "tel"}}


def model(resource: str) -> Any:
    return registry.spec(resource).model._default_manager


def test_created_then_unchanged_then_updated(ctx: Context, tmp_path: Path):
    sheet(tmp_path / "c.csv", ["no", "name", "tel"], ["1", "鼎曜", "03-1"], ["2", "立群", "03-2"])
    assert numbers(carry_out(ctx, tmp_path, CUSTOMERS), "parties.customer") == (2, 0, 0, 0)
    assert numbers(carry_out(ctx, tmp_path, CUSTOMERS), "parties.customer") == (0, 0, 2, 0)
    sheet(tmp_path / "c.csv", ["no", "name", "tel"], ["1", "鼎曜", "03-1"], ["2", "立群氣動", "03-2"])
    assert numbers(carry_out(ctx, tmp_path, CUSTOMERS), "parties.customer") == (0, 1, 1, 0)
    ref = ExternalRef.objects.get(source="test", ref="2")
    assert model("parties.customer").get(pk=ref.record_id).party.name == "立群氣動"


def test_another_mapping_of_equal_rows_is_no_change(ctx: Context, tmp_path: Path):
    sheet(tmp_path / "c.csv", ["no", "name", "tel"], ["1", "鼎曜", "03-1"])
    carry_out(ctx, tmp_path, CUSTOMERS)
    pk = ExternalRef.objects.get(source="test", ref="1").record_id
    version = model("parties.customer").get(pk=pk).version
    less = {**CUSTOMERS, "fields": {"name": "name"}}
    assert numbers(carry_out(ctx, tmp_path, less), "parties.customer") == (0, 0, 1, 0)
    assert model("parties.customer").get(pk=pk).version == version


def test_a_bad_row_leaves_nothing_and_the_others_stand(ctx: Context, tmp_path: Path):
    before = model("parties.customer").count()
    sheet(
        tmp_path / "c.csv",
        ["no", "name", "tel"],
        ["1", "鼎曜", ""],
        ["2", "", "03-2"],
        ["3", "x" * 300, ""],
        ["", "no key", ""],
        ["4", "立群", ""],
        ["4", "twice", ""],
    )
    report = carry_out(ctx, tmp_path, CUSTOMERS)
    assert numbers(report, "parties.customer") == (2, 0, 0, 4)
    assert model("parties.customer").count() == before + 2
    assert sorted((e.file, e.line, e.field) for e in report.errors) == [
        ("c.csv", 3, "name"),
        ("c.csv", 4, "name"),
        ("c.csv", 5, "no"),
        ("c.csv", 7, "no"),
    ]
    assert not ExternalRef.objects.filter(source="test", ref__in=["2", "3"]).exists()


ORDERS = {
    "resource": "sales.order",
    "file": "o.csv",
    "key": "order",
    "fields": {"customer": "customer", "ordered_on": "day"},
    "lines": {"lines": {"fields": {"product": "product", "quantity": "quantity", "unit_price": "price"}}},
    "then": [{"action": "confirm"}],
}


def goods(ctx: Context, folder: Path) -> None:
    sheet(folder / "p.csv", ["code", "name"], ["G-1", "線性滑軌"], ["G-2", "滾珠螺桿"])
    sheet(folder / "c.csv", ["no", "code", "name"], ["1", "K-1", "鼎曜"])
    carry_out(
        ctx,
        folder,
        {"resource": "catalog.product", "file": "p.csv", "key": "code", "fields": {"code": "code", "name": "name"}},
        {**CUSTOMERS, "fields": {"code": "code", "name": "name"}},
    )


def test_documents_with_lines_in_the_same_file(ctx: Context, tmp_path: Path):
    goods(ctx, tmp_path)
    sheet(
        tmp_path / "o.csv",
        ["order", "customer", "day", "product", "quantity", "price"],
        ["A", "K-1", "115/11/2", "G-1", "2", "1,000"],
        ["A", "", "", "G-2", "１", "50.5"],
        ["B", "K-1", "2026/11/03", "G-1", "1", "10"],
        ["B", "", "", "NONE", "1", "10"],
        ["C", "K-1", "2026-11-04", "G-1", "1", "10"],
    )
    report = carry_out(ctx, tmp_path, ORDERS)
    assert numbers(report, "sales.order") == (2, 0, 0, 1)
    assert [(e.line, e.field) for e in report.errors] == [(5, "lines.product")]
    made = model("sales.order").get(pk=ExternalRef.objects.get(source="test", ref="A").record_id)
    assert (made.state, str(made.ordered_on)) == ("confirmed", "2026-11-02")
    assert [(int(x.quantity), str(x.unit_price.normalize())) for x in made.lines.order_by("position")] == [
        (2, "1E+3"),
        (1, "50.5"),
    ]
    assert not ExternalRef.objects.filter(source="test", ref="B").exists()
    assert not model("sales.order").filter(ordered_on="2026-11-03").exists()
    assert numbers(carry_out(ctx, tmp_path, ORDERS), "sales.order") == (0, 0, 2, 1)


def test_a_deed_that_is_refused_takes_its_document_back(ctx: Context, tmp_path: Path):
    goods(ctx, tmp_path)
    sheet(
        tmp_path / "o.csv",
        ["order", "customer", "day", "product", "quantity", "price"],
        ["A", "K-1", "2026-11-02", "G-1", "2", "10"],
    )
    before = model("sales.order").count()
    step = {**ORDERS, "then": [{"action": "confirm"}, {"action": "cancel", "body": {"reason": {"const": ""}}}]}
    report = carry_out(ctx, tmp_path, step)
    assert numbers(report, "sales.order") == (0, 0, 0, 1)
    assert model("sales.order").count() == before


def test_references_to_the_same_file_in_any_order(ctx: Context, tmp_path: Path):
    step = {
        "resource": "organization.employee",
        "file": "e.csv",
        "key": "no",
        "fields": {"number": "no", "name": "name", "manager": {"ref": "boss"}},
    }
    sheet(
        tmp_path / "e.csv",
        ["no", "name", "boss"],
        ["X3", "third", "X2"],
        ["X2", "second", "X1"],
        ["X1", "first", ""],
        ["X7", "circle", "X8"],
        ["X8", "circle", "X7"],
    )
    report = carry_out(ctx, tmp_path, step)
    made, _u, _same, refused = numbers(report, "organization.employee")
    assert made == 3 and refused == 2
    third = model("organization.employee").get(number="X3")
    assert (third.manager.number, third.manager.manager.number) == ("X2", "X1")
    assert not model("organization.employee").filter(number__in=["X7", "X8"]).exists()


def test_a_trial_of_all_steps_sees_what_earlier_steps_make_and_writes_nothing(ctx: Context, tmp_path: Path):
    from django.db import transaction

    goods_before = model("catalog.product").count()
    with transaction.atomic():
        sheet(tmp_path / "p.csv", ["code", "name"], ["G-9", "線性滑軌"])
        report = carry_out(
            ctx,
            tmp_path,
            {"resource": "catalog.product", "file": "p.csv", "key": "code", "fields": {"code": "code", "name": "name"}},
            trial=True,
        )
        assert numbers(report, "catalog.product") == (1, 0, 0, 0)
    assert model("catalog.product").count() == goods_before


def test_lines_are_found_again_by_what_they_name(ctx: Context, tmp_path: Path):
    goods(ctx, tmp_path)
    step = {**ORDERS, "then": []}
    head = ["order", "customer", "day", "product", "quantity", "price"]
    sheet(tmp_path / "o.csv", head, ["A", "K-1", "2026-11-02", "G-1", "2", "10"], ["A", "", "", "G-2", "3", "5"])
    carry_out(ctx, tmp_path, step)
    order = model("sales.order").get(pk=ExternalRef.objects.get(source="test", ref="A").record_id)
    old = {x.product_id: x.pk for x in order.lines.all()}
    sheet(tmp_path / "o.csv", head, ["A", "K-1", "2026-11-02", "G-1", "2", "10"], ["A", "", "", "G-2", "4", "5"])
    assert numbers(carry_out(ctx, tmp_path, step), "sales.order") == (0, 1, 0, 0)
    assert {x.product_id: x.pk for x in order.lines.all()} == old
    assert sorted(int(x.quantity) for x in order.lines.all()) == [2, 4]


def test_a_mapping_with_unknown_words_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="unknown word 'kee'"):
        mapping.from_data({"source": "x", "steps": [{"resource": "a.b", "file": "f", "kee": "k"}]})
    (tmp_path / "m.yaml").write_text(
        "source: x\nsteps:\n  - resource: sales.order\n    file: o.csv\n    then: [{action: ship, on: delivery}]\n"
    )
    assert mapping.load(tmp_path / "m.yaml").steps[0].then[0].on == "delivery"


def test_queries_do_not_grow_with_the_rows(ctx: Context, tmp_path: Path, django_assert_max_num_queries: Any):
    sheet(tmp_path / "c.csv", ["no", "name", "tel"], *([str(i), f"Customer {i}", ""] for i in range(90)))
    with django_assert_max_num_queries(60):
        assert numbers(carry_out(ctx, tmp_path, CUSTOMERS), "parties.customer")[0] == 90
    with django_assert_max_num_queries(6):
        assert numbers(carry_out(ctx, tmp_path, CUSTOMERS), "parties.customer")[2] == 90
