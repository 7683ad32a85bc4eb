"""Declared reports: parameters, rights, the contract's shape, files that a spreadsheet may open."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from kontor.access.models import Role, RoleRight
from kontor.context import Context
from kontor.errors import Invalid, NotAllowed, NotFound
from kontor.identity.api import context_for
from kontor.identity.models import User
from kontor.reports import registry
from kontor.reports.api import Column, Drill, Line, Parameter, Table, report, reports_for, run, total_line, write


@pytest.fixture
def sample() -> Iterator[None]:
    """A report with every kind of cell."""

    @report(
        "test-sample", module="finance", label="Sample", roles={"accountant": "view export", "sales": "view"},
        parameters=(
            Parameter("on", "On", "date", required=True),
            Parameter("n", "N", "integer", default=lambda ctx: 3),
            Parameter("size", "Size", "choice", choices=(("s", "S"), ("l", "L"))),
        ),
    )  # fmt: skip
    def sample(ctx: Context, p: Mapping[str, Any]) -> Table:
        columns = [
            Column("name", "Name"), Column("currency", "Currency"), Column("amount", "Amount", "amount", "currency"),
            Column("fixed", "Fixed", "amount", "USD"), Column("quantity", "Quantity", "quantity"),
            Column("on", "On", "date"),
        ]  # fmt: skip
        rows = [
            Line(("=1+1", "TWD", Decimal(5), Decimal("1.5"), Decimal("2.50"), p["on"]), Drill("finance.voucher", "7")),
            Line(("-x", "USD", Decimal(7), None, None, None), Drill(report="ledger", parameters={"to": p["on"]})),
            Line(("plain", "BHD", Decimal("0.5"), Decimal(2), Decimal(1), None), Drill("a.b", filters={"n": p["n"]})),
            Line(("Sum", "TWD", Decimal(99), None, None, None), style="total"),
        ]
        return Table(columns, rows, total_line(columns, rows, "Total"), ["a note"])

    yield
    registry._reports.pop("test-sample")


def test_the_shape_of_the_contract(ctx: Context, sample: None):
    plain = {
        "name": "test-sample",
        "parameters": {"on": "2026-03-01", "n": 3},
        "columns": [
            {"name": "name", "label": "Name", "type": "text"},
            {"name": "currency", "label": "Currency", "type": "text"},
            {"name": "amount", "label": "Amount", "type": "amount"},
            {"name": "fixed", "label": "Fixed", "type": "amount"},
            {"name": "quantity", "label": "Quantity", "type": "quantity"},
            {"name": "on", "label": "On", "type": "date"},
        ],
        "rows": [
            ["=1+1", "TWD", "5", "1.50", "2.5", "2026-03-01"],
            ["-x", "USD", "7.00", None, None, None],
            ["plain", "BHD", "0.500", "2.00", "1", None],
            ["Sum", "TWD", "99", None, None, None],
        ],
        "totals": ["Total", None, "12.5", "3.50", "3.5", None],
    }
    result = run(ctx, "test-sample", {"on": "2026-03-01"})
    assert result.as_json() == plain
    assert result.as_json(["label", "drill"]).keys() - plain.keys() == {"label", "drill"}
    assert result.as_json(["label", "drill", "styles", "notes", "currencies"]) == plain | {
        "label": "Sample",
        "currencies": [None, None, "currency", "USD", None, None],
        "drill": [
            {"resource": "finance.voucher", "id": "7"},
            {"report": "ledger", "parameters": {"to": "2026-03-01"}},
            {"resource": "a.b", "filters": {"n": 3}},
            None,
        ],
        "styles": [{"style": s, "level": 0} for s in ("line", "line", "line", "total")],
        "notes": ["a note"],
    }


@pytest.mark.parametrize(
    ("given", "pointer"),
    [({}, "/on"), ({"on": "x"}, "/on"), ({"on": "2026-01-01", "n": "1.5"}, "/n"),
     ({"on": "2026-01-01", "size": "m"}, "/size"), ({"on": "2026-01-01", "x": "1"}, "/x")],
)  # fmt: skip
def test_parameters_are_checked(ctx: Context, sample: None, given: dict[str, str], pointer: str):
    with pytest.raises(Invalid) as error:
        run(ctx, "test-sample", given)
    assert [e.pointer for e in error.value.errors] == [pointer]


def test_an_unknown_report(ctx: Context):
    with pytest.raises(NotFound):
        run(ctx, "no-such-report")


@pytest.mark.requirement("K2")
def test_rights_by_declaration_and_as_the_company_changes_them(ctx: Context, as_role: Any, sample: None):
    asked = {"on": "2026-03-01"}
    sales = as_role("sales")
    run(sales, "test-sample", asked)
    with pytest.raises(NotAllowed):
        run(sales, "test-sample", asked, verb="export")
    with pytest.raises(NotAllowed):
        run(as_role("warehouse"), "test-sample", asked)
    for role in ("accountant", "manager", "viewer"):
        run(as_role(role), "test-sample", asked, verb="export")
    assert "test-sample" not in [r.name for r in reports_for(as_role("warehouse"))]
    RoleRight.objects.create(role=Role.objects.get(code="sales"), resource="reports.test-sample", verbs=[])
    with pytest.raises(NotAllowed):
        run(context_for(User.objects.get(pk=sales.user_id)), "test-sample", asked)


@pytest.mark.requirement("K18")
def test_a_sheet_has_true_dates_and_numbers_and_runs_nothing(ctx: Context, sample: None):
    result = run(ctx, "test-sample", {"on": "2026-03-01"}, verb="export")
    sheet = openpyxl.load_workbook(io.BytesIO(write(result, "xlsx"))).active
    assert sheet is not None
    head = [cell.value for cell in sheet[4]]
    assert head == ["Name", "Currency", "Amount", "Fixed", "Quantity", "On"]
    first = list(sheet[5])
    assert (first[0].value, first[0].data_type) == ("=1+1", "s")
    assert (first[2].value, first[2].number_format) == (5, "#,##0")
    assert (first[3].value, first[3].number_format) == (1.5, "#,##0.00")
    assert first[5].value == dt.datetime(2026, 3, 1)
    assert [cell.value for cell in sheet[9]][:3] == ["Total", None, 12.5]


@pytest.mark.requirement("K18")
def test_a_csv_is_disarmed(ctx: Context, sample: None):
    result = run(ctx, "test-sample", {"on": "2026-03-01"}, verb="export")
    rows = list(csv.reader(io.StringIO(write(result, "csv").decode("utf-8-sig"))))
    assert rows[0] == ["Name", "Currency", "Amount", "Fixed", "Quantity", "On"]
    assert rows[1] == ["'=1+1", "TWD", "5", "1.50", "2.5", "2026-03-01"]
    assert rows[2][0] == "'-x"
    assert rows[-1] == ["Total", "", "12.5", "3.50", "3.5", ""]


def test_two_reports_of_one_name_are_an_error(sample: None):
    with pytest.raises(RuntimeError, match="test-sample"):
        report("test-sample", module="x", label="x")(lambda ctx, p: Table([], []))
