"""Much at once: parties through the gate, customers from a file, a long list into a file."""

from __future__ import annotations

import csv
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.load.measuring import Measure, clock, company, median

COMPANY = "bench-exchange"
BATCH = 1_000


def measures(scale: str) -> Iterator[Measure]:
    """Create in bulk beside bare inserts; import; import the same again; export."""
    with company(COMPANY) as founded:
        yield _bulk(founded.tenant)
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            yield from _import(founded.tenant, folder, 100_000 if scale == "full" else 5_000)
            yield from _export(founded.tenant, folder, 1_000_000 if scale == "full" else 50_000)


@contextmanager
def _acting(tenant: Any) -> Iterator[Any]:
    from kontor.database.tenancy import tenant_scope
    from kontor.identity.api import system_context

    with tenant_scope(tenant):
        yield replace(system_context("bench"), source="import")


def _bulk(tenant: Any) -> Measure:
    from kontor.documents import gate
    from kontor.values.columns import new_id
    from suite.parties.models import Customer, Party

    def ours(i: int) -> None:
        rows = [{"name": f"Party {i}-{n}", "phone": "02 2712 0000", "email": f"p{n}@example.com"} for n in range(BATCH)]
        with _acting(tenant) as ctx:
            gate.create_many(ctx, "parties.customer", rows)

    def bare(i: int) -> None:
        with _acting(tenant):
            parties = [Party(id=new_id(), name=f"Bare {i}-{n}", phone="02 2712 0000") for n in range(BATCH)]
            Party.objects.bulk_create(parties)
            Customer.objects.bulk_create(
                Customer(id=p.pk, party=p, code=f"BARE-{i}-{n}") for n, p in enumerate(parties)
            )

    took, limit = clock(ours, 5), clock(bare, 5)
    return Measure(
        "exchange", "parties created in bulk, with number, search, audit and event", BATCH / median(took) * 1000, "/s",
        BATCH / max(took) * 1000, BATCH / median(limit) * 1000, "Django's bulk_create of the two rows alone",
        aim="≥ 5,000/s", runs=5,
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
    from tests.load.reading import fill

    fill(tenant, rows, None)
    from kontor.resources import registry
    from kontor.surfaces.exchange.exporting import export
    from kontor.surfaces.query import Ask

    spec = registry.spec("parties.customer")
    for kind in ("csv", "xlsx"):
        before, begun = _peak(), time.perf_counter()
        with _acting(tenant) as ctx:
            done = export(ctx, spec, Ask(), folder / f"out.{kind}")
        took = time.perf_counter() - begun
        assert done >= rows
        yield Measure("exchange", f"export of {done:,} customers to {kind}", done / took, "rows/s")
        yield Measure("exchange", f"  memory that it added at its peak ({kind})", _peak() - before, "MB", aim="flat")


def _peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
