"""Hundreds of hostile inputs at every kind of address: a clear refusal, nothing written, never a fault.

``KONTOR_HOSTILE_SEED`` takes another seed; the long run over a real server is ``python -m tests.hostile``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from kontor.api.limits import forget
from tenants.models import Tenant
from tests.hostile.calling import Inside
from tests.hostile.doors import patterns
from tests.hostile.run import shoot
from tests.hostile.world import World, fill

SEED = int(os.environ.get("KONTOR_HOSTILE_SEED", "7"))
INPUTS = int(os.environ.get("KONTOR_HOSTILE_INPUTS", "300"))  # each way


@pytest.fixture
def world(company: Any, settings: Any, tmp_path: Path) -> Iterator[World]:
    """Alpha with something of everything in it."""
    settings.FILES = tmp_path
    cache.clear()
    forget()
    connection.set_schema_to_public()
    connection.set_tenant(Tenant.objects.get(name="beta"))
    theirs = World("beta.localhost")
    theirs.look()
    connection.set_schema_to_public()
    connection.set_tenant(company)
    yield fill(World("alpha.localhost", foreign=theirs.every_id))
    cache.clear()


@pytest.mark.parametrize("way", ["api", "pages"])
def test_what_nobody_should_send(world: World, way: str) -> None:
    run = shoot(
        world, Inside(world), seed=SEED, numbers=iter(range(INPUTS)), wanted=lambda door: door.is_api is (way == "api")
    )
    print(run)
    assert run.found == [], str(run)
    assert run.shots == INPUTS and run.statuses[200] > INPUTS // 20  # it reaches what it should try
    kinds = {route for route, _pattern in patterns() if route.startswith("api/") is (way == "api")}
    assert len({d.partition(" ")[0] for d in run.doors}) > len(kinds) * 0.9
