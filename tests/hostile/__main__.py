"""``python -m tests.hostile [--inputs N] [--seed S] [--only NUMBER]``: the long run over a real server.

Works on the database of DATABASE_URL in two companies of its own, which it drops, and starts the web server that
the product starts. Background work is done in between, so that what was sent to it is tried too. What is found
goes to standard output; 1 where there is anything.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

from infra.embedded.programs import Web
from infra.embedded.state import State

EVERY = 100  # shots between two looks at what there is


def main(inputs: int, seed: int, only: int | None) -> int:
    """Found the companies, start the server, shoot, tell, drop."""
    django.setup()
    import kontor.celery  # noqa: F401 - jobs go to no broker but ours
    from tenants.provisioning import in_tenant, prepare_database
    from tests.hostile.calling import Wire
    from tests.hostile.run import Run, shoot
    from tests.hostile.world import World, enter, fill

    prepare_database(_say)
    with _company("hostile-victim", "cn") as victim, _company("hostile", "tw") as mine, _server() as address:
        with in_tenant(victim.name):
            theirs = World(f"{victim.name}.localhost")
            theirs.look()
        with in_tenant(mine.name):
            world = fill(World(f"{mine.name}.localhost", foreign=theirs.every_id))
        total = Run(seed)
        numbers = range(inputs) if only is None else range(only, only + 1)
        with contextlib.suppress(KeyboardInterrupt):  # what was found so far is told
            for begin in range(numbers.start, numbers.stop, EVERY):
                with in_tenant(mine.name):
                    enter(world)
                    world.look()
                part = iter(range(begin, min(begin + EVERY, numbers.stop)))
                total += shoot(world, Wire(world, address), seed=seed, numbers=part, scope=lambda: in_tenant(mine.name))
                total.jobs += _work_off(mine)
                _say(f"{total.shots} of {len(numbers)}: {len(total.found)} found, load {os.getloadavg()[0]:.1f}")
    print(total)
    return 1 if total.found or total.jobs else 0


def _work_off(tenant: Any) -> list[str]:
    """Do what waits in the background; the faults of jobs, refusals apart."""
    from kontor.jobs import running
    from kontor.jobs.models import Job
    from tenants.provisioning import in_tenant

    with in_tenant(tenant.name):
        waiting = list(Job.objects.filter(state__in=("waiting", "running")).values_list("pk", flat=True))
    for pk in waiting:
        running.run(tenant, pk)
    with in_tenant(tenant.name):
        told = Job.objects.filter(pk__in=waiting).exclude(error="").values_list("kind", "error")
        return [f"job {kind}: {error}" for kind, error in told if not error.startswith(("Refused", "Invalid", "Not"))]


@contextlib.contextmanager
def _company(name: str, country: str) -> Iterator[Any]:
    from tenants.company import found_company
    from tenants.models import Tenant
    from tenants.provisioning import drop_tenant

    for left in Tenant.objects.filter(name=name):
        drop_tenant(left)
    tenant = found_company(name, title=name.title(), country=country, language="en").tenant
    try:
        yield tenant
    finally:
        drop_tenant(tenant)


@contextlib.contextmanager
def _server() -> Iterator[str]:
    """The web server that ``./kontor`` starts, on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    state = State(Path(os.environ.get("KONTOR_STATE", ".kontor")))
    command = [sys.executable, *Web(state, os.environ, host="127.0.0.1", port=port).command()]
    process = subprocess.Popen(command)
    try:
        for _try in range(120):
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.suppress(OSError, http.client.HTTPException):
                link.request("GET", "/", headers={"Host": "localhost"})
                link.getresponse()
                break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, default=None, help="the number of one shot")
    given = parser.parse_args()
    sys.exit(main(given.inputs, given.seed, given.only))
