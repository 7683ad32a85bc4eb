"""Money and books over a socket: receipts, adjustments, vouchers by hand; slow because every call commits."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.contract_walk.dealing import again, balance, customer, product, stock
from tests.contract_walk.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.requirement("I14")]


def test_the_books_agree(program: Program):
    """Stock value, the stock accounts, and debit and credit are one: after everything above."""
    p = program
    item = product(p)
    stock(p, (item, "7", "3"))
    value = p.get("reports/stock-value/")
    trial = p.get("reports/trial-balance/")
    assert trial["totals"][2] == trial["totals"][3]
    assert Decimal(value["totals"][-1]) == sum(Decimal(row[-1]) for row in value["rows"])
    for name in ("balance-sheet", "income-statement", "ageing", "availability"):
        assert p.get(f"reports/{name}/")["name"] == name


def test_receipts(program: Program):
    p = program
    who, item = customer(p), product(p, "100", kind="service")
    bill = p.make("sales/invoices/", {"customer": who["code"], "lines": [{"product": item["code"], "quantity": "3"}]})
    bill = p.act(bill, "sales/invoices", "post")
    whole = Decimal(bill["total"])
    money = {"party": who["code"], "amount": "500", "currency": p.currency, "account": "BANK"}
    made = p.make("finance/receipts/", {**money, "allocations": [{"invoice": bill["number"], "amount": "100"}]})
    effects = p.make(f"finance/receipts/{made['id']}/post/?dry_run=1", {}, 200)["effects"]
    assert effects["vouchers"]
    assert again(p, "sales/invoices", bill)["open_amount"] == bill["total"]
    made = p.act(made, "finance/receipts", "post")
    assert re.fullmatch(r"RC-\d{4}-\d{4}", made["number"])
    assert (made["amount"], made["unallocated"]) == (p.money(500), p.money(400))
    assert Decimal(again(p, "sales/invoices", bill)["open_amount"]) == whole - 100
    more = {"allocations": [{"invoice": bill["id"], "amount": "50", "write_off": "1", "discount": "2"}]}
    made = p.act(made, "finance/receipts", "allocate", more)
    assert Decimal(again(p, "sales/invoices", bill)["open_amount"]) == whole - 153
    over = {"allocations": [{"invoice": bill["id"], "amount": "400"}]}
    answer = p("POST", f"finance/receipts/{made['id']}/allocate/", over)
    p.refused(answer, 409, "overdrawn", "/allocations/0/amount")
    last = next(a for a in made["allocations"] if a["amount"] == p.money(50))
    made = p.act(made, "finance/receipts", "unallocate", {"allocation": last["id"]})
    assert Decimal(again(p, "sales/invoices", bill)["open_amount"]) == whole - 100
    p.refused(p("POST", f"finance/receipts/{made['id']}/reverse/", {}), 422, pointer="/reason")
    turned = p.make(f"finance/receipts/{made['id']}/reverse/?expand=vouchers", {"reason": "bounced"}, 200)
    assert turned["state"] == "reversed"
    assert turned["vouchers"]
    after = again(p, "sales/invoices", bill)
    assert (after["open_amount"], after["payment_state"]) == (bill["total"], "none")
    full = p.make("finance/receipts/", {**money, "amount": bill["total"]})
    full = p.act(full, "finance/receipts", "post")
    p.act(full, "finance/receipts", "allocate", {"allocations": [{"invoice": bill["id"], "amount": bill["total"]}]})
    after = again(p, "sales/invoices", bill)
    assert (after["open_amount"], after["payment_state"]) == (p.money(0), "all")
    if p.currency in ("TWD", "JPY"):
        p.refused(p("POST", "finance/receipts/", {**money, "amount": "0.5"}), 422, pointer="/amount")


def test_adjustments_and_their_reversal(program: Program):
    p = program
    item = product(p)
    made = p.make(
        "inventory/adjustments/",
        {
            "warehouse": "MAIN",
            "kind": "opening",
            "lines": [{"product": item["code"], "quantity": "8", "unit_cost": "2.5"}],
        },
    )
    effects = p.make(f"inventory/adjustments/{made['id']}/post/?dry_run=1", {}, 200)["effects"]
    assert [m["quantity"] for m in effects["moves"]] == ["8"]
    assert effects["vouchers"][0]["total"] == p.money(20)
    made = p.make(f"inventory/adjustments/{made['id']}/post/?expand=vouchers,moves", {"posted_on": "2026-03-04"}, 200)
    assert made["number"].startswith("AD-2603-")
    assert (made["vouchers"][0]["date"], made["moves"][0]["on"]) == ("2026-03-04", "2026-03-04")
    row = balance(p, item)
    assert {"id", "product", "warehouse", "on_hand", "reserved", "available", "value"} <= set(row)
    assert (row["on_hand"], row["value"]) == ("8", p.money(20))
    (fine,) = p.get(f"inventory/balances/?by=location,lot&product={item['id']}")["results"]
    assert {"location", "lot", "on_hand"} <= set(fine)
    undone = p.make(f"inventory/adjustments/{made['id']}/reverse/?dry_run=1", {"reason": "typo"}, 200)
    assert [m["quantity"] for m in undone["effects"]["moves"]] == ["8"]
    turned = p.make(f"inventory/adjustments/{made['id']}/reverse/?expand=vouchers,moves", {"reason": "typo"}, 200)
    assert (turned["state"], len(turned["moves"]), len(turned["vouchers"])) == ("reversed", 2, 2)
    assert balance(p, item)["on_hand"] == "0"
    p.refused(p("POST", f"inventory/adjustments/{made['id']}/reverse/", {"reason": "x"}), 409, "illegal_state")
    p.refused(p("POST", "inventory/moves/", {}), 405)
    p.refused(p("POST", "inventory/balances/", {}), 405)


def test_vouchers_by_hand(program: Program):
    p = program
    accounts = p.get("finance/accounts/?postable=true&open_item=false&limit=200")["results"]
    cost = next(a["code"] for a in accounts if a["kind"] == "expense")
    asset = next(a["code"] for a in accounts if a["kind"] == "asset")
    body = {
        "date": "2026-02-03", "journal": "JV",
        "lines": [{"account": cost, "debit": "5"}, {"account": asset, "credit": "5"}],
    }  # fmt: skip
    made = p.make("finance/vouchers/", body)
    effects = p.make(f"finance/vouchers/{made['id']}/post/?dry_run=1", {}, 200)["effects"]
    assert [v["total"] for v in effects["vouchers"]] == [p.money(5)]
    made = p.act(made, "finance/vouchers", "post")
    assert re.fullmatch(r"JV-2026-\d{5}", made["number"])
    p.refused(p("PATCH", f"finance/vouchers/{made['id']}/", {"text": "x"}, If_Match="*"), 409)
    foreseen = p.make(f"finance/vouchers/{made['id']}/reverse/?dry_run=1", {"reason": "x"}, 200)
    assert foreseen["effects"]["vouchers"]
    turned = p.act(made, "finance/vouchers", "reverse", {"date": "2026-02-04", "reason": "typo"})
    assert (turned["state"], again(p, "finance/vouchers", {"id": turned["reversed_by"]})["date"]) == (
        "reversed", "2026-02-04",
    )  # fmt: skip
    wrong = {**body, "lines": [{"account": cost, "debit": "5"}, {"account": asset, "credit": "6"}]}
    draft = p.make("finance/vouchers/", wrong)
    p.refused(p("POST", f"finance/vouchers/{draft['id']}/post/", {}), 409, "unbalanced")
    assert again(p, "finance/vouchers", draft)["number"] == ""
    old = p.make("finance/vouchers/", {**body, "date": "2009-05-06"})
    assert re.fullmatch(r"JV-2009-\d{5}", p.act(old, "finance/vouchers", "post")["number"])
