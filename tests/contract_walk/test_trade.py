"""The whole trade table of the contract over a socket, in currencies with and without decimals.

Slow because every call is a real request with a real commit: threads, pools and middleware are what is
tried here, beside the sentences of the contract.
"""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract_walk.program import Json, Program

pytestmark = [pytest.mark.slow, pytest.mark.requirement("I14")]


def customer(p: Program, **given: Any) -> Json:
    return p.make("parties/customers/", {"name": p.word("Customer "), **given})


def product(p: Program, price: str = "10", **given: Any) -> Json:
    return p.make("catalog/products/", {"code": p.word("P-"), "name": p.word("Pen "), "list_price": price, **given})


def stock(p: Program, *rows: tuple[Json, str, str], kind: str = "opening", **more: Any) -> Json:
    lines = [{"product": item["code"], "quantity": n, "unit_cost": cost, **more} for item, n, cost in rows]
    made = p.make("inventory/adjustments/", {"warehouse": "MAIN", "kind": kind, "lines": lines})
    return p.act(made, "inventory/adjustments", "post")


def order(p: Program, who: Json, *rows: tuple[Json, str], **given: Any) -> Json:
    lines = [{"product": item["code"], "quantity": n} for item, n in rows]
    return p.make("sales/orders/", {"customer": who["code"], "lines": lines, **given})


def balance(p: Program, item: Json) -> Json:
    (row,) = p.get(f"inventory/balances/?product={item['id']}")["results"]
    return dict(row)


def again(p: Program, path: str, record: Json) -> Json:
    return p.get(f"{path}/{record['id']}/")


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


def test_numbers_ids_and_values(program: Program):
    p = program
    who = customer(p)
    assert re.fullmatch(r"C-\d{5}", who["code"])
    assert uuid.UUID(who["id"])
    assert who["currency"] == p.currency
    assert re.fullmatch(r"S-\d{5}", p.make("parties/suppliers/", {"name": "S"})["code"])
    item = product(p, "18")
    assert item["kind"] == "goods"
    assert item["list_price"] == p.money(18)
    made = order(p, who, (item, "2"))
    assert (made["lines"][0]["quantity"], made["lines"][0]["unit_price"]) == ("2", p.money(18))
    assert made["lines"][0]["amount"] == p.money(36)
    assert made["net"] == p.money(36)
    assert made["total"] == p.money(36 + {"TWD": 2}.get(p.currency, 0))  # 5 % of 36, rounded half up
    assert made["number"] == ""
    half = p.make("sales/orders/", {"customer": who["id"], "lines": [{"product": item["code"], "quantity": 0.5}]})
    assert half["lines"][0]["quantity"] == "0.5"
    fine = {"product": item["code"], "quantity": "1.5", "unit_price": "0.123456"}
    made = p.make("sales/orders/", {"customer": who["id"], "lines": [fine]})
    assert made["lines"][0]["unit_price"] == "0.123456"
    assert made["lines"][0]["amount"] == p.money(0, 19)  # 0.185184
    for bad, pointer in (
        ({"quantity": "1", "unit_price": "0.1234567"}, "/lines/0/unit_price"),
        ({"quantity": "0.1234567"}, "/lines/0/quantity"), ({"quantity": "0"}, "/lines/0/quantity"),
        ({"quantity": "-1"}, "/lines/0/quantity"), ({"quantity": "x"}, "/lines/0/quantity"),
        ({"quantity": "1e3"}, None), ({"quantity": "1", "colour": "red"}, "/lines/0/colour"),
        ({"quantity": "1", "discount": "1.5"}, "/lines/0/discount"), ({"quantity": None}, "/lines/0/quantity"),
    ):  # fmt: skip
        body = {"customer": who["id"], "lines": [{"product": item["code"], **bad}]}
        answer = p("POST", "sales/orders/?dry_run=1", body)
        if pointer:
            p.refused(answer, 422, "invalid", pointer)


def test_references_by_every_name_and_by_two(program: Program):
    p = program
    who, code = customer(p), p.word("EAN-")
    item = product(p, barcodes=[code])
    for word in (item["id"], item["code"], code):
        body = {"customer": who["code"], "lines": [{"product": word, "quantity": "1"}]}
        assert p.make("sales/orders/?dry_run=1", body, 200)["lines"][0]["product"] == item["id"]
    shown = p.make("sales/orders/?expand=customer,lines.product.unit", body)
    assert shown["customer"]["code"] == who["code"]
    assert shown["lines"][0]["product"]["unit"]["code"]
    p.refused(p("GET", f"sales/orders/{shown['id']}/?expand=lines.product.category.parent"), 422, pointer="/expand")
    none = {"customer": "no such", "lines": [{"product": "no such", "quantity": "1"}]}
    found = p.refused(p("POST", "sales/orders/", none), 422)
    assert {e["pointer"] for e in found["errors"]} == {"/customer", "/lines/0/product"}
    double = p.word("TWO-")
    clash = p("POST", "catalog/products/", {"code": double, "name": "a", "barcodes": [code]})
    if clash.status == 201:  # one barcode on two products: then it names neither
        body["lines"][0]["product"] = code
        p.refused(p("POST", "sales/orders/", body), 422, pointer="/lines/0/product")
    else:
        p.refused(clash, 422 if clash.status == 422 else 409)


def test_quotations(program: Program):
    p = program
    who, item = customer(p), product(p)
    body = {"customer": who["code"], "lines": [{"product": item["code"], "quantity": "2"}]}
    made = p.make("sales/quotations/", body)
    p.refused(p("POST", f"sales/quotations/{made['id']}/accept/", {}), 409, "illegal_state")
    sent = p.act(made, "sales/quotations", "send", {"to": "buyer@example.com"})
    assert sent["state"] == "sent"
    assert re.fullmatch(r"QT-\d{4}-\d{4}", sent["number"])
    newer = p.act(sent, "sales/quotations", "revise", {}, 201)
    assert (newer["edition"], newer["previous"], newer["state"]) == (2, sent["id"], "draft")
    p.act(newer, "sales/quotations", "send")
    drawn = p.act(newer, "sales/quotations", "accept", {}, 201)
    assert (drawn["state"], drawn["lines"][0]["quantity"]) == ("draft", "2")
    assert again(p, "sales/quotations", newer)["state"] == "accepted"
    p.refused(p("POST", f"sales/quotations/{newer['id']}/accept/", {}), 409, "illegal_state")
    other = p.act(p.make("sales/quotations/", body), "sales/quotations", "send")
    p.refused(p("POST", f"sales/quotations/{other['id']}/reject/", {}), 422, pointer="/reason")
    assert p.act(other, "sales/quotations", "reject", {"reason": "too dear"})["state"] == "rejected"


def test_an_order_in_parts_with_back_order(program: Program):
    p = program
    who, item = customer(p), product(p)
    stock(p, (item, "10", "4"))
    made = order(p, who, (item, "12"))
    foreseen = p.make(f"sales/orders/{made['id']}/confirm/?dry_run=1", {}, 200)
    assert foreseen["effects"] == {"vouchers": [], "moves": []}
    assert again(p, "sales/orders", made)["state"] == "draft"
    made = p.act(made, "sales/orders", "confirm")
    assert re.fullmatch(r"SO-\d{4}-\d{4}", made["number"])
    line = made["lines"][0]
    assert (line["reserved"], line["short"]) == ("10", "2")
    assert (made["delivery_state"], made["invoice_state"], made["late"]) == ("none", "none", False)
    first = p.act(made, "sales/orders", "deliver", {"lines": [{"line": line["id"], "quantity": "4"}]}, 201)
    assert (first["state"], [x["quantity"] for x in first["lines"]]) == ("draft", ["4"])
    path = f"sales/deliveries/{first['id']}/ship/"
    effects = p.make(f"{path}?dry_run=1", {}, 200)["effects"]
    assert [(m["product"], m["quantity"]) for m in effects["moves"]] == [(item["id"], "4")]
    assert [(x["debit"], x["credit"]) for x in effects["vouchers"][0]["lines"]] == [
        (p.money(16), p.money(0)), (p.money(0), p.money(16)),
    ]  # fmt: skip
    assert again(p, "sales/deliveries", first)["state"] == "draft"
    assert balance(p, item)["on_hand"] == "10"
    part = {"lines": [{"line": first["lines"][0]["id"], "quantity": "3"}]}
    shipped = p.make(f"{path}?expand=vouchers,moves", part, 200)
    assert re.fullmatch(r"DN-\d{4}-\d{4}", shipped["number"])
    assert [m["quantity"] for m in shipped["moves"]] == ["3"]
    assert shipped["vouchers"][0]["total"] == p.money(12)
    made = again(p, "sales/orders", made)
    line = made["lines"][0]
    assert (line["delivered"], line["reserved"], line["short"]) == ("3", "7", "2")
    assert made["delivery_state"] == "part"
    second = p.act(made, "sales/orders", "deliver", {"warehouse": "MAIN"}, 201)
    assert sum(int(x["quantity"]) for x in second["lines"]) == 7
    too_many = {"lines": [{"line": second["lines"][0]["id"], "quantity": "8"}]}
    p.refused(p("POST", f"sales/deliveries/{second['id']}/ship/", too_many), 409)
    p.act(second, "sales/deliveries", "ship")
    told = p.refused(p("POST", f"sales/orders/{made['id']}/deliver/", {}), 409, "not_enough_stock")
    assert {"product", "wanted", "missing"} <= set(told["errors"][0])
    stock(p, (item, "2", "4"), kind="correction")
    made = again(p, "sales/orders", made)
    assert (made["lines"][0]["reserved"], made["lines"][0]["short"]) == ("2", "0")
    p.act(p.act(made, "sales/orders", "deliver", {}, 201), "sales/deliveries", "ship")
    made = again(p, "sales/orders", made)
    assert (made["delivery_state"], made["state"]) == ("all", "confirmed")
    assert p.get(f"sales/orders/?delivery_state=all&id={made['id']}")["results"][0]["id"] == made["id"]
    p.refused(p("POST", f"sales/orders/{made['id']}/cancel/", {"reason": "x"}), 409)
    p.refused(p("POST", f"sales/orders/{made['id']}/cancel/", {}), 422, pointer="/reason")
    free = p.act(order(p, who, (item, "1")), "sales/orders", "confirm")
    assert p.act(free, "sales/orders", "cancel", {"reason": "changed"})["state"] == "cancelled"


def shipped_order(p: Program, who: Json, *rows: tuple[Json, str]) -> tuple[Json, Json]:
    made = p.act(order(p, who, *rows), "sales/orders", "confirm")
    delivery = p.act(p.act(made, "sales/orders", "deliver", {}, 201), "sales/deliveries", "ship")
    return again(p, "sales/orders", made), delivery


def test_invoices_deposits_and_credit_notes(program: Program):
    p = program
    who, item = customer(p), product(p, "100")
    stock(p, (item, "20", "40"))
    made = p.act(order(p, who, (item, "5")), "sales/orders", "confirm")
    deposit = p.act(made, "sales/orders", "invoice", {"kind": "deposit", "amount": "200"}, 201)
    assert (deposit["kind"], deposit["state"], deposit["total"]) == ("deposit", "draft", p.money(200))
    deposit = p.act(deposit, "sales/invoices", "post")
    assert re.fullmatch(r"IV-\d{4}-\d{4}", deposit["number"])
    assert (deposit["open_amount"], deposit["payment_state"]) == (p.money(200), "none")
    p.act(p.act(made, "sales/orders", "deliver", {}, 201), "sales/deliveries", "ship")
    final = p.act(made, "sales/orders", "invoice", {}, 201)
    foreseen = p.make(f"sales/invoices/{final['id']}/post/?dry_run=1", {}, 200)["effects"]
    assert len(foreseen["vouchers"]) == 1
    final = p.make(f"sales/invoices/{final['id']}/post/?expand=vouchers", {}, 200)
    tax = {"TWD": 25}.get(p.currency, 0)
    assert (final["net"], final["tax"], final["total"]) == (p.money(500), p.money(tax), p.money(500 + tax))
    assert final["advance"] == p.money(200)
    assert final["open_amount"] == p.money(300 + tax)
    sides = final["vouchers"][0]["lines"]
    assert sum(Decimal(x["debit"]) for x in sides) == sum(Decimal(x["credit"]) for x in sides) > 0
    assert again(p, "sales/orders", made)["invoice_state"] == "all"
    p.refused(p("POST", f"sales/orders/{made['id']}/invoice/", {}), 409)
    p.refused(p("POST", f"sales/invoices/{final['id']}/credit/", {}), 422, pointer="/reason")
    line = {"line": final["lines"][0]["id"], "quantity": "1"}
    credit = p.act(final, "sales/invoices", "credit", {"reason": "broken", "lines": [line]}, 201)
    assert (credit["kind"], credit["state"], credit["credits"]) == ("credit", "draft", final["id"])
    credit = p.act(credit, "sales/invoices", "post")
    assert re.fullmatch(r"CN-\d{4}-\d{4}", credit["number"])
    share = {"TWD": 5}.get(p.currency, 0)
    assert credit["total"] == p.money(100 + share)
    assert again(p, "sales/invoices", final)["open_amount"] == p.money(200 + tax - share)
    over = {"reason": "x", "lines": [{"line": line["line"], "quantity": "5"}]}
    p.refused(p("POST", f"sales/invoices/{final['id']}/credit/", over), 409)
    p.refused(p("PATCH", f"sales/invoices/{final['id']}/", {"lines": []}, If_Match="*"), 409)
    p.refused(p("DELETE", f"sales/invoices/{final['id']}/"), 409)
    statement = p.get(f"reports/customer-statement/?customer={who['code']}&as_of={final['posted_on']}")
    assert statement["totals"][-1] == p.money(400 + tax - share)  # the deposit is still unpaid


@pytest.mark.parametrize("into", ["usable", "scrap"])
def test_returns_with_lots(program: Program, into: str):
    p = program
    who, item = customer(p), product(p, "50")
    lot = p.make("inventory/lots/", {"product": item["code"], "number": p.word("L-")})
    stock(p, (item, "6", "20"), lot=lot["number"])
    made, delivery = shipped_order(p, who, (item, "4"))
    moves = p.get(f"sales/deliveries/{delivery['id']}/?expand=moves")["moves"]
    assert [(m["lot"], m["quantity"]) for m in moves] == [(lot["id"], "4")]
    invoice = p.act(p.act(made, "sales/orders", "invoice", {}, 201), "sales/invoices", "post")
    line = delivery["lines"][0]["id"]
    body = {"delivery": delivery["number"], "lines": [{"line": line, "quantity": "3"}]}
    back = p.make("sales/returns/", body)
    assert back["state"] == "draft"
    foreseen = p.make(f"sales/returns/{back['id']}/receive/?dry_run=1", {"into": into}, 200)
    # what goes to scrap is not on the balance sheet any more: nothing is posted
    assert bool(foreseen["effects"]["vouchers"]) is (into == "usable")
    assert [m["quantity"] for m in foreseen["effects"]["moves"]] == ["3"]
    received = p.make(f"sales/returns/{back['id']}/receive/?expand=moves,vouchers", {"into": into}, 200)
    assert re.fullmatch(r"RT-\d{4}-\d{4}", received["number"])
    assert received["state"] == "received"
    assert [m["lot"] for m in received["moves"]] == [lot["id"]]
    assert balance(p, item)["available"] == ("5" if into == "usable" else "2")
    credit = p.act(received, "sales/returns", "credit", {}, 201)
    assert (credit["kind"], credit["credits"]) == ("credit", invoice["id"])
    p.act(credit, "sales/invoices", "post")
    assert again(p, "sales/returns", received)["state"] == "closed"
    assert again(p, "sales/orders", made)["lines"][0]["returned"] == "3"
    too_many = {"delivery": delivery["id"], "lines": [{"line": line, "quantity": "2"}]}
    p.refused(p("POST", "sales/returns/", too_many), 422, pointer="/lines/0/quantity")


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


def test_external_references_with_odd_characters(program: Program):
    p = program
    for ref in ("a/b", "50% off", "訂單 1", "x?y#z", "a+b&c=d", "by-ref"):
        path = quote(ref, safe="")
        made = p("PUT", f"parties/customers/by-ref/{path}/", {"name": "Odd"})
        assert (made.status, made.body["external_ref"]) == (201, ref), made.body
        assert p("PUT", f"parties/customers/by-ref/{path}/", {"name": "Odder"}).status == 200
        assert p.get(f"parties/customers/by-ref/{path}/")["name"] == "Odder"
        known = p.refused(p("POST", "parties/customers/", {"name": "x", "external_ref": ref}), 409, "already_exists")
        assert known["id"] == made.body["id"]
        assert p.get(f"parties/customers/?external_ref={path}")["results"][0]["id"] == made.body["id"]
    other = p("PUT", "parties/customers/by-ref/a%2Fb/?source=shop", {"name": "Shop"})
    assert (other.status, other.body["external_source"]) == (201, "shop")
    given = p.make("parties/customers/", {"name": "y", "external_ref": "a/b", "external_source": "till"})
    assert given["external_source"] == "till"


def test_lists_over_the_wire(program: Program):
    p = program
    for _i in range(5):
        customer(p, phone="0800")
    seen: list[str] = []
    answer = p("GET", "parties/customers/?phone=0800&limit=2&order=-name,code&fields=id,name")
    while True:
        assert set(answer.body) == {"results", "next"}
        assert all(set(row) == {"id", "name"} for row in answer.body["results"])
        seen += [row["name"] for row in answer.body["results"]]
        if answer.body["next"] is None:
            break
        assert answer.body["next"].startswith(f"http://{p.host}/api/v1/")
        answer = p.follow(answer.body["next"])
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    assert p.get("parties/customers/?phone=0800&count=estimate&limit=1")["count"] == 5


def test_events_over_the_wire(program: Program):
    p = program
    last = p.get("events/?order=-at&limit=1")["results"][0]["id"]
    made = p.act(order(p, customer(p), (product(p, kind="service"), "1")), "sales/orders", "confirm")
    told = p.get(f"events/?after={last}&resource=sales.order")
    assert [(e["name"], e["record"]) for e in told["results"]] == [
        ("sales.order.created", made["id"]), ("sales.order.confirmed", made["id"]),
    ]  # fmt: skip
