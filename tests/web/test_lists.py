"""The list: what the address says is what is shown; filters in words; pages, totals, counts, deeds on many."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import QueryDict

from kontor.documents import gate
from kontor.resources import registry
from kontor.web import chips, lists
from kontor.web.lists import State
from kontor.web.models import SavedView


def _customers(ctx: Any, count: int, **more: Any) -> list[Any]:
    return gate.create_many(ctx, "parties.customer", [{"name": f"Customer {i:03}", **more} for i in range(count)])


def _spec() -> Any:
    return registry.spec("parties.customer")


@pytest.mark.requirement("K20")
def test_the_address_reproduces_the_list() -> None:
    given = QueryDict("view=all&grade=A&phone__contains=03&q=x&sort=-code&columns=code,name,nonsense&cursor=c&n=50")
    state = lists.read(_spec(), given)
    assert state.filters == {"grade": "A", "phone__contains": "03"}
    assert (state.q, state.order, state.columns, state.before) == ("x", "-code", ("code", "name"), 50)
    assert lists.read(_spec(), QueryDict(state.url(page=True).partition("?")[2])) == state
    assert "cursor" not in state.url()


def test_a_filter_on_a_field_named_like_nothing_of_ours_stays_a_filter() -> None:
    """Deliveries have a field ``order``; sorting has a name of its own."""
    state = lists.read(registry.spec("sales.delivery"), QueryDict("order=abc&sort=-number"))
    assert state.filters == {"order": "abc"}
    assert state.order == "-number"


def test_the_filter_editor_replaces_the_filters_of_its_field() -> None:
    edited = lists.read(
        _spec(), QueryDict("grade=A&created_at__gte=2026-01-01&f=created_at&op=between&v=2026-02-01&v2=")
    )
    assert edited.filters == {"grade": "A", "created_at__gte": "2026-02-01"}
    period = lists.read(_spec(), QueryDict("f=created_at&op=@week"))
    assert period.filters == {"created_at__gte": "@week", "created_at__lt": "@week+7"}


def test_filters_are_told_in_words(ctx: Any) -> None:
    state = State("parties/customers", {"created_at__gte": "@week", "created_at__lt": "@week+7", "owner": "@me"})
    told = [(c.label, c.text) for c in chips.chips(ctx, _spec(), state)]
    assert [text for _label, text in told] == ["is this week", "is me"]
    week = lists.resolved(ctx, state.filters)
    assert week["created_at__gte"] <= ctx.today.isoformat() < week["created_at__lt"]
    assert week["owner"] == str(ctx.employee_id)


def test_pages_follow_each_other_without_a_gap(visit: Any, ctx: Any) -> None:
    _customers(ctx, 60)
    client = visit()
    first = client.get("/parties/customers/")
    assert first.status_code == 200
    assert (first.context["first"], first.context["last"]) == (1, 50)
    second = client.get(first.context["older"])
    assert (second.context["first"], second.context["last"]) == (51, 50 + len(second.context["lines"]))
    ids = [line.id for line in (*first.context["lines"], *second.context["lines"])]
    assert len(ids) == len(set(ids)) >= 60
    back = client.get(second.context["newer"])
    assert [line.id for line in back.context["lines"]] == [line.id for line in first.context["lines"]]


def test_a_part_is_answered_to_htmx_and_the_page_to_everybody_else(visit: Any) -> None:
    client = visit()
    part = client.get("/parties/customers/?grade=A", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert part["HX-Push-Url"] == "/parties/customers/?grade=A"
    restored = client.get("/parties/customers/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in restored.content


def test_a_wrong_filter_says_so_in_place_of_the_rows(visit: Any) -> None:
    page = visit().get("/parties/customers/?nonsense=1")
    assert page.status_code == 200
    assert "There is no such parameter or filter." in page.content.decode()


def test_an_empty_list_names_the_filter_to_drop(visit: Any, ctx: Any) -> None:
    _customers(ctx, 3, grade="A")
    page = visit().get("/parties/customers/?grade=A&name__contains=zzz")
    assert page.context["lines"] == []
    assert page.context["drop"]["count"] == "3"
    assert page.context["drop"]["without"] == "/parties/customers/?grade=A"


@pytest.mark.requirement("K3", "K4")
def test_a_seller_sees_his_own_rows_and_no_cost(visit: Any, ctx: Any) -> None:
    _customers(ctx, 4)
    client = visit("sales")
    page = client.get("/parties/customers/")
    assert page.context["lines"] == []
    names = {f.name for f in page.context["hidden"]} | {f.name for f in page.context["shown"]}
    orders = client.get("/sales/orders/")
    shown = {f.name for f in (*orders.context["hidden"], *orders.context["shown"])}
    assert "credit_limit" in names
    fields = registry.spec("sales.order").fields
    assert not any(fields[n].guard == "cost" for n in shown if n in fields)


def test_a_list_costs_the_same_for_any_number_of_rows(visit: Any, ctx: Any, django_assert_max_num_queries: Any) -> None:
    client = visit()
    _customers(ctx, 2)
    client.get("/parties/customers/?view=all&sort=name")
    with django_assert_max_num_queries(30) as few:
        client.get("/parties/customers/?view=all&sort=name")
    _customers(ctx, 45)
    with django_assert_max_num_queries(30) as many:
        client.get("/parties/customers/?view=all&sort=name")
    assert len(few) == len(many)


@pytest.mark.requirement("K20")
def test_a_view_is_saved_found_again_starred_and_removed(visit: Any, ctx: Any) -> None:
    _customers(ctx, 2, grade="A")
    client = visit()
    saved = client.post(
        "/views/parties/customers/", {"view_name": "Best", "view_star": "on", "grade": "A", "sort": "-code"}
    )
    view = SavedView.objects.get(name="Best")
    assert view.state == {"grade": "A", "sort": "-code"}
    page = client.get(saved["Location"])
    assert page.context["current"] == str(view.pk)
    assert "Best" in [e.label for e in page.context["shell"].favourites]
    assert client.get(f"/parties/customers/?view={view.pk}")["Location"] == saved["Location"]
    counts = json.loads(client.get("/views/parties/customers/counts/").content)
    assert counts[str(view.pk)] == "2"
    other = visit("manager")
    assert other.post(f"/views/{view.pk}/change/", {"view_do": "remove"}).status_code == 404
    client.post(f"/views/{view.pk}/change/", {"view_do": "remove"})
    assert not SavedView.objects.filter(name="Best").exists()


@pytest.mark.requirement("K22")
def test_many_rows_are_asked_about_then_done_each_with_its_result(visit: Any, ctx: Any) -> None:
    rows = _customers(ctx, 3)
    used = rows[0]
    product = gate.create(ctx, "catalog.product", {"code": "BULK-1", "name": "Thing", "list_price": "10"})
    lines = [{"product": str(product.pk), "quantity": "1", "unit_price": "10"}]
    gate.create(ctx, "sales.order", {"customer": str(used.pk), "lines": lines})
    client = visit()
    ids = [str(r.pk) for r in rows]
    asked = client.post("/parties/customers/bulk/", {"do": "delete", "ids": ids})
    assert asked["X-Kontor"] == "ask"
    assert asked.context["count"] == 3
    assert registry.spec("parties.customer").model.objects.filter(pk__in=ids).count() == 3
    done = client.post("/parties/customers/bulk/", {"do": "delete", "ids": ids, "go": "1"})
    assert (done.context["done"], done.context["failed"]) == (2, 1)
    refused = done.context["results"][0]
    assert (refused.done, refused.href) == (False, f"/parties/customers/{used.pk}/")
    assert list(registry.spec("parties.customer").model.objects.filter(pk__in=ids).values_list("pk", flat=True)) == [
        used.pk
    ]


@pytest.mark.requirement("K28")
def test_more_rows_than_a_request_should_do_run_in_the_background(visit: Any, ctx: Any) -> None:
    from kontor.jobs import api as jobs

    _customers(ctx, 205, grade="C")
    client = visit()
    given = {"do": "delete", "matching": "1", "query": "grade=C"}
    assert client.post("/parties/customers/bulk/", given).context["count"] == 205
    done = client.post("/parties/customers/bulk/", {**given, "go": "1"})
    job = jobs.info(ctx, done.context["job"])
    assert (job.kind, job.total) == ("bulk", 205)
    assert client.get("/parties/customers/?grade=C").context["page"].count == 205


def test_a_deed_needs_its_right_and_changes_nothing_without_it(visit: Any, ctx: Any) -> None:
    row = _customers(ctx, 1)[0]
    answer = visit("viewer").post("/parties/customers/bulk/", {"do": "delete", "ids": [str(row.pk)], "go": "1"})
    assert answer.status_code == 403
    assert registry.spec("parties.customer").model.objects.filter(pk=row.pk).exists()


def test_the_board_counts_lanes_and_moves_by_actions(visit: Any, ctx: Any) -> None:
    customer = _customers(ctx, 1)[0]
    product = gate.create(ctx, "catalog.product", {"code": "BOARD-1", "name": "Thing", "list_price": "10"})
    lines = [{"product": str(product.pk), "quantity": "1", "unit_price": "10"}]
    order = gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": lines})
    client = visit()
    lanes = {lane.value: lane for lane in client.get("/sales/orders/?show=board").context["lanes"]}
    assert lanes["draft"].count == 1
    card = lanes["draft"].cards[0]
    assert "confirmed:confirm" in card.moves
    moved = client.post("/sales/orders/bulk/", {"do": "confirm", "ids": [card.id], "board": "1"})
    assert moved["X-Kontor"] == "done"
    order.refresh_from_db()
    assert order.state == "confirmed"
    again = client.post(
        "/sales/orders/bulk/", {"do": "confirm", "ids": [card.id], "board": "1"}, headers={"HX-Request": "true"}
    )
    assert again.status_code == 409
    assert "k-notice" in again.content.decode()
