"""Much at once: parties through the gate, customers from a file, a long list into a file."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.load.measuring import Measure, analyze, clock, company, median

COMPANY = "bench-exchange"


def measures(scale: str) -> Iterator[Measure]:
    """Create in bulk beside bare inserts; import; import the same again; export."""
    imported = {"full": 100_000, "small": 5_000, "tiny": 20}[scale]
    exported = {"full": (100_000, 1_000_000), "small": (10_000, 50_000), "tiny": (100, 200)}[scale]
    with company(COMPANY) as founded:
        yield _bulk(founded.tenant, *((10, 1) if scale == "tiny" else (1_000, 5)))
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            yield from _import(founded.tenant, folder, imported)
            for rows in exported:
                yield from _export(founded.tenant, folder, rows + imported)


@contextmanager
def _acting(tenant: Any) -> Iterator[Any]:
    from kontor.database.tenancy import tenant_scope
    from kontor.identity.api import system_context

    with tenant_scope(tenant):
        yield replace(system_context("bench"), source="import")


def _bulk(tenant: Any, batch: int, times: int) -> Measure:
    from kontor.documents import gate
    from kontor.values.columns import new_id
    from suite.parties.models import Customer, Party

    def ours(i: int) -> None:
        rows = [{"name": f"Party {i}-{n}", "phone": "02 2712 0000", "email": f"p{n}@example.com"} for n in range(batch)]
        with _acting(tenant) as ctx:
            gate.create_many(ctx, "parties.customer", rows)

    def bare(i: int) -> None:
        with _acting(tenant):
            parties = [Party(id=new_id(), name=f"Bare {i}-{n}", phone="02 2712 0000") for n in range(batch)]
            Party.objects.bulk_create(parties)
            Customer.objects.bulk_create(
                Customer(id=p.pk, party=p, code=f"BARE-{i}-{n}") for n, p in enumerate(parties)
            )

    took, limit = clock(ours, times), clock(bare, times)
    return Measure(
        "exchange", "parties created in bulk, with number, search, audit and event", batch / median(took) * 1000, "/s",
        batch / max(took) * 1000, batch / median(limit) * 1000, "Django's bulk_create of the two rows alone",
        aim="≥ 5,000/s", runs=times,
    )  # fmt: skip


def _import(tenant: Any, folder: Path, rows: int) -> Iterator[Measure]:
    from kontor.surfaces.exchange import importing, mapping

    with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "name", "phone", "city"])
        out.writerows((f"I-{n:06}", f"進口商行{n}號", f"02 27{n:06}", "臺北市") for n in range(rows))
    fields = {"code": "id", "name": "name", "phone": "phone"}
    lines = {"addresses": {"fields": {"kind": {"const": "main"}, "city": "city"}}}
    step = {"resource": "parties.customer", "file": "customers.csv", "key": "id", "fields": fields, "lines": lines}
    made = mapping.from_data({"source": "bench", "steps": [step]})
    for what, expected in (("created", rows), ("again: unchanged", 0)):
        begun = time.perf_counter()
        report = importing.run(lambda: _acting(tenant), made, folder, lambda *_said: None)
        took = time.perf_counter() - begun
        count = report.counts["parties.customer"]
        assert (count.created, count.refused) == (expected, 0), report.errors[:3]
        yield Measure("exchange", f"import of {rows:,} customers with an address, {what}", rows / took, "rows/s")


def _export(tenant: Any, folder: Path, rows: int) -> Iterator[Measure]:
    from kontor.resources import registry
    from kontor.surfaces.exchange.exporting import export
    from kontor.surfaces.query import Ask
    from tests.load.reading import fill

    fill(tenant, rows, {})
    analyze(tenant, "parties_party", "parties_customer")
    spec = registry.spec("parties.customer")
    begun = time.perf_counter()
    barely = _barely(tenant, folder / "bare.csv")
    limit = barely / (time.perf_counter() - begun)
    bare = "the same columns by bare pages of 2,000 into csv.writer"
    for kind in ("csv", "xlsx"):
        before, begun = _forget_peak(), time.perf_counter()
        with _acting(tenant) as ctx:
            done = export(ctx, spec, Ask(), folder / f"out.{kind}")
        took = time.perf_counter() - begun
        assert done == barely, (done, barely)
        yield Measure(
            "exchange", f"export of {done:,} customers to {kind}", done / took, "rows/s",
            limit=limit if kind == "csv" else None, limit_is=bare if kind == "csv" else "",
        )  # fmt: skip
        yield Measure("exchange", f"  memory that it added at its peak ({kind})", _peak() - before, "MB", aim="flat")


def _barely(tenant: Any, path: Path) -> int:
    """What the list shows of each, as the database gives it."""
    from kontor.identity.api import system_context
    from kontor.resources import registry
    from kontor.surfaces.plans import plan_for
    from suite.parties.models import Customer

    with _acting(tenant), path.open("w", newline="", encoding="utf-8") as file:
        columns = plan_for(system_context("bench"), registry.spec("parties.customer")).columns
        out, n, last = csv.writer(file), 0, None
        while True:
            rows = Customer.objects.order_by("pk").values_list("pk", *columns)
            found = list((rows.filter(pk__gt=last) if last else rows)[:2_000])
            if not found:
                return n
            out.writerows(found)
            n, last = n + len(found), found[-1][0]


def _forget_peak() -> float:
    """Begin the process's peak anew; what it holds now, in MB."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS:")


def _peak() -> float:
    return _memory("VmHWM:")


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))
