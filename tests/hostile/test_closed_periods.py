"""A closed period takes nothing by any road: actions, bulks, jobs, pages, imports, reversals, dates set back."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from kontor.api.bulk import bulk_chunk
from kontor.calendars import api as calendars
from kontor.calendars.models import Period
from kontor.context import Context
from kontor.documents import gate
from kontor.values import parsing
from tests.contract.conftest import Caller
from tests.factories import customer, first, make, order
from tests.hostile.judging import KEPT_ANYWAY, SECURITY, Ledger
from tests.hostile.world import World, enter

pytestmark = [pytest.mark.requirement("F1")]
DAY = "2026-03-10"
Road = tuple[str, str, str, dict[str, Any]]  # what, id, action, body


@pytest.fixture
def roads(ctx: Context) -> list[Road]:
    """Everything that can be posted on a day of one's choice, ready for it; then March is closed."""
    sold = order(ctx)
    gate.perform(ctx, "sales.order", sold.pk, "confirm", {})
    shipped = gate.perform(ctx, "sales.order", sold.pk, "deliver", {"lines": None}).made
    gate.perform(ctx, "sales.delivery", shipped.pk, "ship", {})
    returned = gate.perform(ctx, "sales.delivery", shipped.pk, "take_back", {}).made
    again = order(ctx)
    gate.perform(ctx, "sales.order", again.pk, "confirm", {})
    waiting = gate.perform(ctx, "sales.order", again.pk, "deliver", {}).made
    invoice = make(ctx, "sales.invoice")
    voucher, posted = make(ctx, "finance.voucher", date=DAY), make(ctx, "finance.voucher", date="2026-04-02")
    gate.perform(ctx, "finance.voucher", posted.pk, "post", {})
    receipt = make(ctx, "finance.receipt", received_on=DAY)
    stock, done = make(ctx, "inventory.adjustment"), make(ctx, "inventory.adjustment")
    gate.perform(ctx, "inventory.adjustment", done.pk, "post", {})
    product = str(stock_line(stock).product_id)
    for area in ("stock", "all"):
        march = calendars.period_of(ctx, parsing.date(DAY)).id
        gate.perform(ctx, "calendars.period", march, "close", {"area": area})
    ctx.cache.clear()
    assert product
    return [
        ("sales.delivery", str(waiting.pk), "ship", {"shipped_on": DAY}),
        ("sales.return", str(returned.pk), "receive", {"received_on": DAY}),
        ("sales.invoice", str(invoice.pk), "post", {"posted_on": DAY}),
        ("finance.voucher", str(voucher.pk), "post", {}),
        ("finance.voucher", str(posted.pk), "reverse", {"date": DAY, "reason": "x"}),
        ("finance.receipt", str(receipt.pk), "post", {}),
        ("inventory.adjustment", str(stock.pk), "post", {"posted_on": DAY}),
        ("inventory.adjustment", str(done.pk), "reverse", {"date": DAY, "reason": "x"}),
    ]


def stock_line(adjustment: Any) -> Any:
    """The first line of an adjustment."""
    from suite.inventory.models import PlannedMove

    return PlannedMove.objects.filter(operation_id=adjustment.pk).first()


@pytest.fixture
def world(company: Any) -> World:
    """Who may do everything, also reopen periods; but a closed one is closed for him too."""
    made = World("alpha.localhost")
    enter(made)
    return made


def _written(before: dict[str, tuple[int, int]]) -> list[str]:
    after = Ledger().look()
    return sorted(t for t in after if after[t] != before[t] and t not in KEPT_ANYWAY)


def _path(resource: str) -> str:
    from kontor.resources import registry

    return registry.spec(resource).path


def test_no_road_leads_into_it(roads: list[Road], world: World, ctx: Context) -> None:
    api = Caller(world.key)
    browser = Client(HTTP_HOST=world.host)
    browser.cookies[site.SESSION_COOKIE_NAME] = world.session
    before = Ledger().look()
    for resource, pk, action, body in roads:
        path = _path(resource)
        told = api("POST", f"{path}/{pk}/{action}/", body)
        assert (told.status_code, told.data["code"]) == (409, "period_closed"), (resource, action, told.data)
        tried = api("POST", f"{path}/{pk}/{action}/?dry_run=1", body)
        assert (tried.status_code, tried.data["code"]) == (409, "period_closed"), (resource, action)
        for atomic in (False, True):
            item = {"method": action, "id": pk, "data": body}
            many = api("POST", f"{path}/bulk/", {"items": [item], "atomic": atomic}).data["results"]
            assert [r["body"]["code"] for r in many] == ["period_closed"], (resource, action)
        inside = bulk_chunk(world.ctx, {"resource": resource}, [{"method": action, "id": pk, "data": body}])
        assert [r["body"]["code"] for r in inside] == ["period_closed"], (resource, action)
        page = browser.post(f"/{path}/{pk}/do/{action}/", body)
        assert page.status_code in (409, 422), (resource, action, page.status_code)
        assert _written(before) == [], (resource, action)
    assert len(roads) == 8


def test_its_state_is_changed_by_its_actions_alone(roads: list[Road], world: World) -> None:
    api = Caller(world.key)
    march = Period.objects.get(code="2026-03")
    before = Ledger().look()
    for method, path, body in (
        ("PATCH", f"calendars/periods/{march.pk}/", {"ledger": "open", "stock": "open"}),
        ("DELETE", f"calendars/periods/{march.pk}/", None),
        ("POST", "calendars/periods/", {"code": "2026-03", "starts_on": "2026-03-01", "ledger": "open"}),
        ("POST", "calendars/periods/bulk/", {"items": [{"method": "delete", "id": str(march.pk)}]}),
        ("POST", f"calendars/periods/{march.pk}/reopen/", {"area": "stock"}),
    ):
        answer = api(method, path, body, If_Match='"1"')
        refused = [r["status"] for r in answer.data["results"]] if answer.status_code == 200 else [answer.status_code]
        assert all(400 <= s < 500 for s in refused), (path, answer.data)
        assert set(_written(before)) <= {SECURITY}, path
    march.refresh_from_db()
    assert (march.stock, march.ledger) == ("closed", "closed")


def test_what_is_brought_in_from_outside_stays_a_draft(roads: list[Road], world: World, ctx: Context) -> None:
    """A row of a file names no state; a new record that claims to be posted is refused."""
    api = Caller(world.key)
    row = {
        "party": customer(ctx), "received_on": DAY, "account": first("finance.money_account"), "amount": "100",
        "currency": "TWD",
    }  # fmt: skip
    before = Ledger().look()
    claimed = api("POST", "finance/receipts/", {**row, "state": "posted"})
    assert (claimed.status_code, claimed.data["errors"][0]["code"]) == (422, "read_only")
    assert _written(before) == []
    rows = [{"party": row["party"], "received_on": DAY, "account__code": "", "amount": "100", "state": "posted"}]
    answer = api("POST", "finance/receipts/import/", {"rows": rows})
    assert answer.status_code == 422 and answer.data["errors"][0]["pointer"] == "/columns/state", answer.data
    assert not {t for t in _written(before) if t.startswith(("finance_", "inventory_"))}


def test_a_posted_document_keeps_its_day(roads: list[Road], world: World, ctx: Context) -> None:
    api = Caller(world.key)
    invoice = make(ctx, "sales.invoice")
    gate.perform(ctx, "sales.invoice", invoice.pk, "post", {})
    posted = next(pk for resource, pk, action, _body in roads if resource == "finance.voucher" and action == "reverse")
    before = Ledger().look()
    for path, body in (
        (f"sales/invoices/{invoice.pk}/", {"posted_on": DAY}),
        (f"finance/vouchers/{posted}/", {"date": DAY}),
    ):
        answer = api("PATCH", path, body, If_Match="*")
        assert answer.status_code in (409, 412, 422), answer.data
        assert _written(before) == [], path
