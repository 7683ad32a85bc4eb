"""What a bench says: medians of several runs, each beside a limit that was measured in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TICK = 100  # of /proc, a second


@dataclass(frozen=True, slots=True)
class Measure:
    """One number: the median of ``runs``, the worst of them, and what it stands beside."""

    part: str
    what: str
    value: float
    unit: str
    worst: float | None = None
    limit: float | None = None  # the same work done barely, in the same run and unit
    limit_is: str = ""
    aim: str = ""
    runs: int = 1

    def as_json(self) -> dict[str, Any]:
        """As the bench's JSON shows it."""
        return {name: round(v, 3) if isinstance(v, float) else v for name, v in asdict(self).items()}


def clock(deed: Callable[[int], Any], times: int, *, warm: int = 1) -> list[float]:
    """Milliseconds of each call, after ``warm`` calls that do not count."""
    for i in range(warm):
        deed(i)
    took = []
    for i in range(warm, warm + times):
        begun = time.perf_counter()
        deed(i)
        took.append((time.perf_counter() - begun) * 1000)
    return took


def median(took: list[float]) -> float:
    """The middle one."""
    return statistics.median(took)


def p95(took: list[float]) -> float:
    """The value that 95 of 100 stay below."""
    return sorted(took)[min(len(took) - 1, int(len(took) * 0.95))]


@contextmanager
def company(name: str, country: str = "tw") -> Iterator[Any]:
    """A company for the time of a bench, dropped afterwards, also one that an earlier run left."""
    from django.db import connection

    from tenants.company import found_company
    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant

    for old in Tenant.objects.filter(name=name):
        drop_tenant(old)
    founded = found_company(name, title=name.title(), country=country)
    try:
        yield founded
    finally:
        connection.set_schema_to_public()
        drop_tenant(founded.tenant)


def analyze(tenant: Any, *tables: str) -> None:
    """What autovacuum would find out soon after a filling: statistics and which pages are all visible."""
    from django.db import connection

    connection.set_schema_to_public()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'VACUUM ANALYZE "{tenant.schema_name}"."{table}"')


def backend_cpu() -> float:
    """CPU seconds that this connection's PostgreSQL process has used; 0 where it is not on this machine."""
    parts = _proc("stat").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICK if parts else 0.0


def backend_memory() -> float:
    """MB of memory that are this connection's PostgreSQL process's own; 0 where it is not on this machine."""
    for line in _proc("status").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _proc(name: str) -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
