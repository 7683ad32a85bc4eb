"""The whole trade table of the contract over a socket, in currencies with and without decimals.

Slow because every call is a real request with a real commit: threads, pools and middleware are what is
tried here, beside the sentences of the contract.
"""

from __future__ import annotations

import re
import uuid
from decimal import Decimal

import pytest

from tests.contract_walk.dealing import again, balance, customer, order, product, shipped_order, stock
from tests.contract_walk.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.requirement("I14")]


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
