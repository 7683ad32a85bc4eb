"""Global search: by name, number, telephone, pinyin; within the scope; kept by every write."""

from __future__ import annotations

from typing import Any

import pytest

from kontor.access.models import Share
from kontor.documents import gate
from kontor.surfaces import tokens
from kontor.surfaces.models import SearchEntry
from kontor.surfaces.reindexing import rebuild
from kontor.surfaces.search import find


def test_tokens() -> None:
    assert {"acme", "so26110001", "so", "2611", "0001"} <= tokens.index_tokens("Acme SO-2611-0001")
    assert {"大", "型", "大型", "型股", "daxinggu", "dxg", "xg"} <= tokens.index_tokens("大型股")
    assert {"223456789", "56789", "6789"} <= tokens.index_tokens("(02) 2345-6789")
    assert tokens.index_tokens("Ｃａｆé") == {"cafe"}
    assert tokens.query("大型 acm") == "'大型' & 'acm':*"
    assert tokens.query("2345-67") == "'234567':*"
    assert tokens.query("CP-2") == "'cp2':* & 'cp':*" and "cp25d8" in tokens.index_tokens("CP-25-D8")
    assert tokens.query("a'b\\") == "'a' & 'b'" and tokens.query(" -_& ") == ""


@pytest.fixture
def found(shop: Any, ctx: Any) -> Any:
    gate.create_many(
        ctx,
        "shop.client",
        [
            {"code": "A1", "name": "王小明貿易", "phone": "02-2345-6789"},
            {"code": "B1", "name": "Café Bolt"},
            {"code": "C1", "name": "O'Neil & Söhne"},
        ],
    )

    def search(text: str, **more: Any) -> list[str]:
        return [hit.title for hit in find(more.pop("by", ctx), text, **more)]

    return search


@pytest.mark.requirement("K21")
@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("小明", "王小明貿易"),
        ("王", "王小明貿易"),
        ("wxm", "王小明貿易"),
        ("wangxiao", "王小明貿易"),
        ("xiaoming", "王小明貿易"),
        ("23456789", "王小明貿易"),
        ("2345 67", "王小明貿易"),
        ("6789", "王小明貿易"),
        ("cafe", "Café Bolt"),
        ("BOL", "Café Bolt"),
        ("b1", "Café Bolt"),
        ("o'neil", "O'Neil & Söhne"),
        ("sohne neil", "O'Neil & Söhne"),
    ],
)
def test_what_people_type_finds(found: Any, text: str, title: str) -> None:
    assert found(text) == [title]


@pytest.mark.parametrize("text", ["", "zebra", "明小", "' OR 1=1 --", "\\", ":*", "a\x00b", "🙂", "\ud800", "(((", "!"])
def test_what_finds_nothing(found: Any, text: str) -> None:
    assert found(text) == []


def test_documents_come_with_their_subtitle_and_one_statement(
    found: Any, ctx: Any, django_assert_num_queries: Any
) -> None:
    bill = gate.create(ctx, "shop.bill", {"client": "B1", "lines": [{"quantity": 1, "unit_price": 1}]})
    gate.perform(ctx, "shop.bill", bill.pk, "open")
    with django_assert_num_queries(1):
        hits = find(ctx, "bolt")
    assert {(h.resource, h.title, h.subtitle) for h in hits} == {
        ("shop.client", "Café Bolt", "B1"),
        ("shop.bill", "B-0001", "Café Bolt"),
    }
    assert found("bolt", resources=["shop.client"]) == ["Café Bolt"]
    assert len(found("bolt", limit=1)) == 1


def test_writes_keep_it(found: Any, ctx: Any, shop: Any) -> None:
    bolt = shop.Client.objects.get(code="B1")
    gate.update(ctx, "shop.client", bolt.pk, {"name": "Screw"})
    assert found("bolt") == [] and found("screw") == ["Screw"]
    gate.delete(ctx, "shop.client", bolt.pk)
    assert found("screw") == []
    SearchEntry.objects.all().delete()
    assert found("王") == []
    assert rebuild("shop.client") == 2 and found("王") == ["王小明貿易"]


def test_the_scope_stands_in_the_search(found: Any, ctx: Any, as_role: Any, shop: Any) -> None:
    clerk = as_role("sales")
    assert found("bolt", by=clerk) == []
    gate.create(clerk, "shop.client", {"code": "M", "name": "Bolt of mine"})
    assert found("bolt", by=clerk) == ["Bolt of mine"]
    assert found("bolt", by=as_role("warehouse")) == []
    bolt = shop.Client.objects.get(code="B1")
    Share.objects.create(resource="shop.client", record_id=bolt.pk, employee_id=clerk.employee_id)
    assert set(found("bolt", by=clerk)) == {"Bolt of mine", "Café Bolt"}
    assert len(found("bolt")) == 2


@pytest.mark.requirement("K21")
@pytest.mark.parametrize("text", ["长城", "長城", "长城贸", "ccmy", "changcheng"])
def test_either_script_finds_the_other(found: Any, ctx: Any, text: str) -> None:
    gate.create(ctx, "shop.client", {"code": "D1", "name": "長城貿易"})
    assert found(text) == ["長城貿易"]
