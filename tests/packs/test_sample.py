"""The sample company, filled once at a small scale: every figure is made by the services and must agree."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.utils import translation

from kontor.access.rights import rights_of
from kontor.configuration.api import get
from kontor.documents.models import StatusChange
from kontor.history.models import AuditEvent, OutboxEvent, TimelineEntry
from kontor.identity.api import system_context
from kontor.identity.models import User
from kontor.reports import api as reports
from suite.finance.models import Voucher, VoucherLine
from suite.inventory import api as inventory
from suite.inventory.models import Operation
from suite.packs.sample import filling, plan, supply
from suite.packs.sample.people import PEOPLE
from suite.packs.sample.working import is_workday
from suite.parties.models import Customer, Party
from suite.sales.models import Invoice, Order, OrderLine, Quotation

TODAY = dt.date(2026, 5, 13)  # a Wednesday: what was shipped on Tuesday is not invoiced yet
MONTHS = 3
D = Decimal


@contextmanager
def _company(label: str) -> Iterator[Callable[[], Any]]:
    from tenants.company import found_company
    from tenants.provisioning import drop_tenant, in_tenant

    name = f"sample-{label}"
    founded = found_company(name, title="Sample", country="tw", language="zh-hant")
    try:
        yield lambda: in_tenant(name)
    finally:
        connection.set_schema_to_public()  # type: ignore[attr-defined]
        drop_tenant(founded.tenant)


def _fill(scope: Callable[[], Any]) -> tuple[dict[str, str], list[str]]:
    said: list[str] = []
    with translation.override("zh-hant"):
        return filling.fill(scope, said.append, today=TODAY, months=MONTHS), said


@pytest.fixture(scope="module")
def filled(django_db_setup: Any, django_db_blocker: Any) -> Iterator[Any]:
    with django_db_blocker.unblock(), _company("one") as scope:
        passwords, said = _fill(scope)
        yield scope, passwords, said


@pytest.fixture
def sample(filled: Any, transactional_db: Any) -> Iterator[Any]:
    """Inside the filled company; what a test would change is not kept."""
    with filled[0](), translation.override("zh-hant"):
        yield system_context()


def _told() -> list[Any]:
    """What two fills of one day have in common: documents by number, state and sum; the ledger; who did it."""
    tables: list[tuple[Any, str]] = [
        (Order, "number state total customer__code"),
        (Quotation, "number edition state total"),
        (Invoice, "number kind state total open_amount"),
        (Voucher, "number text date total state"),
        (AuditEvent, "at user_name resource verb"),
        (TimelineEntry, "at text user_name"),
    ]
    rows = [(model.objects.values_list(*names.split())) for model, names in tables]
    return [
        sorted(r) if r.model is not AuditEvent else sorted(r.exclude(source__in=("sample", "system"))) for r in rows
    ]


def test_it_is_whole_and_says_how_far_it_is(filled: Any, sample: Any) -> None:
    _scope, passwords, said = filled
    assert set(passwords) == {"manager", "sales_lead", "sales", "purchasing", "warehouse", "accountant", "viewer"}
    assert [line[:7] for line in said[1:-1]] == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    assert said[0] == "人員、客戶、品項與價格" and said[-1] == "搜尋索引"
    assert get(filling.DONE) is True
    assert not OutboxEvent.objects.exists()


@pytest.mark.requirement("F1", "N1")
def test_the_books_agree(sample: Any) -> None:
    lines = VoucherLine.objects.filter(voucher__state__in=("posted", "reversed"))
    sums = lines.aggregate(debit=Sum("debit"), credit=Sum("credit"))
    assert sums["debit"] == sums["credit"] > 20_000_000
    balance = {
        code: debit - credit
        for code, debit, credit in lines.values_list("account__code").annotate(d=Sum("debit"), c=Sum("credit"))
    }
    assert balance["3999"] == 0  # the opening stock is taken up by the opening voucher
    worth = reports.run(sample, "stock-value", {"as_of": str(TODAY)}).table.totals
    assert worth is not None and balance["1310"] == worth[-1]
    assert inventory.prove(sample) == []
    aged = reports.run(sample, "ageing", {"as_of": str(TODAY)}).table.totals
    assert aged is not None and aged[-2] == balance["1156"]
    assert balance["1100"] > 0


def test_the_margin_is_that_of_a_trading_firm(sample: Any) -> None:
    rows = reports.run(sample, "trial-balance", {"as_of": str(TODAY)}).table.rows
    balance = {row.values[0]: row.values[3] - row.values[2] for row in rows}
    revenue = balance["4111"] + balance.get("4171", 0) + balance.get("4711", 0)
    assert D("0.2") < 1 + balance["5101"] / revenue < D("0.45")


def test_every_line_says_where_its_price_is_from(sample: Any) -> None:
    lines = OrderLine.objects.all()
    assert not lines.filter(price_rule="").exists()
    by_hand = lines.filter(manual_price=True)
    assert by_hand.exists() and by_hand.count() < lines.count() * 0.12
    assert not lines.filter(manual_price=False, price_rule__in=("手動", "手动")).exists()
    said = set(lines.filter(manual_price=False).values_list("price_rule", flat=True))
    assert all(rule.startswith(("價格表", "价格表", "牌價", "定價", "标价")) for rule in said), said


def test_everybody_does_only_what_he_may_and_when_he_works(sample: Any) -> None:
    rights = {u.get_full_name(): rights_of(u.pk) for u in User.objects.exclude(username="admin")}
    assert set(rights) == {p.name for p in PEOPLE}
    derived = {"reversed", "closed", "expired"}  # follow from another's deed
    seen: Counter[str] = Counter()
    for who, resource, verb in AuditEvent.objects.exclude(source__in=("sample", "system")).values_list(
        "user_name", "resource", "verb"
    ):
        from kontor.resources import registry

        spec = registry.spec(resource)
        right = {"created": "create", "updated": "edit"}.get(verb, verb)
        action = next((a.name for a in spec.actions.values() if a.event == verb), right)
        seen[who] += 1
        if verb in derived or verb in ("commented", "file_added", "year_closed"):
            continue
        made_by_action = verb == "created" and not rights[who].can(resource, "create")
        assert made_by_action or rights[who].can(resource, action), f"{who} {resource}.{verb}"
    assert {"林志豪", "許雅雯", "黃志明", "陳冠宇", "周雅婷", "顾斌", "沈佳"} <= set(seen)
    assert "Kontor" not in seen
    steps = StatusChange.objects.exclude(user_name="").values_list("at", flat=True)
    assert len(steps) > 100
    from suite.packs.sample.working import ZONE

    local = [at.astimezone(ZONE) for at in steps]
    assert all(is_workday(at.date()) and 8 <= at.hour < 18 and at.date() < TODAY for at in local)


def test_the_desks_are_not_empty(sample: Any) -> None:
    orders = Order.objects.filter(state="confirmed")
    assert orders.filter(promised_on=TODAY).count() >= 2
    assert orders.filter(promised_on__lt=TODAY).exclude(delivery_state="all").count() >= 2
    assert Quotation.objects.filter(state="sent", valid_until__gte=TODAY).count() >= 3
    assert Quotation.objects.filter(state="draft").count() >= 1
    assert Operation.objects.filter(movement="delivery", state="draft").exists()
    assert Voucher.objects.filter(state="draft").exists()
    assert Invoice.objects.filter(state="draft", kind="invoice").exists()
    assert Invoice.objects.filter(state="posted", due_on__lt=TODAY, open_amount__gt=0).exists()


def test_numbers_of_firms_are_well_formed_and_nobody_s(sample: Any) -> None:
    from suite.parties import rules

    ours = list(Party.objects.exclude(tax_number="").values_list("country", "tax_number"))
    assert len(ours) > 25
    assert all(rules.tax_number(number, country) == (number, "") for country, number in ours)
    assert all(number.startswith("9900") for country, number in ours if country == "TW")
    assert Customer.objects.exclude(credit_limit=None).count() == Customer.objects.count()


def test_credit_and_invoices_follow_the_money(sample: Any) -> None:
    assert not Invoice.objects.filter(open_amount__lt=0).exists()
    for kind, state in (("invoice", "all"), ("invoice", "none")):
        assert Invoice.objects.filter(kind=kind, state="posted", payment_state=state).exists()
    assert not Order.objects.filter(state="closed").exclude(exposure=0).exists()
    assert not OrderLine.objects.filter(delivered__gt=F("base_quantity")).exists()


def test_a_second_fill_changes_nothing(filled: Any, transactional_db: Any) -> None:
    with filled[0](), translation.override("zh-hant"):
        before = _told()
    assert _fill(filled[0]) == ({}, [])
    with filled[0](), translation.override("zh-hant"):
        assert _told() == before


def test_two_fills_of_a_day_are_the_same(filled: Any, transactional_db: Any) -> None:
    with filled[0](), translation.override("zh-hant"):
        first = _told()
    with _company("two") as scope:
        _fill(scope)
        with scope(), translation.override("zh-hant"):
            second = _told()
    for a, b in zip(first, second, strict=True):
        assert a == b


def test_stopped_in_the_middle_nothing_is_left(transactional_db: Any) -> None:
    class Stopped(Exception):
        pass

    def say(line: str) -> None:
        if "02" in line:
            raise Stopped

    with _company("half") as scope:
        with pytest.raises(Stopped), translation.override("zh-hant"):
            filling.fill(scope, say, today=TODAY, months=MONTHS)
        with scope():
            assert not Order.objects.exists() and not Customer.objects.exists()
            assert User.objects.count() == 1 and get(filling.DONE) is None


@pytest.mark.parametrize(
    ("named", "language"),
    [("zh_TW.UTF-8", "zh-hant"), ("zh_CN.UTF-8", "zh-hans"), ("C.UTF-8", "en"), ("de_DE.UTF-8", "en"), ("", "en")],
)
def test_the_progress_is_told_in_the_language_of_the_terminal(
    named: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenants.management.commands.demo_fill import _spoken

    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LC_ALL", "")
    monkeypatch.setenv("LANG", named)
    assert _spoken() == language


def test_the_plan_alone() -> None:
    """Pure: the whole story of two years, without a database."""
    orders = plan.orders(TODAY)
    assert orders == plan.orders(TODAY)
    assert 240 < len(orders) < 340
    assert all(is_workday(o.ordered_on) and o.ordered_on < TODAY for o in orders)
    outcomes = Counter(o.outcome for o in orders)
    assert set(outcomes) == {"order", "lost", "expired", "cancelled", "sent", "draft_quote", "draft_order"}
    begin = plan.begin_of(TODAY, plan.MONTHS)
    costs: dict[str, set[Decimal]] = {}
    for receipt in supply.receipts(orders, begin, TODAY):
        assert is_workday(receipt.on) and begin <= receipt.on < TODAY
        for code, quantity, cost in receipt.lines:
            assert quantity > 0
            costs.setdefault(code, set()).add(cost)
    assert max(len(c) for c in costs.values()) > 8  # what things cost changes over time
