"""``expand=vouchers,moves``: what a document has posted and moved stands beside it."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api


def test_vouchers_and_moves_come_with_the_document(company: Any, key_of: Any) -> None:
    api = Api(key_of())
    product = api.post("catalog/products/", {"code": "EXP-1", "name": "Thing"})
    assert product.status_code == 201, product.content
    house = api.get("inventory/warehouses/").body["results"][0]["id"]
    lines = [{"product": "EXP-1", "quantity": "10", "unit_cost": "7"}]
    made = api.post("inventory/adjustments/", {"warehouse": house, "kind": "opening", "lines": lines})
    assert made.status_code == 201, made.content
    path = f"inventory/adjustments/{made.body['id']}/"
    trial = api.post(f"{path}post/?dry_run=1")
    assert trial.status_code == 200 and trial.body["effects"]["vouchers"] and trial.body["effects"]["moves"]
    posted = api.post(f"{path}post/?expand=vouchers,moves")
    assert posted.status_code == 200, posted.content
    voucher, move = posted.body["vouchers"][0], posted.body["moves"][0]
    assert sum(int(line["debit"]) for line in voucher["lines"]) == 70 and voucher["state"] == "posted"
    assert (move["product"], move["quantity"]) == (product.body["id"], "10")
    listed = api.get("inventory/adjustments/?expand=vouchers")
    assert listed.body["results"][0]["vouchers"][0]["id"] == voucher["id"]
    finer = api.get("inventory/balances/?by=location,lot&product=EXP-1")
    assert finer.status_code == 200 and finer.body["results"][0]["product"] == product.body["id"]
    sales = Api(key_of("sales"))
    assert sales.get("finance/vouchers/").status_code == 403
