"""Rows for every surface: columns, scope, filters, order, pages, lines, expansion."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q

from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed, NotFound
from kontor.resources import registry
from kontor.surfaces.query import Ask, ids_of, lines_of, one, select, write_rows


@pytest.fixture
def bills(shop: Any, ctx: Any) -> list[Any]:
    """Two clients, a good, three bills: 10.5, 21 and 31.5 USD."""
    gate.create(ctx, "shop.client", {"code": "A1", "name": "Acme", "phone": "02-1234", "credit_limit": "5"})
    gate.create(ctx, "shop.client", {"code": "B1", "name": "Bolt", "tags": ["vip", "new"]})
    gate.create(ctx, "shop.good", {"code": "P1", "name": "Pen"})
    return [
        gate.create(
            ctx,
            "shop.bill",
            {
                "client": "A1" if i < 3 else "B1",
                "billed_on": f"2026-01-0{i}" if i < 3 else None,
                "lines": [{"good": "P1", "quantity": i, "unit_price": "10.5", "cost": 7}],
            },
        )
        for i in (1, 2, 3)
    ]


def spec(name: str) -> Any:
    return registry.spec(name)


def test_rows_carry_values_by_field_name_with_titles(bills: Any, ctx: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page = select(ctx, spec("shop.bill"), Ask(fields=["client", "total", "double"], order="total", titles=True))
    first = page.rows[0]
    assert (first["client__title"], first["client__code"]) == ("Acme", "A1")
    assert first["total"] == Decimal("10.5") and first["double"] == Decimal("21")
    assert first["currency"] == "USD" and first["version"] == 1 and first["id"] == bills[0].pk


def test_writing_gives_the_currencys_digits(bills: Any, ctx: Any) -> None:
    row = one(ctx, spec("shop.bill"), bills[0].pk)
    shown = write_rows(ctx, spec("shop.bill"), [row])[0]
    assert shown["total"] == "10.50" and shown["double"] == "21.00"
    assert shown["lines"][0]["quantity"] == "1" and shown["lines"][0]["unit_price"] == "10.50"
    assert shown["client"] == str(bills[0].client_id) and shown["billed_on"] == "2026-01-01"


def test_expansion_puts_objects_in_place_with_one_query_a_level(
    bills: Any, ctx: Any, django_assert_num_queries: Any
) -> None:
    s = spec("shop.bill")
    page = select(ctx, s, Ask(order="total"))
    with django_assert_num_queries(3):
        shown = write_rows(ctx, s, page.rows, expand=["client", "lines.good"])
    assert [b["client"]["name"] for b in shown] == ["Acme", "Acme", "Bolt"]
    assert shown[2]["lines"][0]["good"]["code"] == "P1"
    with pytest.raises(Invalid):
        write_rows(ctx, s, page.rows, expand=["total"])
    with pytest.raises(Invalid):
        write_rows(ctx, s, page.rows, expand=["a.b.c.d"])


def test_lines_of_many_records_cost_one_query(bills: Any, ctx: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        lines = lines_of(ctx, spec("shop.bill"), [b.pk for b in bills])["lines"]
    assert [lines[b.pk][0]["amount"] for b in bills] == [Decimal("10.5"), Decimal("21"), Decimal("31.5")]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"client": "A1"}, [0, 1]),
        ({"client__name": "Bolt"}, [2]),
        ({"client__name__contains": "CM"}, [0, 1]),
        ({"client__in": "A1,B1"}, [0, 1, 2]),
        ({"total__gt": "10.5"}, [1, 2]),
        ({"total__lte": ["21"]}, [0, 1]),
        ({"double": "21"}, [0]),
        ({"double__gte": "42"}, [1, 2]),
        ({"billed_on__isnull": "true"}, [2]),
        ({"billed_on__isnull": "0"}, [0, 1]),
        ({"billed_on__gte": "2026-01-02"}, [1]),
        ({"state": "draft"}, [0, 1, 2]),
        ({"state__ne": "draft"}, []),
        ({"number": ""}, [0, 1, 2]),
        ({"client": "018f0000-0000-7000-8000-000000000000"}, []),
        ({"created_at__lt": "2020-01-01"}, []),
        ({"created_at__gte": "2020-01-01T00:00:00Z"}, [0, 1, 2]),
        ({"client__tags__contains": "vip"}, [2]),
    ],
)
def test_filters(bills: Any, ctx: Any, filters: Any, expected: list[int]) -> None:
    page = select(ctx, spec("shop.bill"), Ask(filters=filters, order="total"))
    assert [r["id"] for r in page.rows] == [bills[i].pk for i in expected]


@pytest.mark.parametrize(
    ("filters", "pointer", "code"),
    [
        ({"nothing": "1"}, "/nothing", "unknown_parameter"),
        ({"total__gt": "abc"}, "/total__gt", "invalid"),
        ({"state": "gone"}, "/state", "invalid"),
        ({"client": "ZZ"}, "/client", "not_found"),
        ({"total__contains": "1"}, "/total__contains", "unknown_operator"),
        ({"client__client__name": "1"}, "/client__client__name", "unknown_parameter"),
        ({"billed_on": "2026-13-01"}, "/billed_on", "invalid"),
        ({"note__contains": "a\x00b"}, "/note__contains", "invalid"),
        ({"id": "x"}, "/id", "invalid"),
        ({"total": ["1", "2"]}, "/total", "invalid"),
    ],
)
def test_wrong_filters_are_refused_at_the_parameter(
    bills: Any, ctx: Any, filters: Any, pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        select(ctx, spec("shop.bill"), Ask(filters=filters))
    assert [(e.pointer, e.code) for e in refusal.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    "order", ["total", "-total", "billed_on", "-billed_on", "client", "-double", "-created_at", ""]
)
def test_pages_forward_and_back_see_every_row_once(bills: Any, ctx: Any, order: str) -> None:
    s, seen, cursor, pages = spec("shop.bill"), [], "", []
    whole = [r["id"] for r in select(ctx, s, Ask(order=order)).rows]
    for _i in range(3):
        page = select(ctx, s, Ask(order=order, limit=1, cursor=cursor))
        seen += [r["id"] for r in page.rows]
        pages.append(page)
        cursor = page.next_cursor
    assert seen == whole and len(set(seen)) == 3 and not cursor
    assert not pages[0].previous_cursor
    back = select(ctx, s, Ask(order=order, limit=1, cursor=pages[2].previous_cursor))
    assert [r["id"] for r in back.rows] == [whole[1]] and back.next_cursor and back.previous_cursor
    first = select(ctx, s, Ask(order=order, limit=1, cursor=back.previous_cursor))
    assert [r["id"] for r in first.rows] == [whole[0]] and not first.previous_cursor


def test_empty_values_stand_last_both_ways(bills: Any, ctx: Any) -> None:
    for order in ("billed_on", "-billed_on"):
        assert select(ctx, spec("shop.bill"), Ask(order=order)).rows[-1]["id"] == bills[2].pk


def test_a_foreign_or_forged_cursor_is_refused(bills: Any, ctx: Any) -> None:
    s = spec("shop.bill")
    cursor = select(ctx, s, Ask(order="total", limit=1)).next_cursor
    for order, wrong in (("-total", cursor), ("total", cursor[:-2]), ("total", "x"), ("total", "ü")):
        with pytest.raises(Invalid):
            select(ctx, s, Ask(order=order, cursor=wrong))


def test_counts(bills: Any, ctx: Any, monkeypatch: Any) -> None:
    s = spec("shop.bill")
    assert select(ctx, s, Ask(count="exact", limit=1)).count == 3
    assert select(ctx, s, Ask(count="capped", limit=1)).count_text == "3"
    assert isinstance(select(ctx, s, Ask(count="estimate")).count, int)
    monkeypatch.setattr("kontor.surfaces.query.CAP", 2)
    assert select(ctx, s, Ask(count="capped", limit=1)).count_text == "2+"


def test_words_find_by_name_and_the_beginning_of_a_number(bills: Any, ctx: Any) -> None:
    gate.perform(ctx, "shop.bill", bills[1].pk, "open")
    assert [r["id"] for r in select(ctx, spec("shop.bill"), Ask(q="b-00")).rows] == [bills[1].pk]
    assert len(select(ctx, spec("shop.bill"), Ask(q="acm")).rows) == 2
    assert select(ctx, spec("shop.client"), Ask(q="1234")).rows[0]["code"] == "A1"
    assert select(ctx, spec("shop.client"), Ask(q="zebra")).rows == []


def test_a_face_shows_its_own_rows(bills: Any, ctx: Any) -> None:
    assert select(ctx, spec("shop.open_bill"), Ask()).rows == []
    gate.perform(ctx, "shop.bill", bills[0].pk, "open")
    assert [r["id"] for r in select(ctx, spec("shop.open_bill"), Ask()).rows] == [bills[0].pk]


@pytest.mark.requirement("K3")
def test_scope_stands_in_every_query(bills: Any, as_role: Any) -> None:
    clerk = as_role("sales")
    s = spec("shop.bill")
    assert select(clerk, s, Ask(count="exact")).count == 0
    with pytest.raises(NotFound):
        one(clerk, s, bills[0].pk)
    assert ids_of(clerk, s, Ask(), 10) == []
    mine = gate.create(clerk, "shop.client", {"code": "M", "name": "Mine"})
    assert [r["id"] for r in select(clerk, spec("shop.client"), Ask()).rows] == [mine.pk]
    # a filter through a relation does not reach beyond the relation's own scope
    own = gate.create(clerk, "shop.bill", {"client": "M", "lines": [{"quantity": 1, "unit_price": 1}]})
    assert [r["id"] for r in select(clerk, s, Ask(filters={"client__name": "Mine"})).rows] == [own.pk]
    own.client_id = bills[0].client_id
    own.save()
    assert select(clerk, s, Ask(filters={"client__name": "Acme"})).rows == []
    page = select(clerk, s, Ask())
    assert write_rows(clerk, s, page.rows, expand=["client"])[0]["client"] == str(bills[0].client_id)


@pytest.mark.requirement("K4")
def test_guarded_fields_never_leave(bills: Any, as_role: Any) -> None:
    viewer = as_role("viewer")
    row = one(viewer, spec("shop.bill"), bills[0].pk)
    shown = write_rows(viewer, spec("shop.bill"), [row])[0]
    assert "cost" not in row["lines"][0] and "cost" not in shown["lines"][0]
    clients = select(viewer, spec("shop.client"), Ask())
    assert "credit_limit" not in clients.rows[0]
    for ask in (Ask(filters={"credit_limit__gt": "1"}), Ask(order="credit_limit")):
        with pytest.raises(Invalid):
            select(viewer, spec("shop.client"), ask)
    with pytest.raises(Invalid):
        select(viewer, spec("shop.bill"), Ask(filters={"client__credit_limit__gt": "1"}))


@pytest.mark.requirement("K2")
def test_no_right_no_rows(bills: Any, as_role: Any) -> None:
    with pytest.raises(NotAllowed):
        select(as_role("warehouse"), spec("shop.bill"), Ask())


def test_own_conditions_and_ids(bills: Any, ctx: Any) -> None:
    s = spec("shop.bill")
    page = select(ctx, s, Ask(ids=[bills[0].pk, "no id"], where=Q(total__gt=0)))
    assert [r["id"] for r in page.rows] == [bills[0].pk]
    assert page.rows[0]["billed_on"] == dt.date(2026, 1, 1)
