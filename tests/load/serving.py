"""The product's own web server on a bench's database, two processes of it, and what they cost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from infra.embedded.processes import Identity, wait_until
from infra.embedded.programs import Web
from infra.embedded.state import State
from tests.load.measuring import TICK

WORKERS = 2


class Beside(Web):
    """The product as it is served, with the bare view beside it."""

    _leader = 0

    def command(self) -> list[str]:
        return [*super().command()[:-1], "tests.load.application:application"]

    def start(self) -> subprocess.Popen[bytes]:
        process = super().start()
        self._leader = process.pid
        return process

    def cpu(self) -> float:
        """CPU seconds that the server's processes and their connections in PostgreSQL have used so far."""
        return sum(map(_cpu, [*self._workers(), *_backends()]))

    def memory(self) -> float:
        """MB that the server's processes hold resident, all together."""
        return sum(_resident(pid) for pid in self._workers())

    def _workers(self) -> list[int]:
        known = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
        return [pid for pid in known if _session(pid) == self._leader]


@contextmanager
def served() -> Iterator[Beside]:
    """Run it on the database that Django has open, on a port of its own; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as place:
        environ = {**os.environ, "DATABASE_URL": _url(), "KONTOR_WEB_WORKERS": str(WORKERS)}
        state = State(Path(place))
        server = Beside(state, environ, host="127.0.0.1", port=state.port("web"))
        process = server.start()
        identity = Identity.of(process.pid)
        try:
            if not wait_until(lambda: process.poll() is not None or server.ready(), 60) or process.poll() is not None:
                raise RuntimeError(f"the server did not start:\n{(state.log / 'web.log').read_text()[-2000:]}")
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            if identity is not None:
                identity.kill_group()
            process.wait(5)


def _url() -> str:
    from django.db import connection

    s = connection.settings_dict
    who = quote(s["USER"], safe="") + (f":{quote(s['PASSWORD'], safe='')}" if s["PASSWORD"] else "")
    return f"postgresql://{who}@{s['HOST']}:{s['PORT'] or 5432}/{s['NAME']}"


def _backends() -> list[int]:
    """The other connections to this database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _session(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[3]) if fields else 0


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICK if fields else 0.0


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
