"""SIGKILL to every service at random moments, in the middle of orders, chains, an import, exports and prints."""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.faults.calling import Caller, Seen
from tests.faults.installation import COMPANY, Failed, Installation, until

PRODUCTS, CUSTOMERS, CALLERS, LINES = 20, 10, 4, 3
CHAIN = 10  # every tenth order goes all the way to the posted invoice
VICTIMS = ("web", "web/child", "worker", "worker/child", "valkey", "postgres", "postgres/child", "beat", "supervisor")
PRICE, QUANTITY = Decimal("120"), 2


@dataclass
class Work:
    """What was asked for and what was acknowledged."""

    customers: list[str]
    products: list[str]
    orders: dict[str, tuple[str, str]] = field(default_factory=dict)  # our reference → id, total
    invoices: dict[str, str] = field(default_factory=dict)  # our reference → id
    prints: int = 0
    exports: int = 0


def run(installation: Installation, options: argparse.Namespace) -> str:
    """The trial as ``python -m tests.faults`` calls it."""
    installation.found()
    installation.start()
    return trial(installation, orders=options.orders, rows=options.rows or options.orders * 10, seed=options.seed)


def trial(installation: Installation, *, orders: int, rows: int, seed: int) -> str:
    """The whole of it; the sentence says what was done and met."""
    caller = Caller(installation.company, installation.port)
    work = furnish(caller, stock=orders * LINES * QUANTITY)
    seen, chance, over = Seen(), random.Random(seed), threading.Event()
    numbers = iter(range(orders))
    lock = threading.Lock()
    failures: list[str] = []

    def following() -> int | None:
        with lock:
            return next(numbers, None)

    def call(deed: Callable[[Caller], None]) -> None:
        mine = Caller(installation.company, installation.port, seen)
        try:
            deed(mine)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
            seen.stop.set()
        finally:
            mine.close()

    def take_orders(mine: Caller) -> None:
        while (i := following()) is not None:
            one_order(mine, work, i)

    begun = time.monotonic()
    kills: Counter[str] = Counter()
    threads = [threading.Thread(target=call, args=(take_orders,)) for _ in range(CALLERS)]
    threads.append(threading.Thread(target=call, args=(lambda mine: print_and_export(mine, work, over),)))
    threads.append(threading.Thread(target=call, args=(lambda mine: bring_in(mine, rows),)))
    killer = threading.Thread(target=_kill, args=(installation, chance, over, kills, failures))
    for thread in (*threads, killer):
        thread.start()
    for thread in (*threads[:CALLERS], threads[-1]):
        thread.join()
    over.set()
    killer.join()
    threads[CALLERS].join()
    took = time.monotonic() - begun
    if failures:
        raise Failed(" | ".join(failures[:3]))
    installation.ready("web", "worker", "beat")
    prove(installation, work, seen, orders, rows)
    lost = sum(n for name, n in seen.answers.items() if name.startswith("lost:"))
    shown = ", ".join(f"{name} {n}" for name, n in sorted(kills.items()))
    return (
        f"{len(work.orders)} orders ({len(work.invoices)} to the posted invoice), {rows} rows brought in, "
        f"{work.exports} exports and {work.prints} prints in {took:.0f} s under {sum(kills.values())} kills ({shown}); "
        f"{lost} connections lost, {sum(n for a, n in seen.answers.items() if a.startswith('503'))} answers 503, "
        f"the longest wait {seen.longest:.0f} s; nothing lost, nothing doubled"
    )


def furnish(caller: Caller, *, stock: int) -> Work:
    """Customers, products and enough of them on stock."""
    customers = [caller.must("POST", "parties/customers/", {"name": f"Customer {i}"})["id"] for i in range(CUSTOMERS)]
    products = [
        caller.must("POST", "catalog/products/", {"code": f"F{i:03}", "name": f"Part {i}", "list_price": str(PRICE)})[
            "id"
        ]
        for i in range(PRODUCTS)
    ]
    lines = [{"product": p, "quantity": str(stock), "unit_cost": "60"} for p in products]
    opening = caller.must("POST", "inventory/adjustments/", {"kind": "opening", "lines": lines})["id"]
    caller.must("POST", f"inventory/adjustments/{opening}/post/", {})
    return Work(customers, products)


def one_order(mine: Caller, work: Work, i: int) -> None:
    """One order with a reference of our own; some go on until the invoice is posted. Each deed has its key."""
    ref = f"order-{i}"
    lines = [{"product": work.products[(i * 7 + k * 3) % PRODUCTS], "quantity": str(QUANTITY)} for k in range(LINES)]
    body = {"customer": work.customers[i % CUSTOMERS], "customer_reference": ref, "lines": lines}
    made = mine.must("POST", "sales/orders/", body, key=f"{ref}-create")
    work.orders[ref] = (made["id"], made["total"])
    if i % CHAIN:
        return
    address = f"sales/orders/{made['id']}"
    mine.must("POST", f"{address}/confirm/", {}, key=f"{ref}-confirm")
    delivery = mine.must("POST", f"{address}/deliver/", {}, key=f"{ref}-deliver")["id"]
    mine.must("POST", f"sales/deliveries/{delivery}/ship/", {}, key=f"{ref}-ship")
    invoice = mine.must("POST", f"{address}/invoice/", {}, key=f"{ref}-invoice")["id"]
    mine.must("POST", f"sales/invoices/{invoice}/post/", {}, key=f"{ref}-post")
    work.invoices[ref] = invoice


def print_and_export(mine: Caller, work: Work, over: threading.Event) -> None:
    """Prints of posted invoices, and exports that are jobs, one after the other."""
    reader = Caller(mine.company, mine.port, mine.seen)
    reader.sign_in()
    while not over.is_set():
        over.wait(2)
        for invoice in list(work.invoices.values())[-1:]:
            answer = reader.deed("GET", f"/sales/invoices/{invoice}/print/invoice.pdf")
            if answer.status != 200 or not answer.body.startswith(b"%PDF"):
                raise Failed(f"the print of an invoice: {answer.status} {answer.body!r:.200}")
            work.prints += 1
        answer = mine.deed("GET", "sales/orders/export/?format=csv")
        if answer.status == 202:
            file = finished(mine, answer.body["job"]["id"])[0]["file"]
            answer = mine.deed("GET", f"files/{file}/content/")
        if answer.status != 200 or answer.body.count(b"\n") < 1:
            raise Failed(f"an export: {answer.status} {answer.body!r:.200}")
        work.exports += 1


def bring_in(mine: Caller, rows: int) -> None:
    """Contacts by the import's API, 20,000 rows a file at most; each run's job must end by itself."""
    for start in range(0, rows, 20_000):
        part = [{"name": f"Imported {i}", "phone": f"02{i:08}"} for i in range(start, min(start + 20_000, rows))]
        told = mine.must("POST", "parties/contacts/import/", {"rows": part}, key=f"import-{start}")
        if told["job"]:
            finished(mine, told["job"]["id"], seconds=3600)
        counts = mine.must("GET", f"parties/contacts/import/{told['id']}/")["counts"]
        if (counts["created"], counts["refused"]) != (len(part), 0):
            raise Failed(f"the import says {counts}")


def finished(mine: Caller, job: str, *, seconds: float = 600) -> list[dict[str, Any]]:
    """Wait for a job; its results."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = mine.must("GET", f"jobs/{job}/")
        if told["state"] in ("failed", "cancelled"):
            raise Failed(f"a job {told['state']}: {told}")
        if mine.seen.stop.is_set():
            raise Failed("stopped, because another failed")
        if told["state"] == "done":
            return list(told.get("results") or [])
        time.sleep(1)
    raise Failed(f"a job did not end within {seconds:.0f} s: {told}")


def _kill(
    installation: Installation, chance: random.Random, over: threading.Event, kills: Counter[str], failures: list[str]
) -> None:
    """One victim after the other, every one of them at least once in a round; the services must come back each time."""
    try:
        while not over.is_set() and not failures:
            round_of = list(VICTIMS)
            chance.shuffle(round_of)
            for name in round_of:
                if over.wait(chance.uniform(2, 7)):
                    return
                if installation.kill(name):
                    kills[name] += 1
                if chance.random() < 0.7:  # else the next blow falls while this one is mended
                    installation.ready("postgres", "valkey", "web", "worker", "beat", seconds=180)
    except Exception as error:
        failures.append(f"after {dict(kills)}: {type(error).__name__}: {error}")


def prove(installation: Installation, work: Work, seen: Seen, orders: int, rows: int) -> None:
    """What was acknowledged is there once; the books hold; all that runs in the background has ended."""
    if seen.wrong:
        raise Failed("; ".join(seen.wrong[:5]))
    caller = Caller(installation.company, installation.port, seen)
    kept: dict[str, list[tuple[str, str]]] = {}
    address: str | None = "sales/orders/?limit=200&fields=id,customer_reference,total&order=id"
    while address:
        page = caller.must("GET", address)
        for row in page["results"]:
            kept.setdefault(row["customer_reference"], []).append((row["id"], row["total"]))
        address = "/api/v1/" + page["next"].partition("/api/v1/")[2] if page["next"] else None
    wrong = [ref for ref, told in work.orders.items() if kept.get(ref) != [told]]
    if wrong or len(kept) != orders or len(work.orders) != orders:
        raise Failed(f"{len(kept)} orders kept of {orders}; lost, doubled or changed: {wrong[:5]}")
    if work.invoices:
        told = caller.must("GET", "sales/invoices/?limit=1&count=exact&state=posted")["count"]
        if told != len(work.invoices):
            raise Failed(f"{told} invoices are posted, {len(work.invoices)} were acknowledged")
    contacts = caller.must("GET", "parties/contacts/?limit=1&count=exact")["count"]
    if contacts != rows:
        raise Failed(f"{contacts} rows were brought in, of {rows}")
    until(lambda: not _open(installation), 240, f"still open: {_open(installation)}")


def _open(installation: Installation) -> list[str]:
    found: list[str] = installation.python("tests.faults.proving", COMPANY)
    return found
