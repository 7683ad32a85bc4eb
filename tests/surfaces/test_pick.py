"""Every resource can be picked by typing, also one that is called after what it refers to."""

from __future__ import annotations

import pytest

from kontor.context import Context
from kontor.documents import gate
from kontor.resources import registry
from kontor.resources.spec import Spec
from kontor.web.pages.pick import found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("spec", registry.specs(), ids=lambda s: s.name)
@pytest.mark.parametrize("word", ["", "a", "1", "大", "2026-11-22", "a-1 % _ ' 大"])
def test_any_resource_takes_any_word(ctx: Context, spec: Spec, word: str) -> None:
    for row in found(ctx, spec, word, {}):
        assert row["id"] and isinstance(row["label"], str)


def test_stock_is_called_after_its_product(ctx: Context) -> None:
    gate.create(ctx, "catalog.product", {"code": "ZZ-91", "name": "聯軸器"})
    lines = [{"product": "ZZ-91", "quantity": "4", "unit_cost": "60"}]
    opening = gate.create(ctx, "inventory.adjustment", {"kind": "opening", "lines": lines})
    gate.perform(ctx, "inventory.adjustment", opening.pk, "post", {})
    rows = found(ctx, registry.spec("inventory.balance"), "ZZ-91", {})
    assert [row["name"] for row in rows] == ["聯軸器"]
