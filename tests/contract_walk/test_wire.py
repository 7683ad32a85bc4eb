"""External references, lists and events over a socket; slow because every call commits."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.contract_walk.dealing import customer, order, product
from tests.contract_walk.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.requirement("I14")]


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
