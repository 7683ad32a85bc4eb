"""Events become balanced vouchers by rules that the accountant reads."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kontor.documents import gate
from kontor.documents.records import Ref
from kontor.errors import Refused
from kontor.values.columns import new_id
from suite.finance.api import Fact, post, post_many, preview, reverse, vouchers_of
from suite.finance.models import AccountRule, Voucher

from .conftest import DAY, Books

INVOICE = (("receivable", 1050), ("revenue", 1000), ("tax", 50))


@pytest.mark.requirement("F3")
def test_an_invoice_posts_by_its_rule(books: Books):
    posting = books.posting(*INVOICE, party_id=books.customer())
    voucher = Voucher.objects.get(pk=post(books.ctx, posting))
    assert books.lines(voucher.id) == {
        books.code("receivable"): 1050,
        books.code("revenue"): -1000,
        books.code("output_tax"): -50,
    }
    assert (voucher.state, voucher.total, voucher.date, voucher.period.code) == ("posted", 1050, DAY, "2026-03")
    assert voucher.number.startswith("JV-") and voucher.number.endswith("00001")
    assert books.ctx.effects == {}


@pytest.mark.requirement("F3")
def test_a_dry_run_is_told_the_voucher(books: Books):
    trial = replace(books.ctx, dry_run=True, effects={})
    voucher = Voucher.objects.get(pk=post(trial, books.posting(*INVOICE, party_id=books.customer())))
    noted = trial.effects["vouchers"][-1]
    assert noted["number"] == voucher.number and noted["total"] == "1050"
    assert next((x["account"], x["debit"], x["credit"]) for x in noted["lines"]) == (
        books.code("receivable"),
        "1050",
        "0",
    )


@pytest.mark.requirement("F3")
def test_posting_twice_is_one_voucher(books: Books):
    posting = books.posting(*INVOICE)
    first = post(books.ctx, posting)
    before = books.counts()
    assert post(books.ctx, posting) == first
    assert books.counts() == before


def test_nothing_to_post_makes_no_voucher(books: Books):
    assert post(books.ctx, books.posting(("revenue", 0), ("receivable", 0))) is None
    assert books.counts() == (0, 0)


@pytest.mark.requirement("F3")
def test_preview_is_what_post_makes_and_stores_nothing(books: Books):
    posting = books.posting(*INVOICE)
    seen = preview(books.ctx, posting)
    assert books.counts() == (0, 0)
    post(books.ctx, posting)
    made = vouchers_of(books.ctx, [posting.source.id])[posting.source.id][0]
    assert [(x.account_code, x.debit, x.credit) for x in seen.lines] == [
        (x.account_code, x.debit, x.credit) for x in made.lines
    ]
    assert seen.total == made.total == 1050


def test_an_unbalanced_event_is_refused(books: Books):
    with pytest.raises(Refused) as error:
        post(books.ctx, books.posting(("receivable", 1051), ("revenue", 1000), ("tax", 50)))
    assert error.value.code == "unbalanced"
    assert books.counts() == (0, 0)


def test_a_fact_without_a_line_is_refused(books: Books):
    with pytest.raises(Refused) as error:
        post(books.ctx, books.posting(("receivable", 5), ("gift", 5)))
    assert error.value.code == "no_rule_line"


def test_an_unknown_event_is_refused(books: Books):
    with pytest.raises(Refused) as error:
        post(books.ctx, books.posting(("cost", 5), event="sales.danced"))
    assert error.value.code == "no_posting_rule"


def test_a_negative_fact_changes_sides(books: Books):
    made = post(books.ctx, books.posting(("cost", -70), event="inventory.shipped"))
    assert books.lines(made) == {books.code("cost_of_sales"): -70, books.code("stock"): 70}


@pytest.mark.requirement("F3")
def test_the_account_rule_that_names_most_wins(books: Books):
    special = gate.create(books.ctx, "finance.account", {"code": "T90", "name": "Software", "kind": "income"})
    gate.create(
        books.ctx,
        "finance.account_rule",
        {"role": "revenue", "posting_class": "software", "account": "T90", "valid_from": "2026-01-01"},
    )
    rows = [
        Fact("receivable", Decimal(30)),
        Fact("revenue", Decimal(10)),
        Fact("revenue", Decimal(20), posting_class="software"),
    ]
    made = post(books.ctx, books.posting(rows=rows))
    assert books.lines(made) == {books.code("receivable"): 30, books.code("revenue"): -10, special.code: -20}


def test_an_account_rule_holds_from_its_date(books: Books):
    gate.create(books.ctx, "finance.account", {"code": "T91", "name": "New revenue", "kind": "income"})
    gate.create(books.ctx, "finance.account_rule", {"role": "revenue", "account": "T91", "valid_from": "2026-06-01"})
    old = post(books.ctx, books.posting(("receivable", 1), ("revenue", 1), on=dt.date(2026, 5, 31)))
    new = post(books.ctx, books.posting(("receivable", 1), ("revenue", 1), on=dt.date(2026, 6, 1)))
    assert "T91" not in books.lines(old) and books.lines(new)["T91"] == -1


@pytest.mark.requirement("F3")
def test_the_accountant_changes_a_rule_from_a_date_on(books: Books):
    gate.create(
        books.ctx,
        "finance.posting_rule",
        {
            "event": "inventory.shipped",
            "name": "Shipped",
            "valid_from": "2026-07-01",
            "journal": "ST",
            "lines": [
                {"side": "debit", "role": "stock_difference", "amount": "cost"},
                {"side": "credit", "role": "stock", "amount": "cost"},
            ],
        },
    )
    old = post(books.ctx, books.posting(("cost", 7), event="inventory.shipped", on=dt.date(2026, 6, 30)))
    new = post(books.ctx, books.posting(("cost", 7), event="inventory.shipped", on=dt.date(2026, 7, 1)))
    assert books.lines(old)[books.code("cost_of_sales")] == 7
    assert books.lines(new)[books.code("stock_difference")] == 7


def test_no_account_for_a_role_is_said(books: Books):
    AccountRule.objects.filter(role="freight_income").delete()
    with pytest.raises(Refused) as error:
        post(books.ctx, books.posting(("receivable", 5), ("freight", 5)))
    assert error.value.code == "no_account"
    assert "Account rules" in str(error.value)


@pytest.mark.requirement("F13")
def test_book_amounts_and_the_rounding_difference(books: Books):
    """100.01 USD at 31.337: the lines round to TWD each, the rest goes to the exchange account."""
    posting = books.posting(
        ("receivable", "100.01"), ("revenue", "66.67"), ("tax", "33.34"), currency="USD", rate=Decimal("31.337")
    )
    made = Voucher.objects.get(pk=post(books.ctx, posting))
    lines = books.lines(made.id)
    assert lines == {books.code("receivable"): 3134, books.code("revenue"): -2089, books.code("output_tax"): -1045}
    posting = books.posting(
        ("receivable", "1.00"), ("revenue", "0.50"), ("tax", "0.50"), currency="USD", rate=Decimal("31.4")
    )
    assert books.lines(post(books.ctx, posting)) == {
        books.code("receivable"): 31,
        books.code("revenue"): -16,
        books.code("output_tax"): -16,
        books.code("exchange"): 1,
    }


@pytest.mark.requirement("F2")
def test_reversal_mirrors_and_links(books: Books):
    posting = books.posting(*INVOICE)
    first = Voucher.objects.get(pk=post(books.ctx, posting))
    later = dt.date(2026, 4, 2)
    counter = Voucher.objects.get(pk=reverse(books.ctx, posting.source, posting.event, later, "wrong customer"))
    first.refresh_from_db()
    assert (first.state, first.reversed_by_id, counter.reverses_id, counter.date) == (
        "reversed",
        counter.id,
        first.id,
        later,
    )
    assert books.balance("receivable") == books.balance("revenue") == 0
    assert reverse(books.ctx, posting.source, posting.event, later, "again") == counter.id
    assert Voucher.objects.count() == 2


def test_reversing_what_was_never_posted_does_nothing(books: Books):
    assert reverse(books.ctx, Ref("test.document", new_id()), "sales.invoiced", DAY, "x") is None


def test_many_events_cost_a_statement_a_table(books: Books):
    post(books.ctx, books.posting(*INVOICE))  # fills the caches
    postings = [books.posting(*INVOICE) for _i in range(40)]
    with CaptureQueriesContext(
        connection,
    ) as seen:
        ids = post_many(books.ctx, postings)
    assert len(set(ids)) == 40
    counters = [q for q in seen.captured_queries if "numbercounter" in q["sql"]]
    assert len(counters) == 40
    assert len(seen.captured_queries) - len(counters) <= 12


def test_one_document_is_posted_in_few_statements(books: Books):
    post(books.ctx, books.posting(*INVOICE))
    with CaptureQueriesContext(connection) as seen:
        post(books.ctx, books.posting(*INVOICE))
    assert len(seen.captured_queries) <= 12, [q["sql"][:90] for q in seen.captured_queries]


def test_one_event_may_be_posted_among_known_ones(books: Books):
    known = books.posting(*INVOICE)
    first = post(books.ctx, known)
    fresh = books.posting(*INVOICE)
    ids = post_many(books.ctx, [fresh, known, fresh])
    assert ids[1] == first and ids[0] == ids[2] != first
    assert Voucher.objects.count() == 2
