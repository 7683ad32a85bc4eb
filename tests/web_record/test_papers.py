"""What stands on the papers: sums carried over pages, the account to pay to, receipts and statements."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from kontor.context import Context
from kontor.documents import gate
from kontor.surfaces.printing import Sheet, Total
from kontor.surfaces.printing.registry import find
from kontor.surfaces.printing.render import set_sheet
from tests.web_record.conftest import make_order

needs_fonts = pytest.mark.skipif(
    not any((Path(settings.VENDOR) / "fonts").glob("*.ttf")), reason="the fonts for printing are not installed"
)


def _sheet(ctx: Context, resource: str, name: str, pk: Any) -> Sheet:
    return find(resource, name).draw(ctx, pk)


def _totals(sheet: Sheet) -> dict[str, str]:
    return {t.label: t.value for t in sheet.totals}


@pytest.fixture
def bank(ctx: Context) -> Any:
    """A bank account in the company's currency with its number."""
    from suite.finance.models import MoneyAccount

    account = MoneyAccount.objects.filter(kind="bank", currency=ctx.currency).order_by("code").first()
    assert account is not None
    data = {"bank_name": "臺灣銀行", "bank_number": "015-001-234567-8"}
    return gate.update(ctx, "finance.money_account", account.pk, data)


@pytest.fixture
def invoice(ctx: Context, customer: Any, product: Any, bank: Any) -> Any:
    """Posted: three pieces at 100 and tax, 315."""
    order = make_order(ctx, customer, product, "3")
    gate.perform(ctx, "sales.order", order.pk, "confirm", {})
    delivery = gate.perform(ctx, "sales.order", order.pk, "deliver", {}).made
    gate.perform(ctx, "sales.delivery", delivery.pk, "ship", {})
    made = gate.perform(ctx, "sales.delivery", delivery.pk, "invoice", {}).made
    gate.perform(ctx, "sales.invoice", made.pk, "post", {})
    made.refresh_from_db()
    return made


@pytest.mark.requirement("K19")
def test_every_page_carries_the_sum_of_the_rows_before(ctx: Context, customer: Any, product: Any) -> None:
    lines = [{"product": str(product.pk), "quantity": "1", "unit_price": str(n)} for n in (1000, 250, 30)]
    made = gate.create(ctx, "sales.quotation", {"customer": str(customer.pk), "lines": lines})
    sheet = _sheet(ctx, "sales.quotation", "quotation", made.pk)
    assert sheet.carried == ("1,000", "1,250", "1,280")
    assert "1,280" in _totals(sheet).values()


@needs_fonts
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
@pytest.mark.requirement("K19")
def test_the_carried_sums_stand_at_foot_and_head(ctx: Context, customer: Any, product: Any, tmp_path: Path) -> None:
    lines = [{"product": str(product.pk), "quantity": "1", "unit_price": "10"}] * 60
    made = gate.create(ctx, "sales.quotation", {"customer": str(customer.pk), "lines": lines})
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(set_sheet(_sheet(ctx, "sales.quotation", "quotation", made.pk)))
    text = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True).stdout
    first, second, *rest = text.split("\f")
    over = next(line for line in first.splitlines() if "Carry over" in line or "過次頁" in line)
    forward = next(line for line in second.splitlines() if "Carried forward" in line or "承前頁" in line)
    assert over.split()[-1] == forward.split()[-1]
    rows = sum(1 for line in first.splitlines() if "LG-20H" in line)
    assert over.split()[-1] == str(10 * rows)
    assert not [line for line in first.splitlines() if "Carried forward" in line or "承前頁" in line]
    last = [page for page in [second, *rest] if page.strip()][-1]
    assert not [line for line in last.splitlines() if "Carry over" in line or "過次頁" in line]


@pytest.mark.requirement("K19", "F3")
def test_an_invoice_names_the_account_and_a_credit_note_does_not(ctx: Context, invoice: Any) -> None:
    sheet = _sheet(ctx, "sales.invoice", "invoice", invoice.pk)
    told = [f.value for f in sheet.payment]
    assert "臺灣銀行" in told and "015-001-234567-8" in told and invoice.number in told
    credit = gate.perform(ctx, "sales.invoice", invoice.pk, "credit", {"reason": "damaged"}).made
    assert _sheet(ctx, "sales.invoice", "invoice", credit.pk).payment == ()


@pytest.mark.requirement("K19")
def test_chinese_papers_have_the_capitals_and_room_for_the_seal(
    ctx: Context, customer: Any, product: Any, invoice: Any
) -> None:
    gate.update(ctx, "parties.customer", customer.pk, {"language": "zh-hant"})
    ctx.cache.clear()
    gate.update(ctx, "catalog.product", product.pk, {"other_names": {"zh-hant": "線性滑軌組"}})
    chinese = _sheet(ctx, "sales.invoice", "invoice", invoice.pk)
    assert (chinese.title, chinese.in_words, chinese.stamp) == ("發票", "新臺幣參佰壹拾伍元整", "公司章")
    assert chinese.rows[0][1].note == "線性滑軌組"  # type: ignore[union-attr]
    gate.update(ctx, "parties.customer", customer.pk, {"language": "en"})
    ctx.cache.clear()
    english = _sheet(ctx, "sales.invoice", "invoice", invoice.pk)
    assert (english.title, english.in_words, english.stamp) == ("Invoice", "", "")
    assert english.rows[0][1].note == "Linear guide"  # type: ignore[union-attr]


@pytest.mark.requirement("F3", "K19")
def test_a_receipt_and_the_statement_agree_with_the_ledger(
    ctx: Context, customer: Any, invoice: Any, bank: Any
) -> None:
    body = {
        "party": str(customer.pk), "account": str(bank.pk), "amount": "400",
        "allocations": [{"invoice": str(invoice.pk), "amount": "115"}],
    }  # fmt: skip
    receipt = gate.create(ctx, "finance.receipt", body)
    gate.perform(ctx, "finance.receipt", receipt.pk, "post", {})
    gate.update(ctx, "parties.customer", customer.pk, {"language": "en"})
    ctx.cache.clear()
    paper = _sheet(ctx, "finance.receipt", "receipt", receipt.pk)
    assert [row[1] for row in paper.rows] == [invoice.number]
    assert paper.totals == (
        Total("Settled", "115"), Total("Kept as an advance", "285"), Total("Amount received", "NT$ 400", grand=True)
    )  # fmt: skip
    told = _sheet(ctx, "parties.customer", "statement", customer.pk)
    from suite.finance.models import OpenItem

    items = OpenItem.objects.filter(party_id=customer.pk)
    owed = sum((i.remaining if i.side == "debit" else -i.remaining for i in items), Decimal(0))
    assert owed == -85 and _totals(told)["Balance"] == "-NT$ 85"
    assert told.rows[-1][-1] == told.carried[-1] == "-85"
    assert _totals(told)["Not yet due"] == "200" or any(k.startswith("Overdue") for k in _totals(told))


def test_a_statement_is_for_those_who_may_see_the_account(visit: Callable[..., Any], customer: Any) -> None:
    at = f"/parties/customers/{customer.pk}/print/statement.pdf"
    assert visit("warehouse").get(at).status_code == 403
    assert visit("accountant").get(at).status_code == 200
