"""A report's page: named periods, brackets for negative amounts, and the way it is printed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from kontor.web import showing


def test_the_named_periods_keep_the_rest_of_what_was_asked(visit: Any, ctx: Any) -> None:
    page = visit().get("/reports/income-statement/")
    presets = {p.label: p for p in page.context["presets"]}
    month = ctx.today.replace(day=1).isoformat()
    assert presets["This month"].href.startswith(f"?from={month}&to=")
    chosen = visit().get("/reports/income-statement/" + presets["Last fiscal year"].href)
    now = [p.label for p in chosen.context["presets"] if p.now]
    assert now == ["Last fiscal year"]
    assert chosen.status_code == 200


def test_a_balance_is_asked_for_days(visit: Any) -> None:
    page = visit().get("/reports/balance-sheet/")
    assert [p.label for p in page.context["presets"]] == [
        "Today",
        "End of last month",
        "End of last quarter",
        "End of last fiscal year",
    ]
    assert [p.label for p in page.context["presets"] if p.now] == ["Today"]


def test_negative_amounts_stand_in_brackets() -> None:
    assert showing.ledger(Decimal("-1234.5"), "USD") == (
        '<span class="k-bracket">(</span>1,234.50<span class="k-bracket">)</span>'
    )
    assert showing.ledger(Decimal("1234"), "TWD") == "1,234"


def test_what_a_report_is_about_is_asked_first(visit: Any) -> None:
    page = visit().get("/reports/customer-statement/")
    assert page.status_code == 200
    assert "Choose what the report is about" in page.content.decode()
    wrong = visit().get("/reports/customer-statement/?customer=nobody")
    assert wrong.status_code == 422
    assert "/customer" in {e.pointer for e in wrong.context["wrong"]}


def test_dates_are_asked_as_in_forms(visit: Any) -> None:
    for address, names in (("/reports/income-statement/", {"from", "to"}), ("/settings/audit/", {"from", "to"})):
        html = visit().get(address).content.decode()
        inputs = re.findall(r"<input [^>]+>", html)
        assert {n for i in inputs if "data-date" in i for n in re.findall(r' name="(\w+)"', i)} == names, address
        assert [i for i in inputs if 'type="date"' in i and "data-picker" not in i] == [], address
