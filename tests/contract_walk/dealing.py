"""What the walks deal with: customers, products, stock, orders, each by one call."""

from __future__ import annotations

from typing import Any

from tests.contract_walk.program import Json, Program


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


def shipped_order(p: Program, who: Json, *rows: tuple[Json, str]) -> tuple[Json, Json]:
    made = p.act(order(p, who, *rows), "sales/orders", "confirm")
    delivery = p.act(p.act(made, "sales/orders", "deliver", {}, 201), "sales/deliveries", "ship")
    return again(p, "sales/orders", made), delivery
