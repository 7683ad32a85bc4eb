"""The reports of the ledger agree with each other and lead to their documents."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from kontor.documents import gate
from kontor.errors import Invalid, NotAllowed
from kontor.reports.api import Result, run
from suite.finance.api import post
from suite.finance.models import Allocation

from .conftest import DAY, Books


def _rows(result: Result) -> dict[str, list[Any]]:
    """First column that names the row → its values."""
    return {str(row.values[0] or row.values[1]): list(row.values) for row in result.table.rows}


def _trade(books: Books) -> None:
    """March: 1,000 sold with 50 tax at a cost of 600; April: 200 more."""
    party = books.customer()
    post(books.ctx, books.posting(("opening", 5000), event="inventory.adjusted", on=dt.date(2026, 1, 1)))
    post(books.ctx, books.posting(("receivable", 1050), ("revenue", 1000), ("tax", 50), party_id=party))
    post(books.ctx, books.posting(("cost", 600), event="inventory.shipped"))
    post(books.ctx, books.posting(("receivable", 200), ("revenue", 200), party_id=party, on=dt.date(2026, 4, 1)))


@pytest.mark.requirement("F15")
def test_the_trial_balance_as_of_a_date(books: Books):
    _trade(books)
    result = run(books.ctx, "trial-balance", {"as_of": "2026-03-31"})
    rows = _rows(result)
    assert rows[books.code("receivable")][2:] == [1050, 0]
    assert rows[books.code("revenue")][2:] == [0, 1000]
    assert rows[books.code("stock")][2:] == [4400, 0]
    assert result.table.totals is not None
    assert result.table.totals[2:] == [6050, 6050]


@pytest.mark.requirement("F15")
def test_the_trial_balance_of_a_span(books: Books):
    _trade(books)
    result = run(books.ctx, "trial-balance", {"from": "2026-04-01", "to": "2026-04-30"})
    rows = _rows(result)
    assert rows[books.code("receivable")][2:] == [1050, 200, 0, 1250]
    assert rows[books.code("stock")][2:] == [4400, 0, 0, 4400]
    assert result.table.totals is not None and result.table.totals[2:] == [0, 200, 200, 0]


@pytest.mark.requirement("F15")
def test_the_balance_sheet_balances_and_compares(books: Books):
    _trade(books)
    result = run(books.ctx, "balance-sheet", {"as_of": "2026-04-30", "compare_to": "2026-03-31"})
    rows = _rows(result)
    assert rows["Total assets"][2:] == rows["Total liabilities and equity"][2:] == [5650, 5450]
    assert rows["Result not yet carried forward"][2:] == [600, 400]
    assert result.table.notes == []


@pytest.mark.requirement("F15")
def test_the_income_statement(books: Books):
    _trade(books)
    rows = _rows(run(books.ctx, "income-statement", {"from": "2026-01-01", "to": "2026-12-31"}))
    assert rows["Net revenue"][2] == 1200
    assert rows["Gross profit"][2] == rows["Net result"][2] == 600
    assert rows["Net result"][3] == 0
    next_year = _rows(run(books.ctx, "income-statement", {"from": "2027-01-01", "to": "2027-12-31"}))
    assert next_year["Net result"][2:] == [0, 600]


@pytest.mark.requirement("F15", "F19")
def test_the_year_end_does_not_empty_the_income_statement(books: Books):
    _trade(books)
    from kontor.calendars.api import period_of

    gate.perform(books.ctx, "calendars.period", period_of(books.ctx, DAY).id, "close_year")
    rows = _rows(run(books.ctx, "income-statement", {"from": "2026-01-01", "to": "2026-12-31"}))
    assert rows["Net result"][2] == 600
    sheet = _rows(run(books.ctx, "balance-sheet", {"as_of": "2026-12-31"}))
    assert sheet["Result not yet carried forward"][2] == 0
    assert sheet["Total assets"][2] == sheet["Total liabilities and equity"][2] == 5650


@pytest.mark.requirement("F3", "F15")
def test_numbers_lead_to_lines_and_lines_to_documents(books: Books):
    _trade(books)
    result = run(books.ctx, "trial-balance", {"as_of": "2026-04-30"}).as_json(["drill"])
    at = next(i for i, row in enumerate(result["rows"]) if row[0] == books.code("receivable"))
    drill = result["drill"][at]
    assert drill["report"] == "ledger"
    lines = run(books.ctx, "ledger", drill["parameters"] | {"from": "2026-01-01"})
    assert [row.values[4] for row in lines.table.rows[1:]] == [1050, 200]
    assert lines.table.totals is not None and lines.table.totals[-1] == 1250
    assert lines.table.rows[1].drill is not None and lines.table.rows[1].drill.resource == "finance.voucher"


@pytest.mark.requirement("F4")
def test_ageing_counts_allocations_up_to_the_date(books: Books):
    party = books.customer("Birch")
    item = books.invoice(party, 1000, on=dt.date(2026, 1, 10), days=30)  # due 9 February
    books.invoice(party, 300, on=dt.date(2026, 3, 1), days=60, number="IV-LATER")
    receipt = books.receipt(party, 700, on=dt.date(2026, 3, 20), allocations=[{"invoice": str(item), "amount": "400"}])

    def cells(on: str, **more: Any) -> list[Any]:
        rows = run(books.ctx, "ageing", {"as_of": on, **more}).table.rows
        return [list(row.values[2:]) for row in rows]

    assert cells("2026-01-09") == []
    assert cells("2026-02-09") == [[1000, 0, 0, 0, 0, 1000, 0]]
    assert cells("2026-02-10") == [[0, 1000, 0, 0, 0, 1000, 0]]
    assert cells("2026-03-19") == [[300, 0, 1000, 0, 0, 1300, 0]]
    assert cells("2026-03-20") == [[300, 0, 600, 0, 0, 900, 300]]
    assert cells("2026-07-15") == [[0, 0, 0, 300, 600, 900, 300]]
    assert cells("2026-03-19", by="date") == [[0, 300, 0, 1000, 0, 1300, 0]]
    row = Allocation.objects.get()
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "unallocate", {"allocation": str(row.pk)})
    assert cells("2026-03-20") == [[300, 0, 600, 0, 0, 900, 300]]  # it was settled on that day
    assert cells(str(books.ctx.today))[0][5:] == [1300, 700]
    gate.perform(books.ctx, "finance.receipt", receipt.pk, "reverse", {"reason": "bounced"})
    assert cells(str(books.ctx.today))[0][5:] == [1300, 0]
    assert cells("2026-03-20") == [[300, 0, 600, 0, 0, 900, 300]]


@pytest.mark.requirement("F4")
def test_ageing_agrees_with_the_ledger_at_every_date(books: Books):
    party = books.customer()
    item = books.invoice(party, 1000, on=dt.date(2026, 1, 10))
    books.receipt(party, 1000, on=dt.date(2026, 2, 3), allocations=[{"invoice": str(item), "amount": "900",
                                                                      "write_off": "50"}])  # fmt: skip
    books.invoice(party, 70, on=dt.date(2026, 2, 20))
    for month in range(1, 7):
        on = dt.date(2026, month, 15)
        totals = run(books.ctx, "ageing", {"as_of": str(on)}).table.totals
        assert totals is not None
        up_to = {"voucher__date__lte": on}
        assert totals[-2] == books.total(account=books.account("receivable"), **up_to)
        assert totals[-1] == -books.total(account=books.account("customer_advance"), **up_to)


@pytest.mark.requirement("F4")
def test_ageing_of_one_customer_names_its_documents(books: Books):
    party = books.customer()
    item = books.invoice(party, 1000, on=dt.date(2026, 1, 10), number="IV-7")
    result = run(books.ctx, "ageing", {"as_of": "2026-03-11", "customer": str(party)}).as_json(["drill"])
    assert result["rows"][0][:5] == ["IV-7", "Invoice", "2026-01-10", "2026-02-09", 30]
    assert result["drill"] == [{"resource": "sales.invoice", "id": str(item)}]
    assert result["totals"][5:] == ["0", "1000", "0", "0", "0", "1000", "0"]


@pytest.mark.requirement("S9")
@pytest.mark.requirement("F6", part="the account of a customer in detail")
def test_the_statement_of_a_customer(books: Books):
    party = books.customer()
    item = books.invoice(party, 1000, on=dt.date(2026, 1, 10), number="IV-1")
    books.invoice(party, 300, on=dt.date(2026, 3, 5), number="IV-2")
    books.receipt(party, 600, on=dt.date(2026, 3, 20), allocations=[
        {"invoice": str(item), "amount": "600", "discount": "20"}])  # fmt: skip
    asked = {"customer": str(party), "from": "2026-03-01", "to": "2026-03-31"}
    result = run(books.ctx, "customer-statement", asked)
    assert [(str(r.values[0]), r.values[2], r.values[4], r.values[5], r.values[6]) for r in result.table.rows] == [
        ("2026-03-01", "Opening balance", None, None, 1000),
        ("2026-03-05", "Invoice", 300, None, 1300),
        ("2026-03-20", "Receipt", None, 600, 700),
        ("2026-03-20", "Discount", None, 20, 680),
    ]
    assert result.table.totals is not None and result.table.totals[4:] == (300, 620, 680)
    after = run(books.ctx, "customer-statement", {**asked, "from": "2026-04-01", "to": "2026-04-30"})
    assert after.table.rows[0].values[-1] == 680 and len(after.table.rows) == 1


@pytest.mark.requirement("F15", "K2")
def test_who_may_read_which_report(books: Books, as_role: Any):
    party = books.customer()
    books.invoice(party, 10)
    for name in ("trial-balance", "balance-sheet", "income-statement"):
        run(as_role("accountant"), name)
        for role in ("sales", "sales_lead", "warehouse", "purchasing"):
            with pytest.raises(NotAllowed):
                run(as_role(role), name)
    assert run(as_role("accountant"), "ageing").table.rows
    with pytest.raises(NotAllowed):
        run(as_role("warehouse"), "ageing")


@pytest.mark.requirement("K4", "F4")
def test_a_sales_person_reads_only_own_receivables(books: Books, as_role: Any):
    mine, theirs = as_role("sales"), as_role("sales")
    party = books.customer(owner=str(mine.employee_id))
    from kontor.documents.records import Ref
    from kontor.values.columns import new_id
    from suite.finance.api import NewItem, open_item

    for ctx, amount in ((mine, 11), (theirs, 22)):
        open_item(
            books.ctx, NewItem(
                Ref("sales.invoice", new_id()), number=f"IV-{amount}", kind="invoice", party_id=party,
                amount=Decimal(amount), currency="TWD", rate=Decimal(1), on=DAY, due_on=DAY,
                owner_id=ctx.employee_id))  # fmt: skip
    totals = run(mine, "ageing", {"as_of": "2026-12-31"}).table.totals
    assert totals is not None and totals[-2] == 11
    result = run(mine, "customer-statement", {"customer": str(party), "from": "2026-01-01", "to": "2026-12-31"})
    assert [row.values[1] for row in result.table.rows[1:]] == ["IV-11"]
    with pytest.raises(Invalid):  # a customer outside the scope is not there
        run(theirs, "customer-statement", {"customer": str(party)})


@pytest.mark.requirement("F15")
def test_wrong_parameters_are_named(books: Books):
    wrong = {"as_of": "soon", "colour": "red", "customer": "nobody", "by": "moon"}
    for name, value in wrong.items():
        with pytest.raises(Invalid) as error:
            run(books.ctx, "ageing", {name: value})
        assert [e.pointer for e in error.value.errors] == [f"/{name}"]
