"""What the grid asks while somebody types grows with the lines, not with their square.

Counted are the calls of functions, which no busy machine changes.
"""

from __future__ import annotations

import cProfile
import pstats
from dataclasses import replace
from typing import Any

import pytest

from kontor.context import Context, acting
from kontor.documents import gate
from kontor.resources import registry
from kontor.web.record.calc import calculate
from suite.sales.models import OrderLine


def _calls(ctx: Context, customer: Any, product: Any, lines: int) -> int:
    held = [{"product": str(product.pk), "quantity": "2"} for _n in range(lines)]
    order = gate.create(ctx, "sales.order", {"customer": str(customer.pk), "lines": held})
    ids = OrderLine.objects.filter(document=order).order_by("position").values_list("pk", flat=True)
    rows = [{"id": str(pk), **row} for pk, row in zip(ids, held, strict=True)]
    rows[lines // 2] = {**rows[lines // 2], "quantity": "3"}
    profile = cProfile.Profile()
    trial = replace(ctx, cache={}, effects={})
    with acting(trial):
        profile.enable()
        told = calculate(trial, registry.spec("sales.order"), {"lines": rows}, order.pk, ["total"])
        profile.disable()
    assert told["ok"] and len(told["lines"]["lines"]) == lines
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.requirement("S2")
def test_the_draft_grows_with_its_lines(ctx: Context, customer: Any, product: Any) -> None:
    _calls(ctx, customer, product, 2)  # what is read once a process
    few, many = _calls(ctx, customer, product, 40), _calls(ctx, customer, product, 240)
    assert many < 3.6 * few, (few, many)  # 3.0; with every line compared to every other 4.7
