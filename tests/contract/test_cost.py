"""Cost and margin reach nobody without the right to them: one unusual cost is looked for on every way."""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.reports import api as reports
from kontor.resources import registry
from kontor.resources.spec import Spec
from tests.contract.conftest import Caller, creatable
from tests.factories import customer, make, product

pytestmark = [pytest.mark.requirement("K4")]
ROLES = ["viewer", "warehouse", "sales"]  # those without the field right
COST, PRICE = 7919, 12007
# of one, two and three pieces: what they cost, and what is left when they are sold
SECRETS = [n * COST for n in (1, 2, 3)] + [n * (PRICE - COST) for n in (1, 2, 3)]
NEEDLE = re.compile(rb"(?<![0-9a-zA-Z.-])-?(?:%s)(?:\.0+)?(?![0-9a-zA-Z-])" % b"|".join(b"%d" % n for n in SECRETS))
# The statements of the whole company are the business of whoever may read the books; no product's or
# document's cost stands in them, and the accounts' own lines (``ledger``) are guarded.
STATEMENTS = {"trial-balance", "balance-sheet", "income-statement"}


@pytest.fixture
def trade(ctx: Context, as_role: Any) -> dict[str, Any]:
    """Three pieces at an unusual cost, two of them sold, shipped, invoiced, one returned; all of it the seller's."""
    seller = as_role("sales")
    who = customer(ctx, owner=str(seller.employee_id))
    pk = product(ctx)
    bought = make(ctx, "parties.supplier")
    make(ctx, "purchasing.supplier_item", supplier=str(bought.pk), product=pk, price=str(COST))
    stock = make(
        ctx, "inventory.adjustment", kind="opening",
        lines=[{"product": pk, "quantity": "3", "unit_cost": str(COST)}],
    )  # fmt: skip
    gate.perform(ctx, "inventory.adjustment", stock.pk, "post", {})
    lines = [{"product": pk, "quantity": "2", "unit_price": str(PRICE)}]
    mine = {"customer": who, "owner": str(seller.employee_id), "lines": lines}
    quotation = gate.create(ctx, "sales.quotation", mine)
    order = gate.create(ctx, "sales.order", mine)
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    delivery = gate.perform(ctx, "sales.order", order.pk, "deliver", {}).made
    gate.perform(ctx, "sales.delivery", delivery.pk, "ship", {})
    invoice = gate.perform(ctx, "sales.order", order.pk, "invoice", {}).made
    gate.perform(ctx, "sales.invoice", invoice.pk, "post", {})
    taken = gate.perform(ctx, "sales.delivery", delivery.pk, "take_back", {}).made
    gate.perform(ctx, "sales.return", taken.pk, "receive", {})
    open_one = gate.create(ctx, "sales.order", mine | {"lines": [lines[0] | {"quantity": "1"}]})
    gate.perform(ctx, "sales.order", open_one.pk, "confirm", {})
    waiting = gate.perform(ctx, "sales.order", open_one.pk, "deliver", {}).made
    return {
        "seller": seller, "product": pk, "customer": who, "quotation": quotation.pk, "order": order.pk,
        "delivery": delivery.pk, "waiting": waiting.pk, "invoice": invoice.pk,
    }  # fmt: skip


@pytest.fixture
def caller(trade: dict[str, Any], api_as: Any, role: str) -> Caller:
    """A program of the role; the seller's own where it is a seller."""
    if role != "sales":
        made: Caller = api_as(role)
        return made
    from kontor.identity.api import issue_key
    from kontor.identity.models import User

    return Caller(issue_key(User.objects.get(pk=trade["seller"].user_id), name="test"))


def _raw(caller: Caller, path: str) -> Any:
    headers = {"Host": caller.host, "Authorization": f"Bearer {caller.key}", "Accept-Language": "en"}
    answer = caller.client.get(f"/api/v1/{path}", headers=headers)
    answer.raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def _clean(caller: Caller, path: str) -> Any:
    answer = _raw(caller, path)
    found = NEEDLE.findall(answer.raw)
    assert not found, (path, found, answer.raw[:3000])
    return answer


def _expandable(spec: Spec) -> str:
    paths = [n for n, f in spec.fields.items() if f.kind == "reference" and registry.find(f.relation)]
    for name, lines in spec.lines.items():
        paths += [name, *(f"{name}.{n}" for n, f in lines.fields.items() if registry.find(f.relation))]
    return ",".join([*paths, "vouchers", "moves"])


def test_the_secret_is_found_where_it_may_be_seen(trade: dict[str, Any], api: Caller):
    """Otherwise the tests below would look for nothing."""
    for path in (
        f"sales/orders/{trade['order']}/", "inventory/balances/", "inventory/cost-entries/",
        "purchasing/supplier-items/",
        f"sales/deliveries/{trade['delivery']}/?expand=vouchers", "reports/stock-value/", "reports/sales/?by=product",
        "inventory/adjustments/?expand=lines", "sales/orders/export/?fields=number,cost",
    ):  # fmt: skip
        assert NEEDLE.search(_raw(api, path).raw), path


@pytest.mark.parametrize("role", ROLES)
def test_no_resource_tells_it(trade: dict[str, Any], caller: Caller, role: str):
    seen = 0
    for spec in registry.specs():
        listed = _clean(caller, f"{spec.path}/?limit=200&expand={_expandable(spec)}")
        if listed.status_code == 403:
            continue
        assert listed.status_code == 200, (spec.name, listed.raw)
        ids = [row["id"] for row in listed.json()["results"]][:12]
        seen += len(ids)
        for pk in ids:
            for more in (f"?expand={_expandable(spec)}", "timeline/", "trace/", "explain/"):
                _clean(caller, f"{spec.path}/{pk}/{more}")
        for form in ("csv", "xlsx"):
            file = _clean(caller, f"{spec.path}/export/?format={form}")
            if file.status_code == 200 and form == "xlsx":
                _clean_sheet(file.raw, spec.name)
        _clean(caller, f"{spec.path}/export/?for_import=1")
    assert seen > 20
    _clean(caller, "events/?limit=200&expand=record&order=-at")
    for word in ("Linear", str(COST), str(2 * COST)):
        _clean(caller, f"search/?q={word}") if word == "Linear" else None
        assert _raw(caller, f"search/?q={word}").status_code == 200
    assert _raw(caller, f"search/?q={COST}").json()["results"] == []


def _clean_sheet(content: bytes, where: str) -> None:
    for row in openpyxl.load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(values_only=True):
        for value in row:
            assert value not in SECRETS, (where, row)


@pytest.mark.parametrize("role", ROLES)
def test_no_report_tells_it(trade: dict[str, Any], caller: Caller, role: str):
    run = 0
    for report in reports.reports():
        if report.name in STATEMENTS and role == "viewer":
            continue
        given = {"account": "1200", "customer": trade["customer"], "by": "product"}
        names = {p.name for p in report.parameters}
        query = "&".join(
            f"{k}={v}" for k, v in given.items() if k in names and not (k == "by" and report.name == "ageing")
        )
        for span in ("", "&from=2026-01-01", "&expand=drill,notes,styles,label,currencies"):
            answer = _clean(caller, f"reports/{report.name}/?{query}{span}")
            run += answer.status_code == 200
        _clean(caller, f"reports/{report.name}/?{query}&format=csv")
        sheet = _raw(caller, f"reports/{report.name}/?{query}&format=xlsx")
        if sheet.status_code == 200:
            _clean_sheet(sheet.raw, report.name)
    assert run > 0 or role == "warehouse"


@pytest.mark.parametrize("role", ROLES)
def test_nobody_sorts_or_filters_by_it(trade: dict[str, Any], caller: Caller, role: str):
    for spec in registry.specs():
        for name, f in spec.fields.items():
            if f.guard != "cost":
                continue
            for query in (f"order={name}", f"order=-created_at,{name}", f"{name}__gt=1", f"{name}={COST}"):
                assert _raw(caller, f"{spec.path}/?{query}").status_code in (403, 422), (spec.name, query)
            for via in (s for s in registry.specs() if any(x.relation == spec.name for x in s.fields.values())):
                through = next(n for n, x in via.fields.items() if x.relation == spec.name)
                answer = _raw(caller, f"{via.path}/?{through}__{name}__gt=1")
                assert answer.status_code in (403, 422), (via.name, through, name)
            shown = _raw(caller, f"{spec.path}/?fields=id,{name}&limit=1")
            if shown.status_code == 200:
                assert all(name not in row for row in shown.json()["results"])


@pytest.mark.parametrize("role", ROLES)
def test_a_dry_run_and_the_answer_to_a_write_tell_nothing(trade: dict[str, Any], caller: Caller, role: str):
    for path in (
        f"sales/deliveries/{trade['waiting']}/ship/?dry_run=1&expand=vouchers,moves",
        f"sales/orders/{trade['order']}/deliver/?dry_run=1",
        f"sales/orders/{trade['order']}/confirm/?dry_run=1",
        f"sales/quotations/{trade['quotation']}/send/?dry_run=1",
        f"sales/invoices/{trade['invoice']}/credit/?dry_run=1",
        f"sales/deliveries/{trade['waiting']}/ship/?expand=vouchers,moves",
    ):
        answer = caller("POST", path, {})
        assert not NEEDLE.search(answer.content), (path, answer.content)
        if role == "warehouse" and "/ship/" in path:
            assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("role", ["viewer"])
def test_vouchers_of_stock_are_not_there_for_who_may_not_know_costs(
    trade: dict[str, Any], caller: Caller, api: Caller, role: str
):
    hidden = [v["id"] for v in api("GET", "finance/vouchers/?event__startswith=inventory.&limit=200").data["results"]]
    assert hidden
    told = caller("GET", "finance/vouchers/?limit=200&count=exact").data
    assert told["results"]
    assert not {v["id"] for v in told["results"]} & set(hidden)
    assert told["count"] == len(told["results"])
    assert caller("GET", f"finance/vouchers/{hidden[0]}/").status_code == 404
    number = api("GET", f"finance/vouchers/{hidden[0]}/").data["number"]
    found = _raw(caller, f"search/?q={quote(number)}").json()["results"]
    assert hidden[0] not in {hit["id"] for hit in found}
    assert hidden[0] in {hit["id"] for hit in _raw(api, f"search/?q={quote(number)}").json()["results"]}


def test_every_figure_of_cost_is_guarded():
    """By name: what is called cost or margin, and what a new resource brings, is not forgotten."""
    bare = [
        f"{spec.name}.{where}{name}"
        for spec in registry.specs()
        for where, fields in [("", spec.fields), *((f"{n}.", lines.fields) for n, lines in spec.lines.items())]
        for name, f in fields.items()
        if re.search(r"cost|margin", name) and f.kind in ("amount", "price", "percent", "quantity") and not f.guard
    ]
    assert bare == []
    assert creatable()
