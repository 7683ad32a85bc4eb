"""Filters: periods that move, several values, fields behind references, counts; sums, groups, the next step."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from kontor import clock
from kontor.documents import gate
from kontor.resources import registry
from kontor.values.days import add_months
from kontor.web import chips, lists, periods
from kontor.web.models import Arrangement, SavedView


def _orders(ctx: Any, amounts: list[tuple[str, str]]) -> list[Any]:
    """One order a pair of grade and price, each for a customer of its own."""
    product = gate.create(ctx, "catalog.product", {"code": "FILT-1", "name": "Thing", "list_price": "10"})
    out = []
    for at, (grade, price) in enumerate(amounts):
        customer = gate.create(ctx, "parties.customer", {"name": f"Buyer {at}", "grade": grade})
        lines = [{"product": str(product.pk), "quantity": "2", "unit_price": price}]
        out.append(gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": lines}))
    return out


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("@today-30", dt.date(2026, 1, 29)),
        ("@week", dt.date(2026, 2, 23)),
        ("@month-1m", dt.date(2026, 1, 1)),
        ("@month+1m", dt.date(2026, 3, 1)),
        ("@quarter", dt.date(2026, 1, 1)),
        ("@quarter-1q", dt.date(2025, 10, 1)),
        ("@year-1y", dt.date(2025, 1, 1)),
        ("@nonsense", None),
    ],
)
def test_a_word_is_a_day(us_ctx: Any, word: str, day: dt.date | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The company lives in New York: late on 28 February there it is the 1st of March in UTC already."""
    moment = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    at = replace(us_ctx, zone="America/New_York")
    assert at.today == dt.date(2026, 2, 28)
    assert periods.day(at, word) == day


@pytest.mark.parametrize(
    ("count", "day"), [(1, dt.date(2026, 2, 28)), (-11, dt.date(2025, 2, 28)), (25, dt.date(2028, 2, 29))]
)
def test_months_are_added_to_the_last_of_a_month(count: int, day: dt.date) -> None:
    assert add_months(dt.date(2026, 1, 31), count) == day


@pytest.mark.requirement("K20")
def test_the_editor_writes_periods_several_values_and_counted_days(ctx: Any) -> None:
    spec = registry.spec("sales.order")
    last = lists.read(spec, QueryDict("f=ordered_on&op=@last-quarter"))
    assert last.filters == {"ordered_on__gte": "@quarter-1q", "ordered_on__lt": "@quarter"}
    assert [(c.label, c.text) for c in chips.chips(ctx, spec, last)] == [("Order date", "is last quarter")]
    days = lists.read(spec, QueryDict("f=ordered_on&op=last&v=14"))
    assert [c.text for c in chips.chips(ctx, spec, days)] == ["in the last 14 days"]
    several = lists.read(spec, QueryDict("f=state&op=in&v=draft&v=confirmed&v=draft"))
    assert several.filters == {"state__in": "draft,confirmed"}
    mine = lists.read(spec, QueryDict("f=owner&op=in&v=@me&v=01a20510-7f0f-7035-9f8c-6c18e14e71c3"))
    told = lists.resolved(ctx, mine.filters)["owner__in"].split(",")
    assert told == [str(ctx.employee_id), "01a20510-7f0f-7035-9f8c-6c18e14e71c3"]


@pytest.mark.requirement("K20")
def test_a_field_behind_a_reference_filters_and_is_told_in_words(visit: Any, ctx: Any) -> None:
    _orders(ctx, [("A", "10"), ("B", "20"), ("A", "30")])
    client = visit()
    form = client.get("/sales/orders/filter/?field=customer__grade").content.decode()
    assert "Customer › " in form
    page = client.get("/sales/orders/?f=customer__grade&op=&v=A")
    assert page.context["state"].filters == {"customer__grade": "A"}
    assert page.context["page"].count == 2
    assert [c.label for c in page.context["chips"]] == ["Customer › grade"]
    assert page.context["chips"][0].without == "/sales/orders/"


def test_the_editor_counts_what_each_value_would_leave(visit: Any, ctx: Any) -> None:
    orders = _orders(ctx, [("A", "10"), ("B", "20"), ("A", "30")])
    gate.perform(ctx, "sales.order", orders[0].pk, "confirm")
    client = visit()
    told = client.get("/sales/orders/filter/?field=state&customer__grade=A").context["choices"]
    assert {code: n for code, _label, n in told if n} == {"draft": 1, "confirmed": 1}
    near = client.get("/sales/orders/filter/?field=customer").context["near"]
    assert sorted((name, n) for _pk, name, n in near) == [("Buyer 0", 1), ("Buyer 1", 1), ("Buyer 2", 1)]


@pytest.mark.requirement("K20")
def test_sums_are_of_all_that_matches_not_of_the_page(visit: Any, ctx: Any) -> None:
    _orders(ctx, [("A", "100"), ("B", "200")] * 26)
    client = visit()
    page = client.get("/sales/orders/")
    assert len(page.context["lines"]) == 50
    whole = registry.spec("sales.order").model.objects.values_list("total", flat=True)
    assert len(whole) == 52
    text = client.get("/sales/orders/sums/").content.decode()
    assert f"NT$ {sum(whole):,.0f}" in text
    some = client.get("/sales/orders/sums/?customer__grade=A").content.decode()
    assert f"NT$ {sum(whole) / 3:,.0f}" in some


def test_groups_tell_count_and_sum_and_open_into_their_rows(visit: Any, ctx: Any) -> None:
    orders = _orders(ctx, [("A", "100"), ("B", "200"), ("A", "300")])
    gate.perform(ctx, "sales.order", orders[1].pk, "confirm")
    client = visit()
    page = client.get("/sales/orders/?group=state")
    groups = {g.href: g for g in page.context["groups"]}
    draft = groups["/sales/orders/?state=draft"]
    assert draft.count == 2
    orders[0].refresh_from_db()
    orders[2].refresh_from_db()
    assert draft.sums == [f"NT$ {orders[0].total + orders[2].total:,.0f}"]
    rows = client.get(draft.rows)
    assert sorted(line.id for line in rows.context["lines"]) == sorted(str(o.pk) for o in (orders[0], orders[2]))
    by_month = client.get("/sales/orders/?group=ordered_on").context["groups"]
    assert [g.count for g in by_month] == [3]
    assert client.get(by_month[0].rows).context["page"].count == 3
    assert client.get("/sales/orders/?group=nonsense").context["state"].group == ""


def test_the_grade_stands_behind_the_name_and_is_no_column(visit: Any, ctx: Any) -> None:
    _orders(ctx, [("A", "100")])
    client = visit()
    customers = client.get("/parties/customers/")
    assert "grade" not in [f.name for f in customers.context["shown"]]
    assert '<span class="k-grade">A</span>' in customers.content.decode()
    assert '<span class="k-grade">A</span>' in client.get("/sales/orders/").content.decode()
    chosen = client.get("/parties/customers/?columns=code,grade")
    assert "grade" in [f.name for f in chosen.context["shown"]]


def test_progress_is_the_share_of_quantities(ctx: Any) -> None:
    from kontor.surfaces.query import Ask, select

    order = _orders(ctx, [("A", "100")])[0]
    spec = registry.spec("sales.order")
    ask = Ask(fields=("delivered_share", "invoiced_share"))
    assert select(ctx, spec, ask).rows[0]["delivered_share"] is None
    gate.perform(ctx, "sales.order", order.pk, "confirm")
    line = order.lines.get()
    type(line).objects.filter(pk=line.pk).update(delivered=Decimal("1"))
    row = select(ctx, spec, ask).rows[0]
    assert (row["delivered_share"], row["invoiced_share"]) == (Decimal("0.5"), Decimal(0))


def test_the_next_step_follows_state_and_right(visit: Any, ctx: Any) -> None:
    orders = _orders(ctx, [("A", "100"), ("B", "200")])
    gate.perform(ctx, "sales.order", orders[1].pk, "confirm")
    page = visit().get("/sales/orders/").content.decode()
    assert 'data-step="confirm"' in page
    assert f'href="/sales/orders/{orders[1].pk}/do/deliver/"' in page
    viewer = visit("viewer").get("/sales/orders/").content.decode()
    assert "k-next" not in viewer


@pytest.mark.requirement("K20")
def test_columns_and_widths_are_kept_for_the_person_alone(visit: Any, ctx: Any) -> None:
    client, other = visit(), visit("manager")
    kept = client.post("/parties/customers/set-up/", {"columns": "code,phone,nonsense"})
    assert kept.status_code == 204
    client.post("/parties/customers/set-up/", {"width": "phone:231"})
    page = client.get("/parties/customers/")
    assert [f.name for f in page.context["shown"]] == ["name", "code", "phone"]
    assert {c.field.name: c.width for c in page.context["columns"]} == {"name": 0, "code": 0, "phone": 231}
    assert "owner" in [f.name for f in other.get("/parties/customers/").context["shown"]]
    assert [f.name for f in client.get("/parties/customers/?columns=tax_number").context["shown"]] == [
        "name",
        "tax_number",
    ]
    client.post("/parties/customers/set-up/", {"reset": "1"})
    assert not Arrangement.objects.exists()


@pytest.mark.requirement("K20")
def test_a_view_is_shown_to_a_role_by_who_has_the_right(visit: Any, ctx: Any) -> None:
    lead = visit("manager")
    lead.post("/views/parties/customers/", {"view_name": "For sales", "view_shared": "sales", "grade": "A"})
    assert SavedView.objects.get(name="For sales").roles == ["sales"]
    labels = [t.label for t in visit("sales").get("/parties/customers/?view=all").context["tabs"]]
    assert "For sales" in labels
    assert "For sales" not in [t.label for t in visit("viewer").get("/parties/customers/").context["tabs"]]
    visit("sales").post("/views/parties/customers/", {"view_name": "Pushed", "view_shared": "all", "grade": "B"})
    pushed = SavedView.objects.get(name="Pushed")
    assert (pushed.is_shared, pushed.roles) == (False, [])


@pytest.mark.requirement("K22")
def test_what_will_be_refused_is_told_beforehand_and_nothing_is_done(visit: Any, ctx: Any) -> None:
    orders = _orders(ctx, [("A", "100"), ("B", "200")])
    gate.perform(ctx, "sales.order", orders[1].pk, "confirm")
    ids = [str(o.pk) for o in orders]
    asked = visit().post("/sales/orders/bulk/", {"do": "confirm", "ids": ids})
    assert asked.context["possible"] == 1
    assert [(r.done, r.href) for r in asked.context["foreseen"]] == [(False, f"/sales/orders/{orders[1].pk}/")]
    assert "Confirmed" in asked.context["foreseen"][0].text
    orders[0].refresh_from_db()
    assert (orders[0].state, orders[0].number) == ("draft", "")


def test_a_lane_goes_on_where_it_ended(visit: Any, ctx: Any) -> None:
    _orders(ctx, [("A", "100")] * 23)
    client = visit()
    lane = next(x for x in client.get("/sales/orders/?show=board").context["lanes"] if x.value == "draft")
    assert (lane.count, len(lane.cards), lane.rest) == (23, 20, 3)
    following = client.get(lane.more)
    assert len(following.context["cards"]) == 3
    assert following.context["more"] == ""
    assert not {c.id for c in following.context["cards"]} & {c.id for c in lane.cards}


def test_an_export_has_the_columns_that_one_sees(visit: Any, ctx: Any) -> None:
    client = visit()
    client.post("/parties/customers/set-up/", {"columns": "code,phone,_next"})
    assert client.get("/x/export/parties.customer/").context["seen"] == ["Name", "Code", "Phone"]
