"""A declaration that cannot be is refused at start, with the place and the names there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kontor.resources import registry
from kontor.resources.checking import check
from kontor.resources.declaration import Resource
from kontor.resources.faults import WrongDeclaration


class Order(Resource):
    """Stands for the class that says it."""

    columns = "number due_onn"
    phone = "number customer total state ordered_on"


@pytest.mark.parametrize(
    ("changed", "line", "said"),
    [
        ({"columns": ("number", "due_onn")}, 19, "sales.order: columns names 'due_onn'; known are"),
        (
            {"phone": ("number", "customer", "total", "state", "ordered_on")},
            20,
            "sales.order: phone names 5 fields, and a phone has 4 places: name, amount, facts, state; "
            "leave out some of number, customer, total, state, ordered_on",
        ),
    ],
)
def test_it_names_file_line_and_what_there_is(changed: dict[str, Any], line: int, said: str) -> None:
    spec = replace(registry.spec("sales.order"), **changed)
    with pytest.raises(WrongDeclaration) as refused:
        check(spec, Order)
    assert str(refused.value).startswith(f"tests/kernel/test_declarations.py, line {line}: ")
    assert said in str(refused.value)


def test_what_is_declared_passes() -> None:
    for declared in registry.declarations():
        name = declared.name or f"{declared.model._meta.app_label}.{declared.model._meta.model_name}"
        check(registry.spec(name), declared)
