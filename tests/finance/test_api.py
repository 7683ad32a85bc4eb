"""The thread from order to cash over the API, as the contract words it."""

from typing import Any

import pytest

from tests.contract.conftest import Caller, api  # noqa: F401
from tests.factories import customer, stocked

from .conftest import ready


def _ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, str(answer.data)
    return answer.data


@pytest.mark.requirement("S9", "F4", "I14")
def test_from_order_to_cash(ctx: Any, api: Caller):  # noqa: F811
    books = ready(ctx)
    party, product = customer(ctx), stocked(ctx)
    lines = [{"product": product, "quantity": "2", "unit_price": "500"}]
    order = _ok(api("POST", "sales/orders/", {"customer": party, "lines": lines}), 201)
    _ok(api("POST", f"sales/orders/{order['id']}/confirm/", {}))
    delivery = _ok(api("POST", f"sales/orders/{order['id']}/deliver/", {}), 201)
    shipped = _ok(api("POST", f"sales/deliveries/{delivery['id']}/ship/?expand=vouchers", {}))
    assert shipped["state"] == "shipped"
    invoice = _ok(api("POST", f"sales/orders/{order['id']}/invoice/", {}), 201)
    invoice = _ok(api("POST", f"sales/invoices/{invoice['id']}/post/", {}))
    assert invoice["number"].startswith("IV-") and invoice["open_amount"] == "1050"
    receipt = _ok(api("POST", "finance/receipts/", {
        "party": party, "amount": "600", "currency": "TWD", "account": "BANK",
        "allocations": [{"invoice": invoice["id"], "amount": "600"}]}), 201)  # fmt: skip
    assert (receipt["state"], receipt["allocations"][0]["invoice"]) == ("draft", invoice["id"])
    seen = _ok(api("POST", f"finance/receipts/{receipt['id']}/post/?dry_run=1", {}))
    assert [v["total"] for v in seen["effects"]["vouchers"]] == ["600"]
    assert _ok(api("GET", f"finance/receipts/{receipt['id']}/"))["state"] == "draft"
    posted = _ok(api("POST", f"finance/receipts/{receipt['id']}/post/?expand=vouchers", {}))
    assert (posted["state"], posted["unallocated"], posted["number"][:3]) == ("posted", "0", "RC-")
    assert _ok(api("GET", f"sales/invoices/{invoice['id']}/"))["open_amount"] == "450"
    second = _ok(api("POST", "finance/receipts/", {"party": party, "amount": "500", "account": "BANK"}), 201)
    _ok(api("POST", f"finance/receipts/{second['id']}/post/", {}))
    wanted = {"allocations": [{"invoice": invoice["number"], "amount": "440", "write_off": "10"}]}
    done = _ok(api("POST", f"finance/receipts/{second['id']}/allocate/", wanted))
    assert done["unallocated"] == "60"
    paid = _ok(api("GET", f"sales/invoices/{invoice['id']}/"))
    assert (paid["open_amount"], paid["payment_state"]) == ("0", "all")
    refused = api("POST", f"finance/receipts/{second['id']}/allocate/", wanted)
    assert (refused.status_code, refused.data["code"]) == (409, "overdrawn")
    row = _ok(api("GET", f"finance/receipts/{second['id']}/"))["allocations"][0]
    _ok(api("POST", f"finance/receipts/{second['id']}/unallocate/", {"allocation": row["id"]}))
    assert _ok(api("GET", f"sales/invoices/{invoice['id']}/"))["open_amount"] == "450"
    _ok(api("POST", f"finance/receipts/{second['id']}/reverse/", {"reason": "bounced"}))
    assert books.balance("receivable") == 450
    assert books.total() == 0
    balance = _ok(api("GET", "reports/trial-balance/"))
    assert balance["totals"][2] == balance["totals"][3]
    aged = _ok(api("GET", f"reports/ageing/?customer={party}"))
    assert [(r[0], r[-2]) for r in aged["rows"]] == [(invoice["number"], "450")]
    statement = _ok(api("GET", f"reports/customer-statement/?customer={party}"))
    assert statement["totals"][-1] == "450"


@pytest.mark.requirement("F1", "I14")
def test_a_voucher_by_hand(ctx: Any, api: Caller):  # noqa: F811
    books = ready(ctx)
    lines = [{"account": books.code("write_off"), "debit": "70"},
             {"account": books.code("stock"), "credit": "70", "dimensions": {"reason": "water"}}]  # fmt: skip
    draft = _ok(api("POST", "finance/vouchers/", {"date": "2026-03-10", "journal": "JV", "lines": lines}), 201)
    assert (draft["state"], draft["lines"][1]["dimensions"]) == ("draft", {"reason": "water"})
    posted = _ok(api("POST", f"finance/vouchers/{draft['id']}/post/", {}))
    assert (posted["state"], posted["number"]) == ("posted", "JV-2026-00001")
    body = {"date": "2026-04-01", "reason": "found again"}
    done = _ok(api("POST", f"finance/vouchers/{draft['id']}/reverse/", body))
    assert done["state"] == "reversed" and done["reversed_by"]
    lines[0]["debit"] = "71"
    off = _ok(api("POST", "finance/vouchers/", {"date": "2026-03-10", "journal": "JV", "lines": lines}), 201)
    refused = api("POST", f"finance/vouchers/{off['id']}/post/", {})
    assert (refused.status_code, refused.data["code"]) == (409, "unbalanced")
