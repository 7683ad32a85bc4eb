"""Two calls for the same name at once: one company, and a sentence for the other."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from kontor.errors import Invalid, Refused
from tenants.models import Tenant
from tenants.provisioning import create_tenant, drop_tenant


def test_one_name_is_given_once(transactional_db: Any) -> None:
    name, together = f"race-{os.urandom(3).hex()}", Barrier(4)

    def make(_: int) -> str:
        try:
            together.wait(30)
            create_tenant(name, title="Race", country="us", language="en", zone="UTC")
        except Refused as refused:
            return refused.code
        finally:
            connection.close()
        return "made"

    try:
        with ThreadPoolExecutor(4) as threads:
            told = sorted(threads.map(make, range(4)))
        assert told == ["already_exists"] * 3 + ["made"]
    finally:
        drop_tenant(Tenant.objects.get(name=name))


@pytest.mark.parametrize("name", ["www", "api", "admin"])
def test_names_of_our_own_are_kept(db: Any, name: str) -> None:
    with pytest.raises(Invalid) as told:
        create_tenant(name, title="Ours", country="us", language="en", zone="UTC")
    assert [error.detail for error in told.value.errors] == [
        f"“{name}” is kept for Kontor itself; choose another name."
    ]
