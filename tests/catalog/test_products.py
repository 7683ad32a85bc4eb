"""Products: every code finds one, units convert exactly, the base unit freezes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kontor.documents import gate
from kontor.documents.references import find_many
from kontor.errors import Invalid, Refused
from kontor.resources import registry
from kontor.surfaces.query import Ask, one, select
from suite.catalog import api
from suite.catalog.models import Category, Product, ProductCode, Tax, Unit

pytestmark = pytest.mark.django_db
D = Decimal


def product(ctx: Any, code: str = "P1", **values: Any) -> Product:
    made: Product = gate.create(ctx, "catalog.product", {"code": code, "name": code, **values})
    return made


@pytest.mark.requirement("C1")
def test_code_and_name_are_enough(ctx: Any) -> None:
    made = product(ctx)
    row = one(ctx, registry.spec("catalog.product"), made.id)
    assert (row["kind"], row["state"], row["list_currency"], row["barcodes"]) == ("goods", "active", "TWD", [])
    info = api.products(ctx, [made.id])[made.id]
    assert (info.unit_code, info.is_stocked, info.cost_method, info.posting_class) == ("piece", True, "average", "")
    with pytest.raises(Invalid) as refused:
        gate.create(ctx, "catalog.product", {"name": "no code"})
    assert [e.pointer for e in refused.value.errors] == ["/code"]


@pytest.mark.requirement("C1", "N11")
def test_every_code_finds_the_product(ctx: Any) -> None:
    customer = gate.create(ctx, "parties.customer", {"name": "A"})
    made = product(
        ctx,
        barcodes=["4710000000017", "4710000000024"],
        codes=[{"kind": "maker", "code": "MK-9"}, {"kind": "customer", "code": "777", "party": customer.code}],
    )
    words = ["P1", "4710000000017", "4710000000024", "MK-9", "777", str(made.id)]
    assert find_many(ctx, "catalog.product", words) == dict.fromkeys(words, made.id)
    assert api.find_product(ctx, "MK-9") == made.id
    assert [r["code"] for r in select(ctx, registry.spec("catalog.product"), Ask(q="MK-9")).rows] == ["P1"]
    row = one(ctx, registry.spec("catalog.product"), made.id)
    assert row["barcodes"] == ["4710000000017", "4710000000024"]
    assert [(c["kind"], c["code"]) for c in row["codes"]] == [("maker", "MK-9"), ("customer", "777")]


@pytest.mark.requirement("C1")
@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"code": "471"}, "/code"),
        ({"barcodes": ["x", "471"]}, "/barcodes/1"),
        ({"barcodes": ["P1"]}, "/barcodes/0"),
        ({"codes": [{"code": "MK"}]}, "/codes/0/code"),
    ],
)
def test_a_code_finds_one_product_only(ctx: Any, values: dict[str, Any], pointer: str) -> None:
    product(ctx, barcodes=["471"], codes=[{"code": "MK"}])
    with pytest.raises(Invalid) as refused:
        product(ctx, **{"code": "P2", **values})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [(pointer, "already_exists")]
    assert "P1" in refused.value.errors[0].detail
    assert Product.objects.count() == 1


def test_two_customers_may_call_two_products_the_same(ctx: Any) -> None:
    for code, name in (("P1", "A"), ("P2", "B")):
        customer = gate.create(ctx, "parties.customer", {"name": name})
        product(ctx, code, codes=[{"kind": "customer", "code": "100", "party": str(customer.id)}])
    assert "more than one" in str(find_many(ctx, "catalog.product", ["100"])["100"])


def test_changed_barcodes_move_at_once(ctx: Any) -> None:
    first, second = product(ctx, "P1", barcodes=["1", "2"]), product(ctx, "P2")
    gate.update(ctx, "catalog.product", first.id, {"barcodes": ["2", "3"], "code": "P9"})
    gate.update(ctx, "catalog.product", second.id, {"barcodes": ["1"], "code": "P1"})
    rows = ProductCode.objects.order_by("code").values_list("code", "kind", "product__code")
    assert list(rows) == [
        ("1", "barcode", "P1"),
        ("2", "barcode", "P9"),
        ("3", "barcode", "P9"),
        ("P1", "own", "P1"),
        ("P9", "own", "P9"),
    ]
    gate.update(ctx, "catalog.product", first.id, {"code": "3", "barcodes": ["2", "P9"]})
    assert sorted(ProductCode.objects.filter(product=first).values_list("code", "kind")) == [
        ("2", "barcode"),
        ("3", "own"),
        ("P9", "barcode"),
    ]
    gate.delete(ctx, "catalog.product", first.id)
    assert ProductCode.objects.count() == 2


@pytest.mark.requirement("C1")
def test_units_convert_by_product_and_by_dimension(ctx: Any) -> None:
    units = {u.code: u.id for u in Unit.objects.all()}
    made = product(ctx, units=[{"unit": "carton", "numerator": 24}])
    steel = product(ctx, "ST", unit="kg")
    asks = [
        (made.id, units["carton"], D("2.5")),
        (made.id, units["dozen"], D(3)),
        (made.id, None, D(7)),
        (steel.id, units["g"], D(250)),
        (steel.id, units["lb"], D(1)),
    ]
    assert api.to_base(ctx, asks) == [D(60), D(36), D(7), D("0.25"), D("0.453592")]
    assert api.from_base(ctx, [(made.id, units["dozen"], D(12)), (made.id, units["carton"], D(12))]) == [D(1), D("0.5")]
    with pytest.raises(Refused) as refused:
        api.to_base(ctx, [(made.id, units["kg"], D(1))])
    assert (refused.value.code, "P1" in str(refused.value.detail)) == ("no_conversion", True)


def test_the_base_unit_freezes_once_stock_has_moved(ctx: Any) -> None:
    made = product(ctx)
    gate.update(ctx, "catalog.product", made.id, {"unit": "kg"})
    api.lock_units(ctx, [made.id])
    with pytest.raises(Invalid) as refused:
        gate.update(ctx, "catalog.product", made.id, {"unit": "piece"})
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/unit", "frozen")]
    gate.update(ctx, "catalog.product", made.id, {"name": "New", "unit": "kg"})
    assert Product.objects.get(pk=made.id).unit.code == "kg"


def test_products_are_read_in_one_query_a_call(ctx: Any, django_assert_num_queries: Any) -> None:
    gate.create(ctx, "catalog.category", {"code": "C", "name": "C", "cost_method": "fifo", "posting_class": "raw"})
    ids = [
        p.id
        for p in gate.create_many(
            ctx, "catalog.product", [{"code": f"X{i}", "name": "x", "category": "C"} for i in range(20)]
        )
    ]
    ctx.cache.pop("catalog.products", None)
    with django_assert_num_queries(1):
        found = api.products(ctx, ids)
        api.products(ctx, ids[:3])
    assert {(p.cost_method, p.posting_class) for p in found.values()} == {("fifo", "raw")}


def test_creating_many_products_takes_few_statements(ctx: Any, django_assert_max_num_queries: Any) -> None:
    rows = [{"code": f"X{i}", "name": "x", "barcodes": [f"B{i}"]} for i in range(50)]
    with django_assert_max_num_queries(14):
        gate.create_many(ctx, "catalog.product", rows)
    assert ProductCode.objects.count() == 100


def test_categories_are_a_tree(ctx: Any) -> None:
    top = gate.create(ctx, "catalog.category", {"code": "T", "name": "T"})
    low = gate.create(ctx, "catalog.category", {"code": "L", "name": "L", "parent": "T"})
    gate.update(ctx, "catalog.category", top.id, {"code": "TT"})
    assert Category.objects.get(pk=low.id).path == "/TT/L/"
    with pytest.raises(Invalid):
        gate.update(ctx, "catalog.category", top.id, {"parent": "L"})


def test_the_life_of_a_product(ctx: Any) -> None:
    made = product(ctx)
    gate.perform(ctx, "catalog.product", made.id, "phase_out")
    gate.perform(ctx, "catalog.product", made.id, "retire")
    with pytest.raises(Refused) as refused:
        gate.perform(ctx, "catalog.product", made.id, "phase_out")
    assert refused.value.code == "illegal_state"
    gate.perform(ctx, "catalog.product", made.id, "reactivate")
    assert Product.objects.get(pk=made.id).state == "active"


def test_taxes_are_given_by_code_and_kept_by_id(ctx: Any) -> None:
    zero = Tax.objects.get(code="TX0")
    made = product(ctx, taxes=["TX0"])
    assert Product.objects.get(pk=made.id).taxes == [str(zero.id)]
    gate.update(ctx, "catalog.product", made.id, {"name": "other"})
    with pytest.raises(Invalid) as refused:
        product(ctx, "P2", taxes=["TX0", "NOPE"])
    assert [e.pointer for e in refused.value.errors] == ["/taxes/1"]
    with pytest.raises(Refused) as kept:
        gate.delete(ctx, "catalog.tax", zero.id)
    assert kept.value.code == "in_use"


def test_a_supplier_offers_a_product_once(ctx: Any, as_role: Any) -> None:
    from suite.purchasing import api as purchasing

    buyer = as_role("purchasing")
    for name, days in (("A", 7), ("B", 3)):
        gate.create(buyer, "parties.supplier", {"name": name, "currency": "USD", "lead_days": days})
    made = product(ctx)
    gate.create(buyer, "purchasing.supplier_item", {"supplier": "S-00001", "product": "P1", "price": "9.5", "rank": 2})
    gate.create(buyer, "purchasing.supplier_item", {"supplier": "S-00002", "product": "P1", "lead_days": 5})
    offers = purchasing.suppliers_of(buyer, [made.id])[made.id]
    facts = [(o.rank, o.price, o.currency, o.lead_days) for o in offers]
    assert facts == [(1, None, "USD", 5), (2, D("9.5"), "USD", 7)]
    with pytest.raises(Invalid) as refused:
        gate.create(buyer, "purchasing.supplier_item", {"supplier": "S-00001", "product": "P1"})
    assert {e.code for e in refused.value.errors} == {"already_exists"}
