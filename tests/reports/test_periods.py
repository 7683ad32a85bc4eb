"""Every report with a period takes ``as_of`` as well as ``from`` and ``to``, and says what it cannot take."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kontor.configuration import api as configuration
from kontor.context import Context
from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed
from kontor.reports import api as reports
from kontor.reports.period import BALANCE, FLOW, OUTLOOK
from tests.contract.conftest import Caller, api, api_as
from tests.factories import customer, make, order, stocked

__all__ = ["api", "api_as"]
NAMED = {
    "trial-balance": BALANCE,
    "balance-sheet": BALANCE,
    "income-statement": FLOW,
    "ageing": BALANCE,
    "stock-value": BALANCE,
    "availability": OUTLOOK,
    "customer-statement": FLOW,
}
_FREE = ("free", "opening", "change")
pytestmark = [pytest.mark.requirement("A1")]


def _asked(api: Caller, name: str, query: str, who: str) -> Any:
    more = f"&customer={who}" if name == "customer-statement" else ""
    return api("GET", f"reports/{name}/?{query}{more}")


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("query", ["", "as_of=2026-03-31", "from=2026-01-01&to=2026-03-31", "to=2026-03-31"])
def test_the_shape_whatever_the_dates(api: Caller, ctx: Context, name: str, query: str):
    answer = _asked(api, name, query, customer(ctx))
    assert answer.status_code == 200, answer.data
    assert set(answer.data) == {"name", "parameters", "columns", "rows", "totals"}
    assert answer.data["name"] == name
    assert all(set(c) == {"name", "label", "type"} for c in answer.data["columns"])
    assert all(len(row) == len(answer.data["columns"]) for row in answer.data["rows"])
    given = dict(part.split("=") for part in query.split("&") if part)
    assert {k: answer.data["parameters"][k] for k in given} == given
    again = "&".join(f"{k}={v}" for k, v in answer.data["parameters"].items() if k != "customer")
    assert _asked(api, name, again, customer(ctx)).data["rows"] == answer.data["rows"]
    for form in ("xlsx", "csv"):
        file = _file(api, name, f"{query}&format={form}", customer(ctx))
        assert file.status_code == 200
        assert file.content[:2] == b"PK" if form == "xlsx" else file.content[:3] == b"\xef\xbb\xbf"


def _file(api: Caller, name: str, query: str, who: str) -> Any:
    more = f"&customer={who}" if name == "customer-statement" else ""
    return api.client.get(
        f"/api/v1/reports/{name}/?{query}{more}",
        headers={"Host": api.host, "Authorization": f"Bearer {api.key}"},
    )


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("as_of=2026-03-31&to=2026-04-30", "/as_of", "contradiction"),
        ("from=2026-04-01&to=2026-03-31", "/from", "invalid"),
        ("as_of=yesterday", "/as_of", "invalid"),
        ("to=0001-01-01", "/to", "out_of_range"),
        ("as_of=9999-12-31", "/as_of", "out_of_range"),
        ("nope=1", "/nope", "unknown_parameter"),
        ("format=pdf", "/format", "invalid"),
        ("expand=nope", "/expand", "invalid"),
    ],
)
def test_what_a_report_cannot_take(api: Caller, ctx: Context, name: str, query: str, pointer: str, code: str):
    answer = _asked(api, name, query, customer(ctx))
    assert answer.status_code == 422, answer.data
    assert [(e["pointer"], e["code"]) for e in answer.data["errors"]] == [(pointer, code)]
    if code == "unknown_parameter":
        assert all(word in answer.data["errors"][0]["detail"] for word in ("as_of", "from", "to"))


def test_a_flow_as_of_a_day_is_the_fiscal_year_up_to_it(ctx: Context):
    told = reports.run(ctx, "income-statement", {"as_of": "2025-08-15"}).parameters
    assert (told["from"], told["to"]) == (dt.date(2025, 1, 1), dt.date(2025, 8, 15))
    configuration.put({"calendars.fiscal_start": 4})
    ctx.cache.clear()
    told = reports.run(ctx, "income-statement", {"to": "2026-02-10"}).parameters
    assert (told["from"], told["to"]) == (dt.date(2025, 4, 1), dt.date(2026, 2, 10))


def test_a_balance_in_a_span_shows_what_was_before(ctx: Context):
    first = stocked(ctx, quantity="10", unit_cost="60")
    adjustment = make(
        ctx, "inventory.adjustment", kind="correction",
        lines=[{"product": first, "quantity": "5", "unit_cost": "60"}],
    )  # fmt: skip
    gate.perform(ctx, "inventory.adjustment", adjustment.pk, "post", {"posted_on": str(ctx.today)})
    span = {"from": str(ctx.today + dt.timedelta(days=1)), "to": str(ctx.today + dt.timedelta(days=2))}
    table = reports.run(ctx, "stock-value", {"product": first, **span}).table
    assert [c.name for c in table.columns][3:] == [
        "quantity", "unit_cost", "value", "opening", "opening_value", "change",
    ]  # fmt: skip
    assert [tuple(map(int, row.values[3:])) for row in table.rows] == [(15, 60, 900, 15, 900, 0)]
    table = reports.run(ctx, "stock-value", {"product": first, "from": str(ctx.today)}).table
    assert [tuple(map(int, row.values[3:])) for row in table.rows] == [(15, 60, 900, 0, 0, 900)]


def test_ageing_in_a_span_shows_what_was_owed_before(ctx: Context):
    who = customer(ctx)
    sold = order(ctx)
    for action in ("confirm", "deliver"):
        made = gate.perform(ctx, "sales.order", sold.pk, action, {}).made
    gate.perform(ctx, "sales.delivery", made.pk, "ship", {})
    invoice = gate.perform(ctx, "sales.order", sold.pk, "invoice", {}).made
    gate.perform(ctx, "sales.invoice", invoice.pk, "post", {"posted_on": str(ctx.today)})
    total = invoice.total
    yesterday, tomorrow = (str(ctx.today + dt.timedelta(days=n)) for n in (-1, 1))

    def told(**given: str) -> list[Any]:
        return [list(r.values[-4:]) for r in reports.run(ctx, "ageing", {"customer": who, **given}).table.rows]

    assert total == 210
    assert told(**{"from": str(ctx.today)}) == [[total, 0, 0, total]]
    assert told(**{"from": tomorrow, "to": tomorrow}) == [[total, 0, total, 0]]
    assert told(**{"from": yesterday, "to": yesterday}) == []


def test_availability_up_to_a_day(ctx: Context):
    product = stocked(ctx, quantity="10")
    later = str(ctx.today + dt.timedelta(days=30))
    sold = order(ctx, lines=[{"product": product, "quantity": "4", "promised_on": later}])
    gate.perform(ctx, "sales.order", sold.pk, "confirm", {})

    def free(**given: str) -> list[Any]:
        table = reports.run(ctx, "availability", {"product": product, **given}).table
        names = [c.name for c in table.columns]
        return [{n: int(v) for n, v in zip(names, r.values, strict=True) if n in _FREE} for r in table.rows]

    assert free() == [{"free": 6}]
    assert free(as_of=str(ctx.today)) == [{"free": 10}]
    assert free(as_of=later) == [{"free": 6}]
    assert free(**{"from": later, "to": later}) == [{"free": 6, "opening": 10, "change": -4}]


@pytest.mark.requirement("K4")
def test_columns_of_cost_are_left_out(ctx: Context, as_role: Any):
    product = stocked(ctx, quantity="10", unit_cost="60")
    viewer = as_role("viewer")
    shown = reports.run(viewer, "stock-value", {"product": product, "from": str(ctx.today)}).table
    assert [c.name for c in shown.columns][3:] == ["quantity", "opening"]
    assert [list(map(int, row.values[3:])) for row in shown.rows] == [[10, 0]]
    assert shown.totals is not None
    assert len(shown.totals) == 5
    text = reports.write(reports.run(viewer, "stock-value", {"product": product}, verb="export"), "csv").decode()
    assert "600" not in text
    with pytest.raises(NotAllowed):
        reports.run(viewer, "ledger", {"account": "1"})
    with pytest.raises(Invalid):
        reports.run(ctx, "ledger", {"account": "no such account"})
