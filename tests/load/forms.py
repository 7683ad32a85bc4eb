"""An order form with five hundred lines: what the server takes to open it, to recompute it, and to save it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from tests.load.calling import Caller, signed_in
from tests.load.measuring import Measure, clock, company, median
from tests.load.rawrows import Rows
from tests.load.serving import served
from tests.load.walk import Walk, fill

COMPANY = "bench-forms"
FORM = "application/x-www-form-urlencoded"
SUMS = "net tax total margin"


def measures(scale: str) -> Iterator[Measure]:
    """In the product's server, as the browser asks it."""
    from kontor.database.tenancy import tenant_scope
    from kontor.documents import gate
    from kontor.identity.api import system_context

    lines, times = {"full": (500, 15), "small": (500, 5), "tiny": (3, 1)}[scale]
    with company(COMPANY) as founded:
        with tenant_scope(founded.tenant):
            customers, products = fill()
        walk = Walk(founded.tenant, customers, products)
        held = [{"product": products[i % len(products)], "quantity": str(i % 9 + 1)} for i in range(lines)]

        def made() -> Any:
            with walk.scope():
                return gate.create(system_context("bench"), "sales.order", {"customer": customers[0], "lines": held})

        order = made()
        rows = Rows(walk.scope, made)
        barely = median(clock(lambda _i: rows.a_table_each(), times))
        bare = f"its {rows.count} rows by bare psycopg, a table a statement"
        with served() as server:
            web = Caller(server.port, f"{COMPANY}.localhost", signed_in(COMPANY))
            try:
                yield from _form(web, walk, str(order.pk), customers[0], held, times, {"new one saved": (barely, bare)})
            finally:
                web.close()


def _form(
    web: Caller,
    walk: Walk,
    order: str,
    customer: str,
    held: list[dict[str, Any]],
    times: int,
    limits: dict[str, tuple[float, str]],
) -> Iterator[Measure]:
    page = f"/sales/orders/{order}/"
    deeds: dict[str, Callable[[int], Any]] = {
        "looked at": lambda _i: web.get(page),
        "opened to be changed": lambda _i: web.get(f"{page}edit/"),
        "recomputed while somebody types": lambda i: _typed(web, order, customer, _as_stored(walk, order)[1], i),
        "new one recomputed": lambda i: _typed(web, "", customer, held, i),
        "new one saved": lambda i: _saved(web, "/sales/orders/new/", {"token": f"new-{i}", **_data(customer, held, i)}),
        "saved with one line changed": lambda i: _changed(web, walk, order, customer, i),
    }
    aims = {"opened to be changed": "≤ 500 ms", "recomputed while somebody types": "≤ 200 ms"}
    for what, deed in deeds.items():
        took = clock(deed, times)
        told = f"order of {len(held)} lines, {what}"
        limit, bare = limits.get(what, (None, ""))
        yield Measure("forms", told, median(took), "ms", max(took), limit, bare, aims.get(what, ""), times)


def _data(customer: str, held: list[dict[str, Any]], i: int) -> dict[str, str]:
    at = i % len(held)
    changed = [*held[:at], {**held[at], "quantity": str(20 + i)}, *held[at + 1 :]]
    return {"customer": customer, "lines.lines": json.dumps(changed)}


def _typed(web: Caller, order: str, customer: str, held: list[dict[str, Any]], i: int) -> None:
    body = {"id": order, "sums": SUMS, "turn": str(i), **_data(customer, held, i)}
    told = json.loads(web.post("/sales/orders/calc/", urlencode(body).encode(), kind=FORM))
    assert told["ok"] and len(told["lines"]["lines"]) == len(held), told


def _changed(web: Caller, walk: Walk, order: str, customer: str, i: int) -> None:
    version, held = _as_stored(walk, order)
    _saved(web, f"/sales/orders/{order}/edit/", {"version": str(version), **_data(customer, held, i)})


def _as_stored(walk: Walk, order: str) -> tuple[int, list[dict[str, Any]]]:
    """As the grid sends it: every line with its id."""
    from kontor.values.money import plain
    from suite.sales.models import Order, OrderLine

    with walk.scope():
        version: int = Order.objects.values_list("version", flat=True).get(pk=order)
        rows = OrderLine.objects.filter(document_id=order).order_by("position").values("id", "product_id", "quantity")
        return version, [
            {"id": str(r["id"]), "product": str(r["product_id"]), "quantity": plain(r["quantity"])} for r in rows
        ]


def _saved(web: Caller, path: str, body: dict[str, str]) -> None:
    web.post(path, urlencode(body).encode(), expected=302, kind=FORM)
