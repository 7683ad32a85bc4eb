"""A company with goods, served; a clerk in front of the browser who hears every complaint of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.clerk import Clerk
from tests.web.conftest import Site, chromium, site

__all__ = ["chromium", "site"]

OFFER = ("德昇包裝機械", "DS")


@pytest.fixture(scope="module")
def goods(site: Site, django_db_blocker: Any) -> Site:
    """One customer on thirty days, a product at 4,850 with five hundred in stock, a bank account."""
    from kontor.documents import gate
    from tenants.provisioning import in_tenant
    from tests.conftest import context_of

    with django_db_blocker.unblock(), in_tenant(site.name):
        ctx = context_of("admin")
        gate.create(ctx, "parties.customer", {"name": OFFER[0], "code": OFFER[1], "credit_limit": "50000000"})
        gate.create(ctx, "catalog.product", {"code": "LG-20H", "name": "線性滑軌組", "list_price": "4850"})
        lines = [{"product": "LG-20H", "quantity": "500", "unit_cost": "3100"}]
        opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
        gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    return site


@pytest.fixture
def clerk(chromium: Any, goods: Site) -> Iterator[Callable[..., Clerk]]:
    """``clerk("zh-hant", 375)`` → signed in, at a desk or with a phone; any complaint of the page fails the test."""
    made: list[Clerk] = []

    def come(language: str, width: int, name: str) -> Clerk:
        made.append(Clerk(chromium, goods, language, width, name))
        return made[-1]

    yield come
    complaints = [c for one in made for c in one.complaints]
    for one in made:
        one.page.context.close()
    assert complaints == []
